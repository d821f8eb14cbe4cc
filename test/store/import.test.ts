import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import type { ImportedMessage } from '../../src/core/store.ts'
import { sql } from '../../src/store/drizzle.ts'
import { openStore } from '../../src/store/store.ts'
import { databases } from '../support/databases.ts'
import { ada, bob, type OpenedStore, openTestStore, query, scene } from './harness.ts'

const begin = Date.UTC(2021, 4, 1)

/** `ada …` and `wren …`, a minute apart. */
const talk = (...lines: readonly string[]): readonly ImportedMessage[] =>
  lines.map((line, minute) => ({
    externalId: externalId(line),
    from: line.startsWith('wren') ? 'persona' : 'person',
    at: new Date(begin + minute * 60_000),
    text: line,
  }))

describe.each(databases)('import on $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened[Symbol.asyncDispose]())

  let rooms = 0
  function importing(person = ada) {
    const { doorway, redact, claim, say, answer, tryClaim } = scene(opened)
    const room = externalId(`import:${rooms++}`)
    const add = (...lines: readonly string[]) =>
      opened.store.importer.add({ doorway, person, room }, talk(...lines))
    const rows = async () => {
      const found = await query(
        opened.database,
        sql`select m.*, t.kind, t.state, t.outcome, t.since, t.until from messages m
          left join turns t on t.owner_id = m.owner_id and t.id = m.turn_id
          where m.room_id = (select id from rooms where lookup = ${opened.vault.lookup({ kind: 'room', account: doorway.account, externalId: room })})
          order by m.anchor, m.position`,
      )
      const { signal } = new AbortController()
      return await Promise.all(
        found.map(async (row) => ({
          row,
          text:
            row.content === null
              ? undefined
              : await opened.vault.openText(
                  {
                    place: { table: 'messages', column: 'content', row: String(row.id) },
                    sealed: row.content as Uint8Array,
                  },
                  signal,
                ),
        })),
      )
    }
    const texts = async () => (await rows()).map(({ text }) => text)
    return { doorway, room, add, rows, texts, redact, claim, say, answer, tryClaim }
  }

  it('keeps words, authors, dates and order, each reply with what it answers', async () => {
    const { add, rows } = importing()
    const lines = [
      'wren hello',
      'ada one',
      'ada two',
      'wren three',
      'wren four',
      'ada five',
      'wren six',
      'ada seven',
    ]
    expect(await add(...lines)).toBe(8)
    const found = await rows()
    expect(found.map(({ text }) => text)).toEqual(lines)
    expect(
      found.map(({ row }) => [row.author, Number(row.position), Number(row.anchor), row.remember]),
    ).toEqual([
      ['persona', 1, 0, false],
      ['participant', 2, 2, true],
      ['participant', 3, 3, true],
      ['persona', 4, 3, false],
      ['persona', 5, 3, false],
      ['participant', 6, 6, true],
      ['persona', 7, 6, false],
      ['participant', 8, 8, true],
    ])
    expect(found.map(({ row }) => new Date(String(row.said_at)).getTime())).toEqual(
      lines.map((_, minute) => begin + minute * 60_000),
    )
    expect(
      found.flatMap(({ row }) =>
        row.turn_id === null
          ? []
          : [[row.kind, row.state, row.outcome, Number(row.since), Number(row.until)]],
      ),
    ).toEqual([
      ['greeting', 'closed', 'replied', 0, 0],
      ['reply', 'closed', 'replied', 2, 3],
      ['reply', 'closed', 'replied', 2, 3],
      ['reply', 'closed', 'replied', 6, 6],
    ])
  })

  it('adds what is new, and nothing twice, wherever it was stopped', async () => {
    const { add, rows, room, doorway } = importing()
    const lines = Array.from({ length: 12 }, (_, index) => `${index % 3 === 2 ? 'wren' : 'ada'} ${index}`)
    expect(await add(...lines.slice(0, 5))).toBe(5)
    expect(await add(...lines.slice(3, 9))).toBe(4)
    // As another process, which knows nothing of the first one.
    await using other = await openStore(opened.database, opened.vault)
    expect(await other.importer.add({ doorway, person: ada, room }, talk(...lines))).toBe(3)
    expect(await add(...lines)).toBe(0)
    const more = [...lines, 'ada 12', 'wren 13']
    expect(await add(...more)).toBe(2)
    const found = await rows()
    expect(found.map(({ text }) => text)).toEqual(more)
    expect(found.map(({ row }) => Number(row.position))).toEqual(more.map((_, index) => index + 1))
  })

  it('the reply that comes with the next batch belongs to the words of the last one', async () => {
    const { add, rows, room, doorway } = importing()
    await add('ada one', 'wren two', 'ada three', 'ada four')
    await using other = await openStore(opened.database, opened.vault)
    const more = talk('ada one', 'wren two', 'ada three', 'ada four', 'wren five')
    await other.importer.add({ doorway, person: ada, room }, more)
    const last = (await rows()).at(-1)
    expect(last).toMatchObject({ text: 'wren five', row: { kind: 'reply' } })
    expect([Number(last?.row.since), Number(last?.row.until), Number(last?.row.anchor)]).toEqual([3, 4, 4])
  })

  it('the same message twice in one batch is one', async () => {
    const { add, texts } = importing()
    expect(await add('ada one', 'ada one', 'wren two')).toBe(2)
    expect(await texts()).toEqual(['ada one', 'wren two'])
  })

  it('is the person’s own, found by who they are on the platform, and renames nobody', async () => {
    const live = importing()
    await live.say('Hello.')
    const [before] = await query(opened.database, sql`select count(*)::int as n from participants`)
    const known = importing({ ...ada, displayName: 'as the file calls her' })
    await known.add('ada one')
    const [after] = await query(opened.database, sql`select count(*)::int as n from participants`)
    expect(after).toEqual(before)
    const row = (await known.rows())[0]?.row ?? {}
    const turn = await live.claim()
    expect(row.owner_id).toBe(turn.room.owner)
    const [author] = (await opened.store.history.read(turn)).messages
    expect(author?.author).toMatchObject({ id: row.participant_id, displayName: 'Ada' })
    const stranger = importing(bob)
    await stranger.add('ada one')
    const [theirs] = await stranger.rows()
    expect(theirs?.row.owner_id).not.toBe(row.owner_id)
  })

  it('is refused to whoever has paused remembering, before anything is written, and goes on when they resume', async () => {
    const sender = { externalId: externalId('paused'), displayName: 'Ada' }
    const { add, texts } = importing(sender)
    const counts = () =>
      query(
        opened.database,
        sql`select (select count(*) from rooms) as rooms, (select count(*) from messages) as messages`,
      )
    await add('ada one')
    const { own, people } = opened.store
    const person = (await people.find('matrix', sender.externalId))!
    await own.setWishes(person, { remembering: false })
    const before = await counts()
    const refused = { code: 'import-paused', mend: expect.stringContaining('memory resume') }
    await expect(add('ada one', 'ada two')).rejects.toMatchObject(refused)
    const elsewhere = importing(sender)
    await expect(elsewhere.add('ada three')).rejects.toMatchObject(refused)
    expect(await counts()).toEqual(before)
    await own.setWishes(person, { remembering: true })
    expect(await add('ada one', 'ada two')).toBe(1)
    expect(await texts()).toEqual(['ada one', 'ada two'])
  })

  it('nobody answers, greets or counts anything there, and it is to be remembered', async () => {
    const { doorway, add, tryClaim, room } = importing()
    await add('wren hello', 'ada one', 'wren two', 'ada three')
    expect(await tryClaim()).toBeUndefined()
    expect(await opened.store.queue.countOpen([doorway.account], [doorway.persona])).toBe(0)
    const lookup = opened.vault.lookup({ kind: 'room', account: doorway.account, externalId: room })
    const [row] = await query(
      opened.database,
      sql`select kind, departed, remember_at is not null as remember
        from rooms join persona_rooms on room_id = id where lookup = ${lookup}`,
    )
    expect(row).toEqual({ kind: 'direct', departed: true, remember: true })
  })

  it('what is forgotten stays so, with the reply to it, and no turn is opened for that', async () => {
    const { doorway, add, texts, tryClaim, room } = importing()
    const lines = ['ada one', 'wren two', 'ada three', 'wren four']
    await add(...lines)
    await opened.store.inbox.redact(doorway, {
      kind: 'redaction',
      room: { kind: 'direct', externalId: room },
      sender: ada,
      at: new Date(),
      target: externalId('ada one'),
    })
    expect(await add(...lines)).toBe(0)
    expect(await texts()).toEqual([undefined, undefined, 'ada three', 'wren four'])
    expect(await tryClaim()).toBeUndefined()
  })
})
