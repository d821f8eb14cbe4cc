import type { KnockBook, KnockQueue } from '../core/knock.ts'
import { LruMap } from '../core/lru-map.ts'
import type { FactReader, MemoryCounts, MemoryTasks, OwnMemory } from '../core/memory.ts'
import type { KeptPeople } from '../core/people.ts'
import type { MemoryReader, VectorWriter } from '../core/recall.ts'
import type {
  AccountRecords,
  Circle,
  DeliveryLog,
  HistoryReader,
  Importer,
  Inbox,
  RoomManners,
  SelfDescriptions,
  StandingMessages,
  TurnAnnouncements,
  TurnQueue,
} from '../core/store.ts'
import type { Vault } from '../vault/vault.ts'
import { createAccountRecords } from './account-records.ts'
import { openAnnouncer } from './announcements.ts'
import { createCircle } from './circle.ts'
import type { Database } from './database.ts'
import { createDeliveryLog } from './delivery-log.ts'
import { createDirectory } from './directory.ts'
import { createHistoryReader } from './history.ts'
import { createImporter } from './import-messages.ts'
import { createInbox } from './inbox.ts'
import { createKeptPeople } from './kept-people.ts'
import { createKnockBook } from './knock-book.ts'
import { createKnockQueue } from './knock-queue.ts'
import { createKnownHistories } from './known-history.ts'
import { createMemoryReader } from './memories.ts'
import { readMemoryCounts } from './memory-counts.ts'
import { createMemoryTasks } from './memory-tasks.ts'
import { createOwnMemory } from './own-memory.ts'
import { createFactReader } from './placed-facts.ts'
import { createRoomManners } from './room-manners.ts'
import { createSelfDescriptions } from './self-descriptions.ts'
import { createStandingMessages } from './standing-messages.ts'
import { createStatistics } from './statistics.ts'
import { createTurnQueue } from './turn-queue.ts'
import { createVectorWriter } from './write-vectors.ts'

/** Some 2 MB. */
const takenBackKept = 10_000

/** The repositories over one migrated database. Owns neither the database nor the vault. */
export interface Store extends AsyncDisposable {
  readonly inbox: Inbox
  readonly circle: Circle
  readonly selves: SelfDescriptions
  readonly queue: TurnQueue
  readonly manners: RoomManners
  readonly book: KnockBook
  readonly knocks: KnockQueue
  readonly history: HistoryReader
  readonly deliveries: DeliveryLog
  readonly records: AccountRecords
  readonly importer: Importer
  readonly standing: StandingMessages
  readonly announcements: TurnAnnouncements
  readonly tasks: MemoryTasks
  readonly own: OwnMemory
  readonly people: KeptPeople
  readonly memories: MemoryReader
  readonly vectors: VectorWriter
  readonly facts: FactReader
  /** Lets go of what is kept opened for too long, asked for or not. `nowMs`: by `performance.now()`. */
  sweep(nowMs: number): void
  readonly countMemories: () => Promise<MemoryCounts>
}

export async function openStore(database: Database, vault: Vault): Promise<Store> {
  const closing = new AbortController()
  const { signal } = closing
  const announcer = await openAnnouncer(database)
  const directory = createDirectory(database, vault, signal)
  const known = createKnownHistories()
  const statistics = createStatistics(database)
  const context = {
    database,
    vault,
    directory,
    announcer,
    known,
    statistics,
    takenBack: new LruMap<string, true>(takenBackKept),
    signal,
  }
  announcer.onErased((person) => {
    directory.clear()
    known.clear()
    // The row is gone already: this lets go of what is in memory of it.
    vault.destroy({ kind: 'participant', id: person }, signal).catch(() => undefined)
  })
  announcer.onForgotten(known.letGoOf)
  const facts = createFactReader(context)
  return {
    inbox: createInbox(context),
    circle: createCircle(context),
    selves: createSelfDescriptions(context),
    queue: createTurnQueue(context),
    manners: createRoomManners(context),
    book: createKnockBook(context),
    knocks: createKnockQueue(context),
    history: createHistoryReader(context),
    deliveries: createDeliveryLog(context),
    records: createAccountRecords(context),
    importer: createImporter(context),
    standing: createStandingMessages(context),
    announcements: announcer,
    tasks: createMemoryTasks(context),
    own: createOwnMemory(context),
    people: createKeptPeople(context),
    memories: createMemoryReader(context),
    vectors: createVectorWriter(context),
    facts,
    sweep(nowMs) {
      known.sweep(nowMs)
      facts.sweep(nowMs)
    },
    countMemories: () => readMemoryCounts(context),
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.all([announcer[Symbol.asyncDispose](), statistics[Symbol.asyncDispose]()])
    },
  }
}
