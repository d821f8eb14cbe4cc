import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { startBackups } from './backup/schedule.ts'
import type { PersonaId } from './core/ids.ts'
import type { ModelInfo } from './core/model.ts'
import type { Persona } from './core/persona.ts'
import { startJobs } from './jobs/start-jobs.ts'
import { createRecall } from './memory/recall.ts'
import type { PoolEvent } from './model/pool.ts'
import { createProgressLine } from './model/weights-progress.ts'
import { type Models, openModels } from './models.ts'
import { createObserver } from './observer.ts'
import type { IsOperator } from './operators.ts'
import type { Config } from './ops/config.ts'
import { makeDataFolder } from './ops/data-folder.ts'
import { type Health, serveHealth } from './ops/health.ts'
import { type Log, openLog } from './ops/log.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import { createResourceStack, type ResourceStack } from './ops/shutdown.ts'
import { createStatusLine } from './ops/status-line.ts'
import { pairedPeople } from './paired-people.ts'
import { type PersonaProblem, problemText } from './persona/problem.ts'
import { readPersonas } from './persona/read.ts'
import { keepPersonasFresh } from './persona-news.ts'
import { openStorage, type Storage } from './storage.ts'
import { type Engine, startEngine } from './turn/engine.ts'

/** Everything that a platform needs behind it. Disposing of it takes all of it down, in reverse. */
export interface House extends AsyncDisposable {
  readonly log: Log
  readonly metrics: Metrics
  readonly health: Health
  readonly storage: Storage
  readonly models: Models
  /** Takes charge of what is built on top, to be ended before the rest. */
  readonly resources: ResourceStack
  /** With what is remembered in the background. `model`: the one that speaks by default. */
  startEngine(personas: readonly Persona[], model: ModelInfo, isOperator?: IsOperator): Engine
}

const waitingReportMs = 5_000
/** What is kept ready of all that people have said: some 200,000 messages. */
const recallBytes = 192 * 1024 * 1024

/**
 * Opens log, health, database and models. `choose` sees the personas before anything is written: what it
 * throws leaves no trace. Throws `HearthError` when something that is needed is wrong or missing.
 */
export async function openHouse<Chosen>(
  config: Config,
  choose: (personas: readonly Persona[], problems: readonly PersonaProblem[]) => Chosen,
  errors: Writable & { readonly isTTY?: boolean },
  signal: AbortSignal,
): Promise<House & { readonly chosen: Chosen }> {
  const status = createStatusLine(errors)
  const { personas, problems } = await readPersonas(config.personas, signal)
  const chosen = choose(personas, problems)
  makeDataFolder(config.data)
  const log = openLog({ level: config.log.level, file: join(config.data, 'hearth.log') })
  const resources = createResourceStack({
    // The engine takes up to 4 s for the replies that are being shown.
    disposeOneMs: 5_000,
    onProblem: (name, error) => log.error('a part did not end well', error, { part: name }),
  })
  try {
    resources.use('log', log)
    const metrics = createMetrics()
    for (const problem of problems) log.warn('a persona cannot be used', { problem: problemText(problem) })
    const health = resources.use('health', await openHealth(config, metrics, log, signal))
    const observer = createObserver(log, metrics, health)
    status.show('Opening the database …')
    const storage = resources.use('storage', await openStorage(config, signal).finally(status.clear))
    health.report('store', { ok: true })
    if (config.backup !== undefined)
      resources.use('backups', startBackups(config.backup, { ...storage, log, now: () => new Date() }))
    status.show('Looking for a model …')
    const progress = createProgressLine(errors)
    const observe = (event: PoolEvent): void => {
      observer.pool(event)
      const well = models.status().hosts.some((host) => host.well)
      health.report('model', well ? { ok: true } : { ok: false, reason: 'no model host answers' })
    }
    const models = resources.use(
      'models',
      await openModels(config, { observe, onProgress: progress.show }, signal).finally(() => {
        progress.finish()
        status.clear()
      }),
    )
    if (models.toFetch !== undefined) log.info('an embedding model will be fetched')
    const reporting = setInterval(() => metrics.waiting(models.status().waiting), waitingReportMs)
    resources.use('reporting', { [Symbol.dispose]: () => clearInterval(reporting) })
    return {
      log,
      metrics,
      health,
      storage,
      models,
      resources,
      chosen,
      startEngine(speakers, model, isOperator) {
        const personas = new Map<PersonaId, Persona>(speakers.map((persona) => [persona.id, persona]))
        resources.use('personas', keepPersonasFresh(config.personas, personas, log))
        const { store } = storage
        const { generator, embedder } = models
        const recall = createRecall(
          { memories: store.memories, vectors: store.vectors, embedder, onTrouble: observer.recallFailed },
          { precision: config.memory.vectors, keptBytes: recallBytes },
        )
        const engine = startEngine({
          store: { ...store, people: pairedPeople(store.people, store.records, config) },
          generator,
          recall,
          embedder,
          personas,
          observer,
          isOperator,
          settleMs: config.turns.settleMs,
          leaseMs: config.turns.leaseMs,
          timeZone: config.timeZone,
          personaTurnsMost: config.turns.personaTurnsMost,
        })
        // What a pocket model makes of what it reads is not worth keeping.
        if (!model.pocket)
          resources.use(
            'jobs',
            startJobs({
              tasks: store.tasks,
              generator,
              recall,
              personas,
              // Of another length than theirs the server would load the model anew.
              get contextTokens() {
                return Math.max(...[...personas.values()].map(({ budget }) => budget.contextTokens))
              },
              restMs: config.memory.restSeconds * 1000,
              now: () => new Date(),
              followUps: { book: store.book, timeZone: config.timeZone },
              observe: observer.job,
            }),
          )
        return resources.use('engine', engine)
      },
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    }
  } catch (error) {
    await resources[Symbol.asyncDispose]()
    throw error
  }
}

/** Metrics are a convenience: a port that is taken is no reason not to talk. */
async function openHealth(config: Config, metrics: Metrics, log: Log, signal: AbortSignal): Promise<Health> {
  const health = await serveHealth({ ...config.ops, renderMetrics: metrics.render }, signal)
  if (health.listening) log.info('metrics and health are served', { url: health.url })
  else log.warn('metrics and health are not served', { reason: health.reason })
  return health
}
