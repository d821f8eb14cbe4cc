import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Platform, TurnOutcome } from '../core/conversation.ts'
import type { AccountId } from '../core/ids.ts'
import type { Stage } from '../core/observer.ts'

/** Every metric of ours; docs/operating.md has a row for each. No label ever holds the name of a person or a room. */
export const metricList = {
  accepted: {
    name: 'hearth_messages_accepted_total',
    help: 'Messages that are durably stored and wait for an answer.',
    labels: ['platform'],
  },
  closed: {
    name: 'hearth_turns_closed_total',
    help: 'Turns that are done, by outcome: replied, refused, stopped, failed, withdrawn.',
    labels: ['outcome'],
  },
  stage: {
    name: 'hearth_turn_stage_seconds',
    help: 'Time that each stage of a turn took: recall, compose, generate, deliver, remember.',
    labels: ['stage'],
  },
  modelRequests: {
    name: 'hearth_model_requests_total',
    help: 'Requests to a model host, by result: ok, aborted, or the code of the error.',
    labels: ['host', 'result'],
  },
  firstPiece: {
    name: 'hearth_model_first_piece_seconds',
    help: 'Time from the request to the first piece of the reply.',
    labels: [],
  },
  tokens: {
    name: 'hearth_tokens_total',
    help: 'Tokens as the model counts them, by kind: prompt, reply.',
    labels: ['kind'],
  },
  waiting: {
    name: 'hearth_turns_waiting',
    help: 'Turns in this process that wait for a model.',
    labels: [],
  },
  matrix: {
    name: 'hearth_matrix_events_total',
    help: 'What Matrix accounts tell: answering (each sync), troubled, decrypted, undecryptable, passed-over, unsigned, backup-failed, emoji, verified.',
    labels: ['kind'],
  },
  discord: {
    name: 'hearth_discord_events_total',
    help: 'What Discord accounts tell: answering (each connection), troubled, passed-over.',
    labels: ['kind'],
  },
  oneTimeKeys: {
    name: 'hearth_matrix_one_time_keys',
    help: 'Keys left on the homeserver for devices that begin to write to the account. At 0 they fall back to one that is used again.',
    labels: ['account'],
  },
  waitingForKeys: {
    name: 'hearth_matrix_waiting_for_keys',
    help: 'Messages that wait for the key to decrypt them.',
    labels: ['account'],
  },
  jobs: {
    name: 'hearth_memory_jobs_total',
    help: 'Rooms that were worked on in the background, by result: remembered, changed-meanwhile, failed.',
    labels: ['result'],
  },
  passedOver: {
    name: 'hearth_memory_passed_over_total',
    help: 'Of what nothing could be made, after several tries: message, stretch (of talk), account (of older ones); by the code of the error.',
    labels: ['what', 'reason'],
  },
  recallFailed: {
    name: 'hearth_recall_failed_total',
    help: 'Replies that are made without some of what is remembered, by the code of the error.',
    labels: ['reason'],
  },
  facts: {
    name: 'hearth_memory_facts_total',
    help: 'What a model took for a fact: kept, or the reason why it is none.',
    labels: ['result'],
  },
  deliveries: {
    name: 'hearth_deliveries_total',
    help: 'Visible messages sent, by result: ok, or the code of the error.',
    labels: ['platform', 'result'],
  },
} as const

/** In seconds: from a database read to a long reply of a slow model. */
const stageBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
const firstPieceBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** All times are in milliseconds; they are shown in seconds, as is the custom there. */
export interface Metrics {
  accepted(platform: Platform): void
  closed(outcome: TurnOutcome, tokens: { readonly prompt: number; readonly reply: number }): void
  stageTook(stage: Stage, ms: number): void
  /** `host`: its address; user and password are left out. `result`: `ok`, `aborted` or an error's code. */
  modelAnswered(host: string, result: string): void
  firstPieceTook(ms: number): void
  waiting(turns: number): void
  /** `result`: `ok` or an error's code. */
  delivered(platform: Platform, result: string): void
  /** `kind`: as `MatrixNews` has it. */
  matrix(kind: string): void
  discord(kind: string): void
  /** `result`: as `JobEvent` has it. */
  job(result: string): void
  /** As `JobEvent` has it. */
  passedOver(what: string, reason: string): void
  /** `reason`: an error's code. */
  recallFailed(reason: string): void
  /** `result`: `kept`, or why not. */
  facts(result: string, count: number): void
  matrixKeys(
    account: AccountId,
    keys: { readonly oneTimeKeys: number | undefined; readonly waiting: number },
  ): void
  /** The text that a Prometheus server reads. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** With a registry of its own, so that two of them in one process do not mix. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const counter = <Label extends string>(metric: Described<Label>): Counter<Label> =>
    new Counter({ name: metric.name, help: metric.help, labelNames: metric.labels, registers })
  const histogram = <Label extends string>(metric: Described<Label>, buckets: number[]): Histogram<Label> =>
    new Histogram({ name: metric.name, help: metric.help, labelNames: metric.labels, buckets, registers })

  const accepted = counter(metricList.accepted)
  const closed = counter(metricList.closed)
  const stage = histogram(metricList.stage, stageBuckets)
  const modelRequests = counter(metricList.modelRequests)
  const firstPiece = histogram(metricList.firstPiece, firstPieceBuckets)
  const tokens = counter(metricList.tokens)
  const gauge = <Label extends string>(metric: Described<Label>): Gauge<Label> =>
    new Gauge({ name: metric.name, help: metric.help, labelNames: metric.labels, registers })
  const waiting = gauge(metricList.waiting)
  const oneTimeKeys = gauge(metricList.oneTimeKeys)
  const waitingForKeys = gauge(metricList.waitingForKeys)
  const deliveries = counter(metricList.deliveries)
  const matrix = counter(metricList.matrix)
  const discord = counter(metricList.discord)
  const jobs = counter(metricList.jobs)
  const passedOver = counter(metricList.passedOver)
  const recallFailed = counter(metricList.recallFailed)
  const facts = counter(metricList.facts)

  return {
    accepted: (platform) => accepted.inc({ platform }),
    closed(outcome, { prompt, reply }) {
      closed.inc({ outcome })
      tokens.inc({ kind: 'prompt' }, atLeastZero(prompt))
      tokens.inc({ kind: 'reply' }, atLeastZero(reply))
    },
    stageTook: (name, ms) => stage.observe({ stage: name }, atLeastZero(ms) / 1000),
    modelAnswered: (host, result) => modelRequests.inc({ host: hostLabel(host), result }),
    firstPieceTook: (ms) => firstPiece.observe(atLeastZero(ms) / 1000),
    waiting: (turns) => waiting.set(turns),
    delivered: (platform, result) => deliveries.inc({ platform, result }),
    matrix: (kind) => matrix.inc({ kind }),
    discord: (kind) => discord.inc({ kind }),
    job: (result) => jobs.inc({ result }),
    passedOver: (what, reason) => passedOver.inc({ what, reason }),
    recallFailed: (reason) => recallFailed.inc({ reason }),
    facts: (result, count) => facts.inc({ result }, count),
    matrixKeys(account, keys) {
      if (keys.oneTimeKeys !== undefined) oneTimeKeys.set({ account }, keys.oneTimeKeys)
      waitingForKeys.set({ account }, keys.waiting)
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

interface Described<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
}

/** A clock that goes back, or a host that counts wrongly, must not throw on the reply path. */
function atLeastZero(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0
}

function hostLabel(host: string): string {
  return URL.canParse(host) && new URL(host).host !== '' ? new URL(host).host : host.replace(/^.*@/, '')
}
