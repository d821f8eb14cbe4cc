import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { connectConsole } from '../adapters/console/connect.ts'
import { personaError } from './core/errors.ts'
import { externalId, newUuid, type PersonaId } from './core/ids.ts'
import type { ModelInfo } from './core/model.ts'
import { nearest } from './core/nearest.ts'
import type { Persona } from './core/persona.ts'
import type { PoolEvent } from './model/pool.ts'
import { createProgressLine } from './model/weights-progress.ts'
import { openModels } from './models.ts'
import { createObserver } from './observer.ts'
import type { Config } from './ops/config.ts'
import { makeDataFolder } from './ops/data-folder.ts'
import { type Health, serveHealth } from './ops/health.ts'
import { type Log, openLog } from './ops/log.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import { createResourceStack } from './ops/shutdown.ts'
import { createStatusLine } from './ops/status-line.ts'
import { shownPath } from './persona/place.ts'
import { type PersonaProblem, problemText } from './persona/problem.ts'
import { readPersonas } from './persona/read.ts'
import { takeSeat } from './seat.ts'
import { openStorage } from './storage.ts'
import { startEngine } from './turn/engine.ts'

/** The ends of a terminal, or of pipes. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
  readonly errors: Writable & { readonly isTTY?: boolean }
  readonly personName: string
  readonly colour: boolean
  /** The person leaves by a key or a word, of which the process hears no signal. */
  readonly onLeave: () => void
}

const waitingReportMs = 5_000

/**
 * Builds everything, lets one persona talk in the terminal until the person leaves or the signal comes,
 * and takes it all down in reverse. Throws `HearthError` when something that is needed is wrong or missing.
 */
export async function runInTerminal(
  config: Config,
  persona: PersonaId,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const isTTY = terminal.input.isTTY === true && terminal.output.isTTY === true && process.env.TERM !== 'dumb'
  const status = createStatusLine(terminal.errors)
  // Before anything is written: a wrong name or file leaves no trace.
  const { personas, problems } = await readPersonas(config.personas, signal)
  const speaker = choosePersona(persona, personas, problems, config.personas)
  makeDataFolder(config.data)
  const log = openLog({ level: config.log.level, file: join(config.data, 'hearth.log') })
  await using resources = createResourceStack({
    // The engine takes up to 4 s for the replies that are being shown.
    disposeOneMs: 5_000,
    onProblem: (name, error) => log.error('a part did not end well', error, { part: name }),
  })
  resources.use('log', log)
  const metrics = createMetrics()
  for (const problem of problems) log.warn('a persona cannot be used', { problem: problemText(problem) })
  const health = resources.use('health', await openHealth(config, metrics, log, signal))
  const observer = createObserver(log, metrics, health)

  status.show('Opening the database …')
  const storage = resources.use('storage', await openStorage(config, signal).finally(status.clear))
  health.report('store', { ok: true })
  const seat = resources.use('seat', await takeSeat(storage.database, config.data, speaker))
  status.show('Looking for a model …')
  const progress = createProgressLine(terminal.errors)
  const models = resources.use(
    'models',
    await openModels(config, { observe, onProgress: progress.show }, signal).finally(() => {
      progress.finish()
      status.clear()
    }),
  )
  function observe(event: PoolEvent): void {
    observer.pool(event)
    const well = models.status().hosts.some((host) => host.well)
    health.report('model', well ? { ok: true } : { ok: false, reason: 'no model host answers' })
  }
  const model = await models.generator.info(speaker.model.name, signal)
  health.report('model', { ok: true })

  const reporting = setInterval(() => metrics.waiting(models.status().waiting), waitingReportMs)
  resources.use('reporting', { [Symbol.dispose]: () => clearInterval(reporting) })
  const room = { externalId: externalId(speaker.id), kind: 'direct' } as const
  const adapter = resources.use(
    'console',
    connectConsole({
      account: seat.account,
      person: seat.person,
      personaName: speaker.name,
      personName: terminal.personName,
      room: room.externalId,
      input: terminal.input,
      output: terminal.output,
      errors: terminal.errors,
      isTTY,
      colour: terminal.colour && isTTY,
      journalFile: join(config.data, 'console', `${speaker.id}.shown`),
      onLeave: terminal.onLeave,
    }),
  )
  seat.contested.addEventListener('abort', () => {
    const text = `The database was away for a while. If ${speaker.name} talks in another terminal of yours since then, replies may appear there.`
    const key = { id: `seat.${newUuid()}`, firstTriedAt: new Date() }
    log.warn('the place at the terminal was lost with its connection, and is not free again')
    adapter.send(room, { text, kind: 'notice', final: true }, key, signal).catch(() => undefined)
  })
  const engine = resources.use(
    'engine',
    startEngine({
      store: storage.store,
      generator: models.generator,
      // The speaker alone: what was said to another persona waits until that one has the terminal.
      personas: new Map([[speaker.id, speaker]]),
      observer,
      settleMs: config.turns.settleMs,
      leaseMs: config.turns.leaseMs,
    }),
  )
  terminal.errors.write(`${introduction(speaker, model)}\n`)
  log.info('started', { model: model.name, persona: speaker.id, store: storage.database.kind })
  health.report('accounts', { ok: true })
  await engine.serve(adapter, speaker.id, { oneByOne: !isTTY }, signal)
}

