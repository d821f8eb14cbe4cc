import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { connectConsole } from '../adapters/console/connect.ts'
import { createAccountKeeper } from './accounts.ts'
import { choosePersona } from './choose-persona.ts'
import { externalId, newUuid, type PersonaId } from './core/ids.ts'
import type { ModelInfo } from './core/model.ts'
import type { Persona } from './core/persona.ts'
import { openHouse } from './house.ts'
import { operatorsOf } from './operators.ts'
import type { Config } from './ops/config.ts'
import { takeSeat } from './seat.ts'
import { serveAll } from './serve-all.ts'

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
  await using house = await openHouse(
    config,
    (personas, problems) => choosePersona(persona, personas, problems, config.personas),
    terminal.errors,
    signal,
  )
  const { log, health, storage, models, resources, chosen: speaker } = house
  const seat = resources.use('seat', await takeSeat(storage.database, config.data, speaker))
  const model = await models.generator.info(speaker.model.name, signal)
  health.report('model', { ok: true })
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
      filesFolder: process.cwd(),
      onLeave: terminal.onLeave,
    }),
  )
  seat.contested.addEventListener('abort', () => {
    const text = `The database was away for a while. If ${speaker.name} talks in another terminal of yours since then, replies may appear there.`
    const key = { id: `seat.${newUuid()}`, firstTriedAt: new Date() }
    log.warn('the place at the terminal was lost with its connection, and is not free again')
    adapter.send(room, { text, kind: 'notice', final: true }, key, signal).catch(() => undefined)
  })
  // The speaker alone: what was said to another persona waits until that one has the terminal.
  const engine = house.startEngine([speaker], model)
  terminal.errors.write(`${introduction(speaker, model, models.without)}\n`)
  if (models.toFetch !== undefined) terminal.errors.write(`${models.toFetch}\n`)
  log.info('started', { model: model.name, persona: speaker.id, store: storage.database.kind })
  health.report('accounts', { ok: true })
  await engine.serve(adapter, speaker.id, { oneByOne: !isTTY }, signal)
}

/** Serves every account that is configured, until the signal comes. Throws as `runInTerminal` does. */
export async function runAccounts(
  config: Config,
  { output, errors }: Pick<Terminal, 'output' | 'errors'>,
  signal: AbortSignal,
): Promise<void> {
  const { matrix, discord } = config
  await using house = await openHouse(
    config,
    (personas, problems) => {
      const choose = (id: PersonaId) => choosePersona(id, personas, problems, config.personas)
      return {
        matrix: (matrix?.accounts ?? []).map((account) => ({ ...account, persona: choose(account.persona) })),
        discord: (discord?.accounts ?? []).map((account) => ({
          ...account,
          persona: choose(account.persona),
          guests: account.guests.map(choose),
        })),
      }
    },
    errors,
    signal,
  )
  const { chosen } = house
  const model = await house.models.generator.info(undefined, signal)
  house.health.report('model', { ok: true })
  const say = (line: string) => void output.write(`${line}\n`)
  if (house.models.toFetch !== undefined) errors.write(`${house.models.toFetch}\n`)
  const speakers = new Set([
    ...[...chosen.matrix, ...chosen.discord].map(({ persona }) => persona),
    ...chosen.discord.flatMap(({ guests }) => guests),
  ])
  const engine = house.startEngine([...speakers], model, await operatorsOf(config))
  const keeper = createAccountKeeper(house, say)
  // Each is loaded only where there are accounts: it takes a moment, for which a terminal should not wait.
  const platforms = [
    matrix && {
      name: 'Matrix',
      async serve(life: AbortSignal) {
        const { serveMatrix } = await import('./matrix.ts')
        await serveMatrix(house, engine, keeper, matrix, chosen.matrix, say, model, life)
      },
    },
    discord && {
      name: 'Discord',
      async serve(life: AbortSignal) {
        const { serveDiscord } = await import('./discord.ts')
        await serveDiscord(house, engine, keeper, discord, chosen.discord, say, model, life)
      },
    },
  ]
  await serveAll(
    platforms.filter((platform) => platform !== undefined),
    keeper.refuse,
    signal,
  )
}

/** `without`: why it is the pocket model. */
export function introduction(persona: Persona, model: ModelInfo, without: readonly string[]): string {
  const voice = `${persona.name} speaks through ${model.name}, ${model.pocket ? 'a pocket model in this process' : `at ${model.where}`}.`
  const advice = model.pocket
    ? ` It is very small, and only good for trying things out: for real conversations, install Ollama and pull a chat model${without.length === 0 ? '' : ` (${without.join(', ')})`}.`
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
