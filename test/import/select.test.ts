import { describe, expect, it } from 'vitest'
import { momentOf } from '../../src/import/dates.ts'
import { detectFormat } from '../../src/import/detect.ts'
import { newTally, select } from '../../src/import/select.ts'
import { survey } from '../../src/import/survey.ts'
import { type Hints, whoIsWho } from '../../src/import/who.ts'
import { collect, fixture, inChunks } from './support.ts'

const nobody: Hints = { person: 'keyboard', personNames: [], persona: ['mira', 'Mira'], personaNames: [] }
const fallback = new Date('2026-01-01T00:00:00Z')

async function take(bytes: Uint8Array, hints: Partial<Hints> = {}) {
  const format = detectFormat(bytes)
  const found = await survey(format.read(inChunks(bytes, 1 << 16)))
  const cast = whoIsWho(found.speakers, { ...nobody, ...hints })
  const tally = newTally()
  const chosen = await collect(select(format.read(inChunks(bytes, 1 << 16)), found, cast, fallback, tally))
  return { chosen, tally, texts: chosen.map(({ from, text }) => `${from}: ${text}`) }
}

describe('who is who', () => {
  const speaking = (...names: readonly string[]) =>
    names.map((name) => ({ id: name, names: [name], messages: 1 }))

  it('of two, whoever is not the one that is known is the other', () => {
    expect(whoIsWho(speaking('Somebody', 'MIRA'), nobody)).toEqual({
      person: new Set(['Somebody']),
      persona: new Set(['MIRA']),
    })
    const named = { ...nobody, persona: [], personNames: ['somebody'] }
    expect(whoIsWho(speaking('Somebody', 'Bot'), named).persona).toEqual(new Set(['Bot']))
  })

  it('the id on the platform says who the person is, and the one program is the persona', () => {
    const speakers = [
      { id: '200000000000000001', names: ['Ada'], messages: 3 },
      { id: '200000000000000002', names: ['Bob'], messages: 2 },
      { id: '200000000000000003', names: ['Helper'], messages: 2, role: 'program' as const },
    ]
    expect(whoIsWho(speakers, { ...nobody, person: '200000000000000001' })).toEqual({
      person: new Set(['200000000000000001']),
      persona: new Set(['200000000000000003']),
    })
  })

  it('several names of one person count', () => {
    const hints = { ...nobody, personNames: ['Ada', 'Captain Ada'] }
    expect(whoIsWho(speaking('Ada', 'Mira', 'Captain Ada', 'Bob'), hints).person).toEqual(
      new Set(['Ada', 'Captain Ada']),
    )
  })

  it.each([
    ['nobody is known', speaking('Ada', 'Bob'), nobody, 'Ada (1)'],
    ['there are too many', speaking('Ada', 'Bob', 'Mira'), nobody, 'Bob (1)'],
    ['a name is wrong', speaking('Ada', 'Mira'), { ...nobody, personNames: ['Eve'] }, '"Eve"'],
    ['both are the same', speaking('Ada', 'Mira'), { ...nobody, personNames: ['Mira'] }, 'Mira (1)'],
  ])('asks, with the names that there are, where %s', (_, speakers, hints, names) => {
    const error = expect.objectContaining({
      code: 'import-who',
      message: expect.stringContaining(names),
      mend: expect.stringContaining('--as'),
    })
    expect(() => whoIsWho(speakers, hints)).toThrow(error)
  })
})

