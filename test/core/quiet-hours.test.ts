import { describe, expect, it } from 'vitest'
import { quietHoursPattern, quietUntil } from '../../src/core/quiet-hours.ts'

const at = (hour: number, minute = 0, day = 14) => new Date(2026, 0, day, hour, minute)

describe('quiet hours', () => {
  it.each([
    ['23:00-07:00', at(22, 59), undefined],
    ['23:00-07:00', at(23), at(7, 0, 15)],
    ['23:00-07:00', at(0), at(7)],
    ['23:00-07:00', at(6, 59), at(7)],
    ['23:00-07:00', at(7), undefined],
    ['13:00-14:30', at(14, 29), at(14, 30)],
    ['13:00-14:30', at(14, 30), undefined],
    ['13:00-14:30', at(12, 59), undefined],
    ['08:00-08:00', at(8), undefined],
    ['nonsense', at(8), undefined],
  ])('of %s at %s end at %s', (hours, now, end) => {
    expect(quietUntil(hours, now)).toEqual(end)
  })

  it('end on the next month where the month does', () => {
    expect(quietUntil('23:00-07:00', new Date(2026, 0, 31, 23, 30))).toEqual(new Date(2026, 1, 1, 7))
  })

  it.each(['24:00-07:00', '7:00-8:00', '23:00 - 07:00', '23:60-07:00'])('are not %s', (text) => {
    expect(text).not.toMatch(quietHoursPattern)
  })
})
