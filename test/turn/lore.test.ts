import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import type { Prompt } from '../../src/core/model.ts'
import type { Persona } from '../../src/core/persona.ts'
import { speakersIn } from '../../src/prompt/speakers.ts'
import { sql } from '../../src/store/drizzle.ts'
import { booksIn, loreFor } from '../../src/turn/lore.ts'
import { book, entry, ext } from '../persona/lore/support.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { startRun } from './harness.ts'
import { command, say } from './person.ts'

const withLore = (...entries: Parameters<typeof book>[0]): Persona => ({
  ...testPersona,
  greetings: ['The lamp is lit.', 'Fog again.'],
  lore: [book(entries)],
})
/** What of `about …` stands at a prompt's beginning and at its end. */
const about = (prompt: Prompt | undefined) =>
  [prompt?.[0], prompt?.at(-1)].map((message) => message?.text.match(/about [\w ]+/g)?.join(', ') ?? '')

describe('lore in a conversation', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  async function start(persona: Persona) {
    const generator = scriptedGenerator(() => 'Heard.')
    const run = await startRun(opened, { generator, persona })
    let turns = 0
    return {
      run,
      generator,
      async said(text: string) {
        await say(run, text)
        await run.outcomes(...Array<'replied'>(++turns).fill('replied'))
        return about(generator.prompts.at(-1))
      },
      async retried() {
        await command(run, 'retry')
        await run.outcomes(...Array<'replied'>(++turns).fill('replied'))
        return about(generator.prompts.at(-1))
      },
      async greeted() {
        await run.event({ ...run.message(''), kind: 'membership', change: 'joined' })
        await run.outcomes(...Array<'replied'>(++turns).fill('replied'))
      },
    }
  }

  it('stands at the beginning where it always does, and at the end where something brings it', async () => {
    const room = await start(withLore(entry('sea', { constant: true }), entry('mill')))
    await using _ = room.run
    expect(await room.said('Hello.')).toEqual(['about sea', ''])
    expect(await room.said('Where is the mill?')).toEqual(['about sea', 'about mill'])
    const [before, after] = room.generator.prompts
    expect(after?.slice(0, 2)).toEqual(before?.slice(0, 2))
  })

  it('lasts and rests for as many messages as it says, by what is stored with each reply', async () => {
    const persona = withLore(ext('mill', { sticky: 3, cooldown: 3, scan_depth: 1 }))
    const room = await start(persona)
    await using _ = room.run
    // Each turn is two messages: it comes in at the first, is held at 3, rests at 5 and 7, and is free at 9.
    expect(await room.said('The mill!')).toEqual(['', 'about mill'])
    expect(await room.said('Well.')).toEqual(['', 'about mill'])
    expect(await room.retried()).toEqual(['', 'about mill'])
    expect(await room.said('The mill!')).toEqual(['', ''])
    expect(await room.said('The mill!')).toEqual(['', ''])
    await using other = await startRun(opened, { generator: room.generator, persona, beside: room.run })
    await room.run.endServing()
    await say(other, 'The mill!')
    await other.outcomes('replied')
    expect(about(room.generator.prompts.at(-1))).toEqual(['', 'about mill'])
  })

  it('counts what the persona has said, also where that was cut off', async () => {
    const late = entry('late', { constant: true, content: '@@activate_only_after 3\nabout late' })
    const persona = { ...withLore(late), budget: { contextTokens: 1_024, replyTokens: 100 } }
    const room = await start(persona)
    await using _ = room.run
    const seen: string[] = []
    for (let turn = 0; turn < 5; turn++) {
      const [, end = ''] = await room.said('word '.repeat(500))
      seen.push(end)
    }
    expect(room.generator.prompts.at(-1)?.length).toBeLessThan(5)
    expect(seen).toEqual(['', '', '', 'about late', 'about late'])
  })

  it('goes by the greeting with which the conversation began', async () => {
    const greeted = (key: string, greeting: number) =>
      entry(key, { constant: true, content: `@@is_greeting ${greeting}\nabout ${key}` })
    const room = await start(withLore(greeted('first', 0), greeted('second', 1)))
    await using _ = room.run
    await room.greeted()
    expect(await room.said('Hello.')).toEqual(['about first', ''])
  })

  it('chance falls the same for every try at a turn', async () => {
    const entries = Array.from({ length: 12 }, (_, n) =>
      ext(`k${n}`, { probability: 50 }, { keys: ['dice'] }),
    )
    const room = await start(withLore(...entries))
    await using _ = room.run
    const first = await room.said('The dice!')
    expect(await room.retried()).toEqual(first)
    expect(await room.said('The dice!')).not.toEqual(first)
  })

  it('a book of certain rooms counts in those alone, with their threads', async () => {
    const bookOf = (...rooms: string[]) =>
      book([entry('mill', { constant: true })], { extensions: { hearth: { rooms } } })
    const seen = async (...rooms: string[]) => {
      const room = await start({ ...testPersona, lore: [bookOf(...rooms)] })
      await using _ = room.run
      return (await room.said('Hello.'))[0]
    }
    expect(await seen('elsewhere', 'home')).toBe('about mill')
    expect(await seen('elsewhere')).toBe('')
    expect(
      booksIn({ ...testPersona, lore: [bookOf('!a:home')] }, externalId('!a:home group $root')),
    ).toHaveLength(1)
    expect(booksIn({ ...testPersona, lore: [bookOf('!a:home')] }, externalId('!a:homestead'))).toEqual([])
  })

  it('keeps nothing in the clear', async () => {
    const rows = await query(opened.database, sql`select made from messages where made is not null`)
    expect(rows.length).toBeGreaterThan(5)
    for (const { made } of rows)
      expect(Buffer.from(made as Uint8Array).toString('latin1')).not.toMatch(/book|digest/)
  })
})

it('what the person says of themselves brings an entry that searches it', () => {
  const books = [book([ext('sailor', { match_persona_description: true }), entry('sea')])]
  const brought = (selfDescription: string | undefined) =>
    loreFor(
      {
        persona: testPersona,
        roomKind: 'direct',
        userName: 'Ada',
        selfDescription,
        history: [],
        summary: undefined,
        now: new Date(0),
        seed: '',
        roomSeed: '',
        past: undefined,
        near: [],
      },
      books,
      speakersIn([], testPersona, new Map()),
      4_096,
    ).entries.map(({ name }) => name)
  expect(brought('A sailor of the sea.')).toEqual(['sailor'])
  expect(brought(undefined)).toEqual([])
})