describe('what is taken', () => {
  it('is what person and persona said, once, as it stands after edits and deletions', async () => {
    const { texts, tally } = await take(await fixture('element.json'), {
      person: '@ada:home',
      personaNames: ['Mira of the kitchen'],
    })
    expect(texts).toEqual([
      'person: The bread did not rise.',
      'persona: Nor did I, this morning.',
      'person: I baked it with salt.',
      'person: [an image: loaf.jpg]',
      'person: * shrugs 🤷',
      'persona: It looks like a roof tile.\nA proud one.',
    ])
    expect(Object.fromEntries(tally.leftOut)).toEqual({
      'somebody-else': 1,
      deleted: 2,
      service: 2,
      encrypted: 1,
      unreadable: 1,
    })
  })

  it('what is twice in the file is taken once, and the empty is not', async () => {
    const { tally } = await take(await fixture('sillytavern.jsonl'))
    expect(tally).toMatchObject({ person: 5, persona: 4, undated: 1 })
    expect(Object.fromEntries(tally.leftOut)).toEqual({ duplicate: 1, unreadable: 2, service: 2, empty: 1 })
  })

  it('of a group only the character that is the persona', async () => {
    const { tally } = await take(await fixture('sillytavern-group.jsonl'))
    expect(tally).toMatchObject({ person: 1, persona: 2 })
    expect(Object.fromEntries(tally.leftOut)).toEqual({ 'somebody-else': 2 })
  })

  it('what has no date has that of the message before, of the conversation, or of the file', async () => {
    const chat = (...dates: readonly unknown[]) =>
      Buffer.from(
        dates
          .map((date, index) =>
            JSON.stringify({ name: 'Ada', is_user: true, send_date: date, mes: `${index}` }),
          )
          .join('\n'),
      )
    const [first, second] = ['2024-01-01T10:00:00.000Z', '2024-01-02T10:00:00.000Z']
    const datesOf = async (bytes: Uint8Array) => (await take(bytes)).chosen.map(({ at }) => at.toISOString())
    expect(await datesOf(chat(undefined, first, undefined, second))).toEqual([first, first, first, second])
    expect(await datesOf(chat(undefined, 'soon'))).toEqual([fallback.toISOString(), fallback.toISOString()])
  })

  it('a file that runs backwards is refused', async () => {
    const messages = [5, 4, 3, 2].map((day) => ({
      id: `${day}`,
      type: 'Default',
      timestamp: `2024-02-0${day}T10:00:00+00:00`,
      content: 'hm',
      author: { id: '1', name: 'Mira' },
    }))
    const bytes = Buffer.from(JSON.stringify({ guild: {}, channel: { id: '8' }, messages }))
    await expect(take(bytes)).rejects.toMatchObject({ code: 'import-reversed' })
  })

  it('a document that was pasted into a message is left out', async () => {
    const line = (mes: string) => JSON.stringify({ name: 'Ada', is_user: true, mes })
    const { tally } = await take(Buffer.from(`${line('x'.repeat(200_001))}\n${line('short')}\n`))
    expect(tally).toMatchObject({ person: 1, leftOut: new Map([['too-long', 1]]) })
  })
})

describe('moments', () => {
  it.each([
    ['June 19, 2023 2:20pm', new Date(2023, 5, 19, 14, 20)],
    ['Jun 19, 2023 12:05 AM', new Date(2023, 5, 19, 0, 5)],
    ['2024-7-12@01h31m37s', new Date(2024, 6, 12, 1, 31, 37)],
    ['2024-07-12@01h31m37s123ms', new Date(2024, 6, 12, 1, 31, 37, 123)],
    ['2024-6-5 @14h 56m 50s 682ms', new Date(2024, 5, 5, 14, 56, 50, 682)],
    ['2024-01-03T16:25:00.000Z', new Date('2024-01-03T16:25:00Z')],
    ['2024-01-03 16:25:00+01:00', new Date('2024-01-03T15:25:00Z')],
    [1_704_298_981_000, new Date(1_704_298_981_000)],
    [1_704_298_981, new Date(1_704_298_981_000)],
    ['1704298981000', new Date(1_704_298_981_000)],
  ])('%s', (value, at) => {
    expect(momentOf(value)).toEqual(at)
  })

  it.each([
    [''],
    ['yesterday'],
    ['February 31, 2024 1:00pm'],
    ['2024-13-40'],
    [Number.NaN],
    [-5],
    [1e300],
    [null],
    ['9999-01-01'],
  ])('%s is none', (value) => {
    expect(momentOf(value)).toBeUndefined()
  })
})
