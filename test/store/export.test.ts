import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matrixAccountId } from '../../adapters/matrix/session.ts'
import { makeArchive } from '../../src/archive/archive.ts'
import { externalId } from '../../src/core/ids.ts'
import { pairedPeople } from '../../src/paired-people.ts'
import { readZip } from '../../src/persona/card/zip-read.ts'
import { databases } from '../support/databases.ts'
import { bob, type OpenedStore, openTestStore } from './harness.ts'
import { givenOf, nobodys, plant, tablesOf } from './planted-person.ts'

const matrixMira = matrixAccountId('mira')
const eve = { externalId: externalId('@eve:home'), displayName: '<b>Eve</b>' }

describe('what somebody is given who asks for all that is kept of them', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('has something of every table, and nothing of anybody else', async () => {
    const { store } = opened
    const { person, alone } = await plant(opened, eve, bob)
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
