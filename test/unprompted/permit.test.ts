import { describe, expect, it } from 'vitest'
import type { FactContent } from '../../src/core/fact.ts'
import { factId, newUuid } from '../../src/core/ids.ts'
import { followUp } from '../../src/unprompted/follow-up.ts'
import { isLate, nextMorning, opening, permitOf } from '../../src/unprompted/permit.ts'
import { dayAround, findZone, localTime, momentOf } from '../../src/unprompted/zone.ts'

const zone = 'Europe/Vienna'
const at = (now: string, rest: object = {}) => ({
  now: new Date(now),
  zone,
  hours: '08:00-22:00',
  quietHours: undefined,
  ...rest,
})
const knock = (kind: 'errand' | 'follow-up' | 'morning', meant: string) => ({
  kind,
  content: { text: '07:30', at: new Date(meant), language: 'en' as const },
})
/** The hours of the machine, which quiet hours go by. */
const two = (number: number) => String((number + 24) % 24).padStart(2, '0')

describe('whether something may be said first', () => {
  it.each([
    ['errand', '2026-03-04T10:00:00Z', '2026-03-04T10:00:00Z', 'now'],
    ['errand', '2026-03-01T10:00:00Z', '2026-03-04T10:00:00Z', 'now'],
    ['errand', '2026-03-04T22:00:00Z', '2026-03-04T22:00:00Z', 'later 2026-03-05T07:00:00.000Z'],
    ['errand', '2026-03-04T03:00:00Z', '2026-03-04T03:00:00Z', 'later 2026-03-04T07:00:00.000Z'],
    ['follow-up', '2026-03-04T18:00:00Z', '2026-03-05T18:00:00Z', 'now'],
    ['follow-up', '2026-03-04T18:00:00Z', '2026-03-06T07:30:00Z', 'never'],
    ['follow-up', '2026-03-04T18:00:00Z', '2026-03-06T03:00:00Z', 'never'],
    ['morning', '2026-03-04T07:30:00Z', '2026-03-04T09:00:00Z', 'now'],
    ['morning', '2026-03-04T06:30:00Z', '2026-03-04T09:00:00Z', 'next 2026-03-05T06:30:00.000Z'],
    ['morning', '2026-03-04T04:00:00Z', '2026-03-04T04:01:00Z', 'next 2026-03-04T06:30:00.000Z'],
  ] as const)('%s for %s, at %s: %s', (kind, meant, now, expected) => {
    const permit = permitOf(knock(kind, meant), at(now))
    expect(
      Object.values(permit)
        .map((each) => (each instanceof Date ? each.toISOString() : each))
        .join(' '),
    ).toBe(expected)
  })

  it('is late from a quarter of an hour on', () => {
    const { content } = knock('errand', '2026-03-04T10:00:00Z')
    expect(isLate(content, new Date('2026-03-04T10:15:00Z'))).toBe(false)
    expect(isLate(content, new Date('2026-03-04T10:15:01Z'))).toBe(true)
  })

  it('hours may go over midnight, and quiet hours lie within them', () => {
    expect(opening(at('2026-03-04T00:30:00Z', { hours: '20:00-02:00' }))).toEqual(
      new Date('2026-03-04T00:30:00Z'),
    )
    expect(opening(at('2026-03-04T10:00:00Z', { hours: '20:00-02:00' }))).toEqual(
      new Date('2026-03-04T19:00:00Z'),
    )
    const now = new Date('2026-03-04T10:20:00Z')
    const hour = now.getHours()
    const quietHours = `${two(hour - 1)}:00-${two(hour + 2)}:00`
    expect(opening({ ...at(''), now, quietHours })).toEqual(new Date('2026-03-04T12:00:00Z'))
  })

  it('where the two never leave room for anything there is an end to looking', () => {
    const hours = '10:00-11:00'
    const opens = new Date('2026-03-04T09:00:00Z').getHours()
    const never = at('2026-03-04T12:00:00Z', {
      hours,
      quietHours: `${two(opens - 1)}:00-${two(opens + 2)}:00`,
    })
    expect(opening(never) > never.now).toBe(true)
  })

  it('a good morning goes by the clock when that is changed', () => {
    const before = { now: new Date('2026-03-28T12:00:00Z'), zone }
    expect(nextMorning('07:30', before)).toEqual(new Date('2026-03-29T05:30:00Z'))
    expect(nextMorning('02:30', before)).toEqual(new Date('2026-03-29T01:00:00Z'))
  })
})

describe('the clocks of a place', () => {
  it.each(['Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'])(
    'are read and set in %s',
    (place) => {
      for (let hours = 0; hours < 24 * 366; hours += 5) {
        const moment = new Date(Date.UTC(2026, 0, 1, hours, 17))
        const set = momentOf(localTime(moment, place), place)
        // Twice the same: the first of the two.
        expect([0, 30, 60]).toContain((moment.getTime() - (set?.getTime() ?? 0)) / 60_000)
      }
    },
  )

  it('a day has as many hours as it has', () => {
    const hours = (now: string) => {
      const { from, to } = dayAround(new Date(now), zone)
      return (to.getTime() - from.getTime()) / 3_600_000
    }
    expect([
      hours('2026-03-04T12:00:00Z'),
      hours('2026-03-29T12:00:00Z'),
      hours('2026-10-25T12:00:00Z'),
    ]).toEqual([24, 23, 25])
  })

  it.each([
    ['Vienna', 'Europe/Vienna'],
    ['europe/vienna', 'Europe/Vienna'],
    ['new york', 'America/New_York'],
    ['UTC', 'UTC'],
    ['Atlantis', undefined],
    ['+02:00', undefined],
    ['', undefined],
  ])('%j is %s', (said, name) => {
    expect(findZone(said)).toBe(name)
  })
})

describe('what is asked after', () => {
  const exam: FactContent = {
    statement: 'Ada has an exam on 2026-03-05',
    about: { kind: 'speaker' },
    kind: 'event',
    quote: 'I have an exam tomorrow',
    saidAt: new Date('2026-03-04T11:00:00Z'),
    validFrom: '2026-03-05',
    validTo: undefined,
    importance: 2,
    sensitivity: 'none',
  }
  const id = factId(newUuid())
  const asked = (fact: Partial<FactContent>, rest: object = {}) =>
    followUp({ ...exam, ...fact }, id, at('2026-03-04T11:10:00Z', rest))

  it('is asked after in the evening of its day, within the hours of the person', () => {
    expect(asked({})).toEqual({
      kind: 'follow-up',
      fact: id,
      dueAt: new Date('2026-03-05T18:00:00Z'),
      content: { text: exam.statement, at: new Date('2026-03-05T18:00:00Z'), language: 'en' },
    })
    expect(asked({}, { hours: '08:00-17:00' })?.dueAt).toEqual(new Date('2026-03-06T07:00:00Z'))
  })

  it.each<[string, Partial<FactContent>]>([
    ['that it matters little', { importance: 1 }],
    ['that it is sensitive', { sensitivity: 'health' }],
    ['that it is no event', { kind: 'preference' }],
    ['that it is the persona’s', { about: { kind: 'persona' } }],
    ['that it has no day', { validFrom: '2026-03' }],
    ['that it has no date', { validFrom: undefined }],
    ['that it was over when it was said', { validFrom: '2026-03-03' }],
    ['that it is of the same day', { validFrom: '2026-03-04' }],
    ['that it was said long ago', { saidAt: new Date('2025-03-01T11:00:00Z'), validFrom: '2025-03-05' }],
  ])('not where it is known %s', (_what, fact) => {
    expect(asked(fact)).toBeUndefined()
  })
})
