import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { externalId, type ParticipantId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { createKeyRepository } from '../../src/store/key-repository.ts'
import { openStore } from '../../src/store/store.ts'
import { unlock } from '../../src/vault/unlock.ts'
import { databases, postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { ada, bob, type OpenedStore, query, reply, scene } from './harness.ts'
import { plant } from './planted-person.ts'

const never = new AbortController().signal

/** As a process of its own. */
async function openOver(place: Pick<TestDatabase, 'open' | 'folder'>): Promise<OpenedStore> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await place.open())
  const masterKey = { file: path.join(place.folder, 'master.key') }
  const keys = createKeyRepository(database)
  const vault = stack.use(await unlock(keys, masterKey, { createIfMissing: true }, never))
  const store = stack.use(await openStore(database, vault))
  const owned = stack.move()
  return { database, vault, store, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

describe('somebody who was erased', () => {
  it('is nobody in another process too, which hears of it, or finds it', async () => {
    await using place = await databases[1].makeMigrated()
    await using here = await openOver(place)
    await using there = await openOver(place)
    const { alone, person, group } = await plant(here, ada, bob)
    const elsewhere = { ...scene(there), doorway: alone.doorway }
    const say = (text: string, room = alone.room) =>
      there.store.inbox.accept(alone.doorway, elsewhere.message(text, { sender: ada, room }), 0)
    await say('What does she eat?')
    const [turn] = await there.store.queue.claim(
      alone.worker,
      [alone.doorway.account],
      [alone.doorway.persona],
      1,
      9_000,
    )
    expect((await there.store.history.read(turn!)).messages.length).toBeGreaterThan(2)
    expect(await there.store.facts.readPlaced([person])).not.toEqual([])
    const inGroup = { sender: ada, room: group.room }
    await there.store.inbox.accept(group.doorway, elsewhere.message('Hello again.', inGroup), 0)
    const heard: ParticipantId[] = []
    using _ = there.store.announcements.onErased((who) => heard.push(who))

    await here.store.people.erase(person)
    // Before it has heard of it, perhaps.
    expect((await say('Hello?')).status).toBe('accepted')
    await there.store.inbox.accept(group.doorway, elsewhere.message('Hello, all.', inGroup), 0)
    const again = await there.store.people.find('matrix', ada.externalId)
    expect(again).not.toBe(person)
    expect(await there.store.people.count(again!)).toMatchObject({ messages: 2 })
    expect(await there.store.queue.answer(turn!, reply('Mice.'))).toBe(false)
    expect(await there.store.facts.readPlaced([person])).toEqual([])
    await expect.poll(() => heard).toEqual([person])
  })

  it('cannot be read in a copy of the database from before, with the keys of now', async () => {
    await using place = await databases[1].makeMigrated()
    let person: ParticipantId
    {
      await using before = await openOver(place)
      person = (await plant(before, ada, bob)).person
    }
    const name = new URL(place.environment.DATABASE_URL ?? '').pathname.slice(1)
    await using copy = await postgresDatabase(name)
    const keysOfNow = await (async () => {
      await using now = await openOver(place)
      await now.store.people.erase(person)
      return await query(now.database, sql`select * from keyring.data_keys`)
    })()
    {
      await using database = await copy.open()
      await database.drizzle.execute(sql`delete from keyring.data_keys`)
      for (const key of keysOfNow)
        await database.drizzle.execute(sql`insert into keyring.data_keys (id, owner_kind, owner_id, master_id, wrapped)
          values (${key.id}, ${key.owner_kind}, ${key.owner_id}, ${key.master_id}, ${key.wrapped})`)
    }
    await using restored = await openOver({ open: copy.open, folder: place.folder })
    const opening = async (who: string) => {
      const rows = await query(
        restored.database,
        sql`select id, content from messages where participant_id = ${who} and content is not null`,
      )
      expect(rows.length).toBeGreaterThan(0)
      return await restored.vault.openTexts(
        rows.map(({ id, content }) => ({
          place: { table: 'messages', column: 'content', row: String(id) },
          sealed: content as Uint8Array,
        })),
        never,
      )
    }
    expect(new Set(await opening(person))).toEqual(new Set([undefined]))
    expect(await restored.store.own.readFacts(person)).toEqual([])
    expect(await restored.store.people.identities(person)).toEqual([])
    expect(await opening((await restored.store.people.find('matrix', bob.externalId))!)).toEqual([
      'Mine is called Fritz.',
    ])
    // What the copy brought back goes once more.
    expect(await restored.store.people.find('matrix', externalId('ada'))).toBe(person)
    expect(await restored.store.people.erase(person)).toMatchObject({ messages: 3 })
    const again = scene(restored)
    expect((await again.say('Hello?')).status).toBe('accepted')
  })
})
