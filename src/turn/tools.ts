import type { Adapter } from '../core/adapter.ts'
import type { AccountId } from '../core/ids.ts'
import type { KnockBook, KnockQueue } from '../core/knock.ts'
import type { Generator } from '../core/model.ts'
import type { Observer } from '../core/observer.ts'
import type { DeliveryLog, HistoryReader, SelfDescriptions, TurnQueue } from '../core/store.ts'
import type { Turnstile } from '../core/turnstile.ts'
import type { TokenScale } from '../prompt/estimate.ts'
import type { CircleTools } from './circle.ts'
import type { KnockTools } from './knock.ts'
import type { FindNear } from './near.ts'
import type { RemindTools } from './remind.ts'

/** What the stages of a turn work with. */
export interface TurnTools extends CircleTools, KnockTools {
  readonly book: KnockBook
  readonly knocks: KnockQueue
  readonly queue: TurnQueue
  readonly history: HistoryReader
  readonly selves: Pick<SelfDescriptions, 'read'>
  readonly deliveries: DeliveryLog
  readonly generator: Generator
  readonly remind: RemindTools
  readonly findNear: FindNear
  readonly adapters: ReadonlyMap<AccountId, Adapter>
  /** Served one by one: nothing more is heard there until the answer has come. */
  readonly waitingAccounts: ReadonlySet<AccountId>
  readonly scale: TokenScale
  readonly observer: Observer
  /** What is ours to do for a turn goes before the messages that come in. */
  readonly turnstile: Pick<Turnstile, 'goOn' | 'stepOut'>
}
