import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { databases } from '../support/databases.ts'
import { bob, type OpenedStore, openTestStore, query, reply } from './harness.ts'
import { nobodys, plant, rowsOf, tablesOf } from './planted-person.ts'

let people = 0
const newPerson = () => ({ externalId: externalId(`@eve${people++}:home`), displayName: 'Eve' })

describe.each(databases)('somebody who is erased, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is gone from every table, and nobody else is', async () => {
    const eve = newPerson()
    const planted = await plant(opened, eve, bob)
    const { person, lookups, identity, group } = planted
    const where = rowsOf(person, lookups)
    expect((await tablesOf(opened)).filter((table) => !(table in where) && !nobodys.includes(table))).toEqual(
      [],
    )
    const rowsIn = async () => {
      const counts: Record<string, number> = {}
      for (const [table, theirs] of Object.entries(where)) counts[table] = await planted.count(table, theirs)
      return counts
    }
    expect(Object.entries(await rowsIn()).filter(([, count]) => count === 0)).toEqual([])
    const ids = await query(
      opened.database,
      sql`select id from messages where owner_id = ${person} or participant_id = ${person}
        union select id from rooms where owner_id = ${person}
        union select id from turns where owner_id = ${person}
        union select id from facts where owner_id = ${person}`,
    )
    const bobs = () =>
      query(
        opened.database,
        sql`select id, content from messages where participant_id <> ${person} order by id`,
      )
    const before = await bobs()

    const certificate = await opened.store.people.erase(person, planted.records)
    expect(certificate).toMatchObject({
      messages: 3,
      replies: 3,
      images: 1,
      facts: 4,
      directRooms: 1,
      groups: 1,
    })
    expect(certificate).toMatchObject({ episodes: 2, summaries: 1 })
    expect(Object.entries(await rowsIn()).filter(([, count]) => count > 0)).toEqual([])
    const marks = [person, ...ids.map(({ id }) => String(id)), Buffer.from(identity).toString('hex')]
    expect(marks.length).toBeGreaterThan(10)
    const dump = [...(await dumpDatabase(opened.database, 'ours')).values()].flat().join('\n')
    expect(marks.filter((mark) => dump.includes(mark))).toEqual([])
    expect(await bobs()).toEqual(before)

    // What was made of their words in the group is gone too, and made anew of the others'.
    const { owner, id } = planted.groupRoom
    const inGroup = sql`owner_id = ${owner} and room_id = ${id}`
    expect(await planted.count('episodes', inGroup)).toBe(0)
    expect(await planted.count('summaries', inGroup)).toBe(0)
    expect(await planted.count('rooms', sql`id = ${id} and remember_at is not null`)).toBe(1)
    const takenDown = await group.claim()
    expect(await opened.store.history.readReply(takenDown)).toBeUndefined()
    await opened.store.queue.close(takenDown, 'withdrawn')
    await group.say('And now?', { sender: bob })
    expect(await group.texts(await group.claim())).toEqual([
      'Mine is called Fritz.',
      'Hello, Fritz.',
      'And now?',
    ])
    expect(await opened.store.people.erase(person, [])).toBeUndefined()
  })

  it('is somebody new when they write again', async () => {
    const eve = newPerson()
    const { alone, group, person } = await plant(opened, eve, bob)
    await opened.store.people.erase(person)
    expect(await opened.store.people.find('matrix', eve.externalId)).toBeUndefined()
    // What they take away on their platform afterwards makes nobody known.
    await alone.redact('m0', eve)
    await group.redact('m0', eve)
    expect(await group.edit('m0', 'something else', eve)).toBe(false)
    expect(await opened.store.people.find('matrix', eve.externalId)).toBeUndefined()
    expect((await alone.say('Hello?', { sender: eve, room: alone.room })).status).toBe('accepted')
    expect(await alone.texts(await alone.claim())).toEqual(['Hello?'])
    expect((await group.say('Hello, all.', { sender: eve })).status).toBe('accepted')
    const again = await opened.store.people.find('matrix', eve.externalId)
    expect(again).not.toBe(person)
    expect(await opened.store.people.count(again!)).toMatchObject({ messages: 2, facts: 0, groups: 1 })
    expect(await opened.store.own.readFacts(again!)).toEqual([])
  })

  it('gets no reply that was being made, and nothing is made of what they said', async () => {
    const eve = newPerson()
    const { store } = opened
    const { alone, person } = await plant(opened, eve, bob)
    await alone.say('Tell me more.', { sender: eve, room: alone.room })
    const turn = await alone.claim()
    const history = await store.history.read(turn)
    expect(history.messages.length).toBeGreaterThan(2)
    let task = await store.tasks.claim(0, 60_000)
    while (task !== undefined && String(task.owner) !== person) task = await store.tasks.claim(0, 60_000)
    expect(task).toBeDefined()
    const talk = await store.tasks.readNew(task!, 10)
    const heard: string[] = []
    using _ = store.announcements.onErased((who) => heard.push(who))
    await store.people.erase(person)
    expect(heard).toEqual([person])
    expect(await store.queue.show(turn)).toBeUndefined()
    expect(await store.queue.answer(turn, reply('It was a dark night.'))).toBe(false)
    expect((await store.queue.renew([turn], 1_000)).size).toBe(0)
    expect(await store.queue.close(turn, 'replied')).toBe('not-closed')
    expect(await store.tasks.keepFacts(task!, [...talk.fresh], [])).toBe(false)
    await store.tasks.putBack(task!, 0)
    expect((await store.tasks.readNew(task!, 10)).messages).toEqual([])
    const rows = sql`select id from messages where owner_id = ${person} or participant_id = ${person}`
    expect(await query(opened.database, rows)).toEqual([])
  })
})
