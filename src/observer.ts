import { HearthError } from './core/errors.ts'
import type { Observer } from './core/observer.ts'
import type { JobEvent } from './jobs/tools.ts'
import type { PoolEvent } from './model/pool.ts'
import type { Health } from './ops/health.ts'
import type { Log } from './ops/log.ts'
import type { Metrics } from './ops/metrics.ts'

/** What the engine and the pool tell, as log lines, metrics and health. */
export function createObserver(
  log: Log,
  metrics: Metrics,
  health: Pick<Health, 'report'>,
): Observer & { pool(event: PoolEvent): void; job(event: JobEvent): void } {
  let storeAnswers = true
  return {
    accepted(platform) {
      metrics.accepted(platform)
      log.debug('message accepted', { platform })
    },
    delivered: (platform, result) => metrics.delivered(platform, result),
    stageTook: (stage, ms) => metrics.stageTook(stage, ms),
    closed(turn, outcome, tokens) {
      metrics.closed(outcome, tokens)
      log.info('turn closed', { turn: turn.id, outcome, swipe: turn.swipe, attempt: turn.attempt })
    },
    failed(turn, error, next) {
      log.error('turn failed', error, { turn: turn.id, next, failures: turn.failures })
    },
    askedStore(trouble) {
      const answers = trouble === undefined
      if (answers === storeAnswers) return
      // A change alone is worth a line: while a database is away it is asked every second.
      storeAnswers = answers
      if (answers) log.info('the store is back')
      else log.error('the store does not answer', trouble)
      health.report(
        'store',
        answers
          ? { ok: true }
          : { ok: false, reason: trouble instanceof HearthError ? trouble.message : 'it failed' },
      )
    },
    erased({ id, messages, replies, images, voices, facts, episodes, summaries }) {
      const counts = { images, voices, facts, episodes, summaries }
      log.info('a person was erased', { certificate: id, said: messages, answers: replies, ...counts })
    },
    recallFailed(error) {
      metrics.recallFailed(error instanceof HearthError ? error.code : 'unknown')
      log.warn('a reply is made with fewer memories, or with those alone that its words find', {
        reason: error instanceof HearthError ? error.message : 'it failed',
      })
    },
    job(event) {
      if (event.kind === 'extracted') {
        metrics.facts('kept', event.facts)
        for (const [reason, count] of Object.entries(event.refused))
          if (count > 0) metrics.facts(reason, count)
        return
      }
      if (event.kind === 'passed-over') {
        const { what, reason } = event
        metrics.passedOver(what, reason)
        log.warn('a model makes nothing of a part of a room, which is passed over', { what, reason })
        return
      }
      metrics.job(event.kind)
      if (event.kind === 'failed')
        log.warn('what was said in a room could not be remembered, and is tried again', {
          failures: event.failures,
          reason: event.error instanceof HearthError ? event.error.message : 'it failed',
        })
    },
    pool(event) {
      switch (event.kind) {
        case 'finished':
          return metrics.modelAnswered(event.host, 'ok')
        case 'failed':
          log.warn('model request failed', { host: event.host, code: event.code })
          return metrics.modelAnswered(event.host, event.code)
        case 'first-text':
          return metrics.firstPieceTook(event.afterMs)
        case 'rested':
          return log.warn('model host rests', { host: event.host, pauseMs: event.pauseMs })
        case 'recovered':
          return log.info('model host is back', { host: event.host })
        case 'started':
          return
      }
    },
  }
}
