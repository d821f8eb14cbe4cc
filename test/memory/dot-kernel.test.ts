import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dotProducts, laneCount } from '../../src/memory/dot-kernel.ts'

const byte = fc.integer({ min: -128, max: 127 })

test('gives the sums that a plain loop gives, also over more vectors than fit into its memory at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 40 }),
      fc.array(byte, { minLength: 1, maxLength: 50 }),
      fc.array(fc.integer({ min: -2047, max: 2047 }), { minLength: 1, maxLength: 50 }),
      (lanes, slots, bytes, steps) => {
        const stride = lanes * laneCount
        const values = Int8Array.from({ length: slots * stride }, (_, at) => bytes[at % bytes.length] ?? 0)
        const query = Int16Array.from({ length: stride }, (_, at) => steps[at % steps.length] ?? 0)
        const out = new Int32Array(slots)
        dotProducts(values, query, out)
        expect([...out]).toEqual(plain(values, query, slots))
      },
    ),
    { numRuns: 50 },
  )
  const stride = 384
  const many = Int8Array.from({ length: 3000 * stride }, (_, at) => (at * 31) % 255)
  const query = Int16Array.from({ length: stride }, (_, at) => (at * 17) % 2047)
  const out = new Int32Array(3000)
  dotProducts(many, query, out)
  expect([...out]).toEqual(plain(many, query, 3000))
})

function plain(values: Int8Array, query: Int16Array, slots: number): readonly number[] {
  return Array.from({ length: slots }, (_, slot) =>
    query.reduce((sum, step, at) => sum + step * (values[slot * query.length + at] ?? 0), 0),
  )
}
