import path from 'node:path'
import { expect } from 'vitest'
import type { Turn } from '../../src/core/conversation.ts'
import type { ChangeName, MessageEvent, RoomReference, SenderReference } from '../../src/core/events.ts'
import { accountId, externalId, newUuid, personaId, type WorkerId, workerId } from '../../src/core/ids.ts'
import type { Made, PastCounts } from '../../src/core/made.ts'
import type { Acceptance, CommandOutcome, Doorway, Reply, TurnHistory } from '../../src/core/store.ts'
import type { Database } from '../../src/store/database.ts'
import { sql } from '../../src/store/drizzle.ts'
import { createKeyRepository } from '../../src/store/key-repository.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import type { MasterKeySource } from '../../src/vault/master-key.ts'
import { unlock } from '../../src/vault/unlock.ts'
import type { Vault } from '../../src/vault/vault.ts'
import type { databases } from '../support/databases.ts'
import { scriptedModel } from '../support/scripted-generator.ts'

export interface OpenedStore extends AsyncDisposable {
  readonly database: Database
  readonly vault: Vault
  readonly store: Store
}

/** A migrated database of its own with a store over it. */
export async function openTestStore({
  makeMigrated,
}: Pick<(typeof databases)[number], 'makeMigrated'>): Promise<
  OpenedStore & { readonly masterKey: MasterKeySource }
> {
  await using stack = new AsyncDisposableStack()
  const place = stack.use(await makeMigrated())
  const database = stack.use(await place.open())
  const keys = createKeyRepository(database)
  const masterKey = { file: path.join(place.folder, 'master.key') }
  const signal = new AbortController().signal
  const vault = stack.use(await unlock(keys, masterKey, { createIfMissing: true }, signal))
  const store = stack.use(await openStore(database, vault))
  const owned = stack.move()
  return { database, vault, store, masterKey, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

export const ada: SenderReference = { externalId: externalId('ada'), displayName: 'Ada' }
export const bob: SenderReference = { externalId: externalId('bob'), displayName: 'Bob' }

export interface SayOptions {
  readonly id?: string
  readonly sender?: SenderReference
  readonly settleMs?: number
  readonly room?: RoomReference
}

export type TurnRow = Record<string, unknown>

let scenes = 0
let messages = 0

/** One account, persona and room that no other test has, so that tests may share a database. */
export function scene({ store, database }: OpenedStore, kind: 'direct' | 'group' = 'direct') {
  const name = `scene${scenes++}`
  const doorway: Doorway = {
    account: accountId(name),
    platform: 'matrix',
    persona: personaId('wren'),
  }
  const room: RoomReference = { externalId: externalId(`!${name}`), kind }
  const worker = workerId(newUuid())

  const self = {
    doorway,
    room,
    worker,
    message: (text: string, { id, sender = ada, room: place = room }: SayOptions = {}): MessageEvent => ({
      kind: 'message',
      room: place,
      sender,
      at: new Date(),
      externalId: externalId(id ?? `m${messages++}`),
      text,
    }),
    say: (text: string, options: SayOptions = {}): Promise<Acceptance> =>
      store.inbox.accept(doorway, self.message(text, options), options.settleMs ?? 0),
    edit: (
      target: string,
      text: string,
      sender = ada,
      {
        id = `edit${messages++}`,
        at = new Date(),
        unanswered = false,
      }: { readonly id?: string; readonly at?: Date; readonly unanswered?: boolean } = {},
    ): Promise<boolean> =>
      store.inbox.edit(doorway, {
        kind: 'edit',
        room,
        sender,
        at,
        externalId: externalId(id),
        target: externalId(target),
        text,
        unanswered,
      }),
    redact: (target: string, sender = ada): Promise<void> =>
      store.inbox.redact(doorway, {
        kind: 'redaction',
        room,
        sender,
        at: new Date(),
        target: externalId(target),
      }),
    greet: (): Promise<boolean> =>
      store.inbox.join(
        doorway,
        { kind: 'membership', change: 'joined', room, sender: ada, at: new Date() },
        true,
      ),
    leave: (): Promise<void> =>
      store.inbox.leave(doorway, { kind: 'membership', change: 'left', room, sender: ada, at: new Date() }),
    command: (
      name: ChangeName,
      {
        id,
        target,
        sender = ada,
      }: { readonly id?: string; readonly target?: string; readonly sender?: SenderReference } = {},
    ): Promise<CommandOutcome> =>
      store.inbox.command(doorway, {
        kind: 'command',
        name,
        room,
        sender,
        at: new Date(),
        ...(id === undefined ? {} : { externalId: externalId(id) }),
        ...(target === undefined ? {} : { target: externalId(target) }),
      }),
    retry: () => self.command('retry'),
    stop: () => self.command('stop'),
    tryClaim: async (by: WorkerId = worker, leaseMs = 60_000): Promise<Turn | undefined> =>
      (await store.queue.claim(by, [doorway.account], [doorway.persona], 1, leaseMs))[0],
    show: async (turn: Turn): Promise<boolean> => (await store.queue.show(turn)) !== undefined,
    async claim(by: WorkerId = worker, leaseMs = 60_000): Promise<Turn> {
      const turn = await self.tryClaim(by, leaseMs)
      expect(turn).toBeDefined()
      return turn!
    },
    /** Claims with a lease that is over at once, as of a worker that died. */
    async claimAndDie(): Promise<Turn> {
      const turn = await self.claim()
      await self.letGo(turn)
      return turn
    },
    letGo: (turn: Turn): Promise<void> =>
      self.change(turn, sql`lease_until = clock_timestamp() - interval '1 second'`),
    async answer(text: string): Promise<Turn> {
      const turn = await self.claim()
      expect(await store.queue.answer(turn, reply(text))).toBe(true)
      await store.queue.close(turn, 'replied')
      return turn
    },
    history: (turn: Turn): Promise<TurnHistory> => store.history.read(turn),
    texts: async (turn: Turn) => (await store.history.read(turn)).messages.map(({ text }) => text),
    change: async (turn: Turn, set: ReturnType<typeof sql>): Promise<void> => {
      await database.drizzle.execute(sql`update turns set ${set} where id = ${turn.id}`)
    },
    row: async (turn: Turn): Promise<TurnRow> =>
      (await query(database, sql`select * from turns where id = ${turn.id}`))[0]!,
  }
  return self
}

export const reply = (text: string, historyFrom = 0): Reply => ({
  text,
  promptTokens: 3,
  replyTokens: 2,
  historyFrom,
  recalled: { facts: [], messages: [] },
  recollections: [],
  made: undefined,
  personaVersion: '0123456789ab',
})

/** With what a model's reply to the turn was made, by lore that counts. */
export const madeOf = (turn: Turn, past?: PastCounts): Made => ({
  atMs: 0,
  model: scriptedModel,
  scale: 1,
  historyFrom: 0,
  position: turn.history.position,
  near: [],
  lore: { 'book/mill': { at: past?.messages ?? 0, mark: 1 } },
  digest: '',
  ...(past && { past }),
})

export async function query(database: Database, statement: ReturnType<typeof sql>): Promise<TurnRow[]> {
  return ((await database.drizzle.execute(statement)) as unknown as { rows: TurnRow[] }).rows
}
