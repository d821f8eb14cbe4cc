import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId, messageId } from '../../src/core/ids.ts'
import type { DueKnock, HeardPlace, NewKnock } from '../../src/core/knock.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, query, reply, scene } from './harness.ts'

/** A Wednesday, noon. */
const noon = new Date('2026-03-04T12:00:00Z')
const day = { from: new Date('2026-03-04T00:00:00Z'), to: new Date('2026-03-05T00:00:00Z') }
const hourMs = 60 * 60_000
const after = (hours: number) => new Date(noon.getTime() + hours * hourMs)

let people = 0

describe.each(databases)('what personas mean to say first, over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** Somebody of their own, with a persona that may write to them. */
  async function place() {
    const here = scene(opened)
    const sender = { externalId: externalId(`knocked${people++}`), displayName: 'Ada' }
    const { book, knocks } = opened.store
    const found = await book.find(here.doorway, { sender, room: here.room })
    await book.setOn(found, true)
    return {
      ...here,
      sender,
      place: found,
      add: (text: string, at = noon, rest: Partial<NewKnock> = {}) =>
        book.add(found, { kind: 'errand', dueAt: at, content: { text, at, language: 'en' }, ...rest }),
      due: (now = noon) => knocks.due([here.doorway.account], [here.doorway.persona], now, 10),
      begin: (knock: DueKnock, next?: Date) => knocks.begin(knock, noon, day, next),
      waiting: async () => (await book.list(found.person)).map(({ content }) => content.text),
      talk: (text: string) => here.say(text, { sender }),
    }
  }

  it('are due when their time has come, the longest-due first, and come back as they were put in', async () => {
    const { add, due } = await place()
    expect(await add('later', after(2))).toBe(1)
    expect(await add('now', after(-1))).toBe(2)
    expect(await due(after(-2))).toEqual([])
    expect((await due()).map(({ number }) => number)).toEqual([2])
    const [first] = await due(after(3))
    expect(first).toMatchObject({
      kind: 'errand',
      content: { text: 'now', at: after(-1), language: 'en' },
      terms: { zone: undefined, hours: '08:00-22:00', most: 5 },
    })
    expect((await due(after(3))).map(({ content }) => content.text)).toEqual(['now', 'later'])
  })

  it('are begun once, whoever tries, and end in a turn that answers nobody', async () => {
    const { add, due, begin, talk, answer, claim, texts, waiting } = await place()
    await talk('Hello.')
    await answer('Hello, Ada.')
    await add('call mum')
    const [knock] = await due()
    const begun = await Promise.all([begin(knock!), begin(knock!), begin(knock!)])
    expect(begun.toSorted()).toEqual(['begun', 'gone', 'gone'])
    expect(await due()).toEqual([])
    expect(await waiting()).toEqual([])
    const turn = await claim()
    expect(turn.kind).toBe('unprompted')
    expect(await texts(turn)).toEqual(['Hello.', 'Hello, Ada.'])
    expect(await opened.store.knocks.read(turn)).toMatchObject({ content: { text: 'call mum' } })
    expect(await opened.store.queue.answer(turn, reply('Your mum.'))).toBe(true)
    await opened.store.queue.close(turn, 'replied')
    await talk('Thanks.')
    expect(await texts(await claim())).toEqual(['Hello.', 'Hello, Ada.', 'Your mum.', 'Thanks.'])
  })

  it('wait while the persona is at something, and what is said meanwhile has a turn of its own', async () => {
    const { add, due, begin, talk, answer, claim, retry } = await place()
    await add('call mum')
    const [knock] = await due()
    await talk('Hello.')
    expect(await begin(knock!)).toBe('busy')
    expect(await due()).toEqual([])
    await answer('Hello, Ada.')
    expect(await begin(knock!)).toBe('begun')
    const turn = await claim()
    await talk('Are you there?')
    expect(await opened.store.queue.answer(turn, reply('Your mum.'))).toBe(true)
    expect(await opened.store.queue.close(turn, 'replied')).toBe('next-waits')
    const next = await claim()
    expect(next).toMatchObject({ kind: 'reply', since: 3 })
    await opened.store.queue.answer(next, reply('I am.'))
    await opened.store.queue.close(next, 'replied')
    expect(await retry()).toBe('retrying')
  })

  it('hold up nobody where they have to wait once more', async () => {
    const { add, due, begin, talk, answer, claim } = await place()
    await talk('Hello.')
    await answer('Hello, Ada.')
    await add('call mum')
    const [knock] = await due()
    await begin(knock!)
    const turn = await claim()
    await talk('Are you there?')
    await opened.store.queue.putBack(turn, 60_000, false)
    const next = await claim()
    expect(next.kind).toBe('reply')
    await opened.store.queue.putBack(next, 0, false)
    expect((await claim()).kind).toBe('reply')
  })

  it('are so many a day and no more, over all rooms of a person; errands go first', async () => {
    const one = await place()
    const { book, knocks } = opened.store
    await book.setTerms(one.place, { ...one.place.terms, most: 2 })
    await one.add('first')
    await one.add('second', after(5))
    await one.add('a good morning', noon, { kind: 'morning' })
    const [first, morning] = await one.due()
    expect(await one.begin(morning!)).toBe('full')
    expect(await one.begin(first!)).toBe('begun')
    await one.claim().then((turn) => opened.store.queue.close(turn, 'stopped'))
    const second = (await one.due(after(5))).find(({ content }) => content.text === 'second')
    expect(await one.begin(second!)).toBe('begun')
    await one.claim().then((turn) => opened.store.queue.close(turn, 'stopped'))
    await one.add('third')
    const third = (await one.due()).find(({ content }) => content.text === 'third')
    expect(await one.begin(third!)).toBe('full')
    const tomorrow = { from: day.to, to: new Date(day.to.getTime() + 24 * hourMs) }
    expect(await knocks.begin(third!, after(24), tomorrow)).toBe('begun')
  })

  it('a good morning leaves the next one behind, and there is one of them', async () => {
    const { add, due, begin, waiting, place: here } = await place()
    await add('07:00', noon, { kind: 'morning' })
    await add('07:30', noon, { kind: 'morning' })
    expect(await waiting()).toEqual(['07:30'])
    const [morning] = await due()
    expect(await begin(morning!, after(24))).toBe('begun')
    expect(await due()).toEqual([])
    expect((await opened.store.book.list(here.person)).map(({ content }) => content)).toEqual([
      { text: '07:30', at: after(24), language: 'en' },
    ])
  })

  it.each<[string, (here: Awaited<ReturnType<typeof place>>) => Promise<unknown>, string[]]>([
    ['it is switched off', ({ place: here }) => opened.store.book.setOn(here, false), []],
    ['the account has left', ({ leave }) => leave(), []],
    ['it is cancelled', ({ place: here }) => opened.store.book.cancel(here, [1, 7]), []],
    ['it cannot write there', ({ place: here }) => silence(here), []],
    ['it was told to be quiet', ({ command, sender }) => command('quiet', { sender }), ['call mum']],
    ['its person is gone', ({ place: here }) => opened.store.people.erase(here.person), []],
  ])('are not begun where %s', async (_name, change, left) => {
    const here = await place()
    await here.talk('Hello.')
    await here.answer('Hello, Ada.')
    await here.add('call mum')
    const [knock] = await here.due()
    await change(here)
    expect(await here.due()).toEqual([])
    expect(await here.begin(knock!).catch((error) => error.code)).toMatch(/^(gone|key-destroyed)$/)
    expect(await here.waiting()).toEqual(left)
    expect(await here.tryClaim()).toBeUndefined()
  })
  const silence = ({ room, persona }: HeardPlace) => opened.store.knocks.silence({ room, persona } as never)

  it('go with the words that asked for them, also where these are changed, and with what was said of them', async () => {
    const here = await place()
    const said = await here.say('Remind me to call mum.', { sender: here.sender, id: 'asked' })
    await here.answer('I will.')
    const [row] = await query(
      opened.database,
      sql`select id from messages where owner_id = ${said.room.owner} and author = 'participant'`,
    )
    const message = messageId(String(row?.id))
    const number = await here.add('call mum', noon, { message })
    expect(await here.add('call mum', noon, { message })).toBe(number)
    await here.edit('asked', 'Remind me to call dad.', here.sender)
    expect(await here.waiting()).toEqual([])
    await here.tryClaim().then((turn) => turn && opened.store.queue.close(turn, 'stopped'))
    await here.add('call dad', noon, { message })
    const [knock] = await here.due()
    expect(await here.begin(knock!)).toBe('begun')
    const turn = await here.claim()
    await here.redact('asked', here.sender)
    expect(await opened.store.knocks.read(turn)).toBeUndefined()
    const spoken = {
      ...reply('Your dad.'),
      recollections: [{ owner: turn.room.owner, id: message, version: 0 }],
    }
    expect(await opened.store.queue.answer(turn, spoken)).toBe(false)
  })

  it('are due also beside one that cannot be opened', async () => {
    const { add, due } = await place()
    await add('call mum', after(-2))
    await add('call dad', after(-1))
    const [first] = await due()
    await query(
      opened.database,
      sql`update knocks set content = '\\x00' where id = ${first!.id} returning id`,
    )
    expect((await due()).map(({ content }) => content.text)).toEqual(['call dad'])
  })

  it('lie sealed', async () => {
    const { add, place: here } = await place()
    await opened.store.book.setTerms(here, { ...here.terms, zone: 'Europe/Vienna' })
    await add('call the lighthouse')
    const rows = await query(
      opened.database,
      sql`select k.*, p.terms from knocks k join participants p on p.id = k.owner_id`,
    )
    const bytes = rows
      .map((row) =>
        Object.values(row)
          .map((value) =>
            value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value),
          )
          .join(' '),
      )
      .join(' ')
    expect(bytes).not.toMatch(/lighthouse|Vienna/)
  })
})
