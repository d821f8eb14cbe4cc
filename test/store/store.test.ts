import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageEvent } from '../../src/core/events.ts'
import { accountId, externalId, newUuid, personaId, workerId } from '../../src/core/ids.ts'
import type { Doorway } from '../../src/core/store.ts'
import { createKeyRepository } from '../../src/store/key-repository.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { unlock } from '../../src/vault/unlock.ts'
import { databases } from '../support/databases.ts'

const doorway: Doorway = { account: accountId('console'), platform: 'console', persona: personaId('mira') }
const room = { externalId: externalId('room-1'), kind: 'direct' } as const
const ada = { externalId: externalId('ada'), displayName: 'Ada' }
let n = 0
const say = (text: string): MessageEvent => ({
  kind: 'message',
  room,
  sender: ada,
  at: new Date(),
  externalId: externalId(`m${n++}`),
  text,
})

describe.each(databases)('over $name', ({ make }) => {
  let store: Store
  const stack = new AsyncDisposableStack()
  beforeAll(async () => {
    const test = stack.use(await make())
    const database = stack.use(await test.open())
    expect(await migrate(database)).toEqual(['0001_spine.sql'])
    expect(await migrate(database)).toEqual([])
    const vault = stack.use(
      await unlock(
        createKeyRepository(database),
        { file: path.join(test.folder, 'master.key') },
        { createIfMissing: true },
        new AbortController().signal,
      ),
    )
    store = stack.use(await openStore(database, vault))
  })
  afterAll(() => stack.disposeAsync())
  it('works', async () => {
    const worker = workerId(newUuid())
    expect((await store.inbox.accept(doorway, say('hello'), 0)).status).toBe('accepted')
    const turn = (await store.queue.claim(worker, [doorway.account], [doorway.persona], 1000))!
    expect(turn.state).toBe('running')
    const h = await store.history.read(turn)
    expect(h.messages.map((m) => m.text)).toEqual(['hello'])
    expect(await store.queue.show(turn)).toBe(true)
    const d = await store.deliveries.reserve(turn)
    await store.deliveries.confirm(turn, d.slot, externalId('x1'))
    expect((await store.deliveries.list(turn))[0]?.externalId).toBe('x1')
    expect(
      await store.queue.answer(turn, { text: 'hi Ada', promptTokens: 3, replyTokens: 2, historyFrom: 1 }),
    ).toBe(true)
    expect(await store.history.readReply(turn)).toBe('hi Ada')
    await store.queue.close(turn, 'replied')
    await store.inbox.accept(doorway, say('again'), 0)
    const t2 = (await store.queue.claim(worker, [doorway.account], [doorway.persona], 1000))!
    expect((await store.history.read(t2)).messages.map((m) => m.text)).toEqual(['hello', 'hi Ada', 'again'])
    const t0 = performance.now()
    for (let i = 0; i < 50; i++) await store.inbox.accept(doorway, say('again'), 0)
    console.log('accept ms', (performance.now() - t0) / 50)
  })
})