/**
 * A persona whose files are wrong is left out; the others speak.
 * Throws `HearthError`: `no-personas`, `persona-invalid` or `no-such-persona`.
 */
function choosePersona(
  id: PersonaId,
  personas: readonly Persona[],
  problems: readonly PersonaProblem[],
  folder: string,
): Persona {
  const found = personas.find((persona) => persona.id === id)
  if (found !== undefined) return found
  const mend = 'Then see whether all is well with: npx hearth persona check'
  if (personas.length === 0) {
    throw personaError(problemList('No persona can be used:', problems), { code: 'no-personas', mend })
  }
  const own = join(shownPath(folder), id)
  const itsProblems = problems.filter(({ file }) => file === own || dirname(file) === own)
  if (itsProblems.length > 0) {
    throw personaError(problemList(`The persona ${id} cannot be used:`, itsProblems), {
      code: 'persona-invalid',
      mend,
    })
  }
  const names = personas.map((persona) => persona.id)
  const meant = nearest(id, names)
  throw personaError(`There is no persona ${id}.`, {
    code: 'no-such-persona',
    mend: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are: ${names.join(', ')}.`,
  })
}

function problemList(title: string, problems: readonly PersonaProblem[]): string {
  return [title, ...problems.map((problem) => `${problemText(problem)}. ${problem.mend}`)].join('\n')
}

/** Metrics are a convenience: a port that is taken is no reason not to talk. */
async function openHealth(config: Config, metrics: Metrics, log: Log, signal: AbortSignal): Promise<Health> {
  const health = await serveHealth({ ...config.ops, renderMetrics: metrics.render }, signal)
  if (health.listening) log.info('metrics and health are served', { url: health.url })
  else log.warn('metrics and health are not served', { reason: health.reason })
  return health
}

function introduction(persona: Persona, model: ModelInfo): string {
  const voice = `${persona.name} speaks through ${model.name}, ${model.pocket ? 'a pocket model in this process' : `at ${model.where}`}.`
  const advice = model.pocket
    ? ' It is very small, and only good for trying things out: for real conversations, install Ollama and pull a chat model.'
    : ''
  return `${voice}${advice}\n${persona.name} is an AI. ${whereWordsGo(model)}`
}

const thisMachine = /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/

/** The database, wherever it is, gets only what is sealed. */
function whereWordsGo({ pocket, where }: ModelInfo): string {
  const here = pocket || where.split(', ').every((host) => thisMachine.test(host))
  return here
    ? 'Nothing that you say leaves this machine.'
    : `What you say goes to ${where}, and nowhere else.`
}
