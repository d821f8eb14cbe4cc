import { describe, expect, it } from 'vitest'
import { editPauseMs } from '../../../adapters/matrix/pace.ts'

/** What is sent for a reply that grows by `perSecond` characters, in characters. */
function sentFor(length: number, perSecond: number): number {
  let sent = 0
  for (let shown = perSecond; shown < length; shown += (perSecond * editPauseMs(shown)) / 1_000) sent += shown
  return sent + length
}

describe('the pace of edits', () => {
  it('is a second at first, and slows down as the reply grows, to five', () => {
    expect([0, 500, 1_000, 2_000, 100_000].map(editPauseMs)).toEqual([1_000, 1_000, 2_000, 4_000, 5_000])
  })

  it('lets what is sent grow with the length of the reply, not with its square', () => {
    expect(sentFor(2_400, 100) / sentFor(1_200, 100)).toBeLessThan(2.5)
  })
})
