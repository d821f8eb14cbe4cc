import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matrixAccountId } from '../../adapters/matrix/session.ts'
import { makeArchive } from '../../src/archive/archive.ts'
import { externalId } from '../../src/core/ids.ts'
import { pairedPeople } from '../../src/paired-people.ts'
import { readZip } from '../../src/persona/card/zip-read.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { givenColumns, isTold } from './given-columns.ts'
import { bob, type OpenedStore, openTestStore, reply } from './harness.ts'
import { columnsOf, givenOf, nobodys, plant, tablesOf } from './planted-person.ts'

const matrixMira = matrixAccountId('mira')
const eve = { externalId: externalId('@eve:home'), displayName: '<b>Eve</b>' }

describe('what somebody is given who asks for all that is kept of them', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** In each column something else than what stands there of itself. */
  async function plantColumns({ person, alone }: Awaited<ReturnType<typeof plant>>): Promise<void> {
    const { database, store } = opened
    const { own, queue } = store
    const change = (statement: ReturnType<typeof sql>) => database.drizzle.execute(statement)
    await store.inbox.accept(alone.doorway, alone.message('And now?', { sender: eve, room: alone.room }), 0)
    const turn = await alone.claim()
    const [said] = await own.findSaid(person, () => true, 1)
    const recalled = { facts: [], messages: [{ owner: said!.owner, id: said!.id }] }
    await queue.answer(turn, { ...reply('Now it rains.'), recalled, made: { atMs: 1 } as never })
    await queue.close(turn, 'replied')
    const content = { ...(await own.readFacts(person))[0]!, statement: 'Eve likes tea' }
    const tea = await own.add(person, content, [], alone.doorway.persona)
    const [first] = (await own.readFacts(person)).filter(({ number }) => number === tea)
    await own.add(person, { ...content, statement: 'Eve likes coffee' }, [first!.id])
    await own.setPinned(person, first!.id, true)
    await own.setWishes(person, { remembering: false, shared: true })
    const theirs = sql`where owner_id = ${person}`
    await change(sql`update rooms set reads_before = true ${theirs}`)
    await change(sql`update persona_rooms
      set history_from = 2, quiet = true, departed = true, manners = '{"temperature": "0.7"}' ${theirs}`)
    await change(sql`update turns set failures = 1, stop_requested = true ${theirs}`)
    await change(sql`update messages set edited_at = now(), addressed = false, remember = true, passing = true,
      passed_over = 'unreadable' ${theirs}`)
    await change(sql`update deliveries set removed_at = now() ${theirs}`)
    await change(sql`update episodes set passed_over = 'unreadable' ${theirs}`)
    await alone.redact(said!.id)
  }

  it('has something of every table and column, and nothing of anybody else', async () => {
    const { store } = opened
    const planted = await plant(opened, eve, bob)
    await plantColumns(planted)
    const { person, alone } = planted
    await store.records.write(matrixMira, [
      { collection: 'approved', key: eve.externalId, value: Buffer.from('2026-01-02') },
    ])
    const matrix = { accounts: [{ user: 'mira' }] } as never
    const people = pairedPeople(store.people, store.records, { matrix, discord: undefined })
    const data = await people.read(person, [alone.doorway.persona])
    if (data === undefined) throw new Error('nobody')

    const tables = await tablesOf(opened)
    expect(tables.filter((table) => !(table in givenOf) && !nobodys.includes(table))).toEqual([])
    for (const [table, given] of Object.entries(givenOf))
      if (typeof given !== 'string') expect(given(data).length, table).toBeGreaterThan(0)

    const columns = await columnsOf(opened)
    expect(
      columns.filter(
        ([table, column]) => givenColumns[table]?.[column] === undefined && !nobodys.includes(table),
      ),
    ).toEqual([])
    for (const [table, given] of Object.entries(givenColumns))
      for (const [column, each] of Object.entries(given))
        if (typeof each !== 'string') expect(each(data).some(isTold), `${table}.${column}`).toBe(true)

    const zip = readZip(makeArchive(data, new Date('2026-03-02T12:00:00Z'), true))
    const picture = data.media[0]?.name ?? ''
    expect(zip.names).toEqual(['data.json', 'index.html', `media/${picture}`])
    expect(Buffer.from(zip.read(`media/${picture}`, 1_000) ?? []).toString()).toBe('GIF89a of a cat')
    const text = (name: string) => Buffer.from(zip.read(name, 1_000_000) ?? []).toString()
    const json = JSON.parse(text('data.json'))
    expect(json).toMatchObject({ format: 'hearth-export-1', identities: [{ displayName: '<b>Eve</b>' }] })
    const said = [
      'This is my cat Mirzl.',
      'Mirzl is a fine name.',
      'What does Mirzl eat?',
      'She eats mice.',
      'My cat is called Mirzl.',
      'I have a cat called Mirzl',
      'They spoke of Mirzl.',
      'Eve has a cat.',
      'Long ago.',
      'wren',
      'feed Mirzl',
      'Europe/Vienna',
    ]
    const page = text('index.html')
    for (const each of said) {
      expect(text('data.json')).toContain(each)
      expect(page).toContain(each)
    }
    expect(text('data.json')).not.toContain('Fritz')
    expect(text('data.json')).not.toContain('Hello, Mirzl.')
    expect(page).toContain('&lt;b&gt;Eve&lt;/b&gt;')
    expect(page).not.toContain('<b>')
    expect(page.match(/(?:src|href)="[^"]*"/g)).toEqual([`src="media/${picture}"`])
    const small = readZip(makeArchive(data, new Date(), false))
    expect(small.names).toEqual(['data.json', 'index.html'])
  })
})
