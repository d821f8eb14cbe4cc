import { describe, expect, it } from 'vitest'
import { spanOf, timeAsked } from '../../src/memory/time-asked.ts'

const now = new Date('2026-11-26T12:00:00Z')
const days = (text: string) => {
  const span = timeAsked(text, now)
  return span && [span.from, span.to].map((at) => at.toISOString().slice(0, 10)).join(' to ')
}

describe('the time that is asked about', () => {
  it.each([
    ['What did we talk about last spring?', '2026-03-01 to 2026-05-31'],
    ['What happened yesterday?', '2026-11-25 to 2026-11-25'],
    ['What was it in March?', '2026-03-01 to 2026-03-31'],
    ['Was war letzten Sommer?', '2026-06-01 to 2026-08-31'],
    ['What did I do in 2024?', '2024-01-01 to 2024-12-31'],
    ['What have I told you since October?', '2026-10-01 to 2026-11-26'],
    ['What did we do last week?', '2026-11-16 to 2026-11-22'],
    ['Was war letzte Woche?', '2026-11-16 to 2026-11-22'],
    ['What have I told you this week?', '2026-11-23 to 2026-11-26'],
    ['What did I say last Friday?', '2026-11-20 to 2026-11-20'],
    // A Thursday asks: it may be the day before yesterday, or a week before.
    ['What did we talk about last Tuesday?', '2026-11-17 to 2026-11-24'],
    ['Worüber haben wir letzten Dienstag gesprochen?', '2026-11-17 to 2026-11-24'],
    ['What is my name?', undefined],
    ['What shall we do next week?', undefined],
    ['What shall we do tomorrow?', undefined],
  ])('%s', (text, expected) => {
    expect(days(text)).toBe(expected)
  })

  it('is all of it', () => {
    expect(spanOf('2026 winter')).toEqual({
      from: new Date('2026-12-01T00:00:00Z'),
      to: new Date('2027-02-28T23:59:59.999Z'),
    })
    expect(spanOf('2026-02')?.to).toEqual(new Date('2026-02-28T23:59:59.999Z'))
    expect(spanOf('soon')).toBeUndefined()
  })
})
