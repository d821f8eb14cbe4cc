import { describe, expect, it } from 'vitest'
import { dateStatement } from '../../src/memory/date-statement.ts'
import { type DateContext, findDates } from '../../src/memory/dates.ts'

/** A Friday. */
const friday: DateContext = {
  saidAt: new Date('2026-11-20T15:00:00Z'),
  timeZone: 'Europe/Vienna',
  language: 'en',
  direction: undefined,
}
const wednesday = { ...friday, saidAt: new Date('2026-11-18T15:00:00Z') }
const moments = (text: string, context: Partial<DateContext> = {}) =>
  findDates(text, { ...friday, ...context }).map(({ moment, role }) =>
    role === 'at' ? moment : `${role} ${moment}`,
  )

describe('dates', () => {
  it.each<[DateContext['language'], string, string]>([
    ['en', 'the day before yesterday', '2026-11-18'],
    ['en', 'next Friday', '2026-11-27'],
    ['en', 'three weeks ago', '2026-10-30'],
    ['en', 'in two days', '2026-11-22'],
    ['en', 'last spring', '2026 spring'],
    ['en', 'last year', '2025'],
    ['en', 'the summer of 2024', '2024 summer'],
    ['en', 'on May 3rd, 2020', '2020-05-03'],
    ['en', 'on 2026-12-01', '2026-12-01'],
    ['en', 'until the end of January', 'until 2027-01'],
    ['de', 'vor drei Wochen', '2026-10-30'],
    ['de', 'übermorgen', '2026-11-22'],
    ['de', 'nächsten Monat', '2026-12'],
    ['de', 'seit März', 'since 2026-03'],
    ['fr', 'avant-hier', '2026-11-18'],
    ['fr', 'il y a trois semaines', '2026-10-30'],
    ['fr', 'vendredi prochain', '2026-11-27'],
    ['es', 'pasado mañana', '2026-11-22'],
    ['es', 'el lunes que viene', '2026-11-23'],
    ['es', 'la primavera pasada', '2026 spring'],
    ['it', "l'altro ieri", '2026-11-18'],
    ['it', 'tre settimane fa', '2026-10-30'],
    ['it', 'dal 2017', 'since 2017'],
  ])('knows in %s what "%s" is', (language, text, moment) => {
    expect(moments(text, { language })).toEqual([moment])
  })

  it('leaves open what may be two times', () => {
    expect(moments('next Friday', wednesday)).toEqual([undefined])
    expect(moments('vendredi prochain', { ...wednesday, language: 'fr' })).toEqual(['2026-11-20'])
    expect(moments('last autumn')).toEqual([undefined])
    expect(moments('last week')).toEqual([undefined])
    expect(moments('my birthday is on 3 May', { direction: 'future' })).toEqual([undefined])
    expect(moments('on 3 May')).toEqual([undefined])
  })

  it('follows the verb where a date has no year', () => {
    expect(moments('on Monday', { direction: 'past' })).toEqual(['2026-11-16'])
    expect(moments('on Monday', { direction: 'future' })).toEqual(['2026-11-23'])
    expect(moments('at Christmas', { direction: 'past' })).toEqual(['2025-12-25'])
    expect(moments('at Christmas', { direction: 'future' })).toEqual(['2026-12-25'])
  })

  it('is at the place of the one who speaks', () => {
    const night = { saidAt: new Date('2026-11-20T23:30:00Z') }
    expect(moments('yesterday', { ...night, timeZone: 'Europe/Vienna' })).toEqual(['2026-11-20'])
    expect(moments('yesterday', { ...night, timeZone: 'America/New_York' })).toEqual(['2026-11-19'])
    expect(moments('last spring', { timeZone: 'Australia/Sydney' })).toEqual([undefined])
    expect(() => moments('yesterday', { timeZone: 'Nowhere/At_All' })).not.toThrow()
  })

  it.each(['I may go', 'sat down', 'the sun', 'I owe 2000 euros', 'good morning', '31 February'])(
    'sees no date in "%s"',
    (text) => {
      expect(moments(text).filter((moment) => moment !== undefined)).toEqual([])
    },
  )

  it('puts the date into the statement, or beside what is open', () => {
    expect(dateStatement("Ada's exam is next Friday", friday)).toEqual({
      statement: "Ada's exam is 2026-11-27",
      validFrom: '2026-11-27',
      validTo: undefined,
    })
    expect(dateStatement("Ada's exam is next Friday", wednesday).statement).toBe(
      "Ada's exam is next Friday (said on 2026-11-18)",
    )
    expect(dateStatement('Ada moved to Graz in 2019', friday).statement).toBe('Ada moved to Graz in 2019')
  })
})
