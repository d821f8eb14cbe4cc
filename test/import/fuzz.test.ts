import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HearthError } from '../../src/core/errors.ts'
import { detectFormat } from '../../src/import/detect.ts'
import { newTally, select } from '../../src/import/select.ts'
import { survey } from '../../src/import/survey.ts'
import { collect, fixture, fixtures, inChunks } from './support.ts'

type Harm = (bytes: Buffer) => Buffer

/** What disks, editors and hostile people do to files. */
const harm: fc.Arbitrary<Harm> = fc
  .tuple(
    fc.constantFrom('cut', 'flip', 'insert', 'repeat', 'swap'),
    fc.nat(9_999),
    fc.nat(9_999),
    fc.nat(255),
  )
  .map(([what, a, b, byte]) => (bytes) => {
    const at = Math.floor((a / 10_000) * bytes.length)
    const end = at + Math.floor((b / 10_000) * Math.min(300, bytes.length - at))
    const [before, some, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)]
    switch (what) {
      case 'cut':
        return Buffer.concat([before, after])
      case 'flip':
        return Buffer.concat([before, Buffer.from([byte]), bytes.subarray(at + 1)])
      case 'insert':
        return Buffer.concat([before, Buffer.from('"[{}],:\n\\0'.repeat(3)), after])
      case 'repeat':
        return Buffer.concat([before, some, some, some, after])
      default:
        return Buffer.concat([before, Buffer.from('null'), after])
    }
  })

describe.each(fixtures)('%s, damaged', (name) => {
  it('is read to its end or refused in words, and nothing is made up', async () => {
    const whole = await fixture(name)
    await fc.assert(
      fc.asyncProperty(fc.array(harm, { minLength: 1, maxLength: 4 }), async (harms) => {
        const bytes = harms.reduce((done, each) => each(done), whole)
        try {
          // The format of the whole file: the beginning may be what is damaged.
          const format = detectFormat(whole)
          const found = await survey(format.read(inChunks(bytes, 100)))
          const everybody = new Set(found.speakers.map(({ id }) => id))
          const cast = { person: everybody, persona: new Set<string>() }
          const tally = newTally()
          const chosen = await collect(
            select(format.read(inChunks(bytes, 100)), found, cast, new Date(0), tally),
          )
          for (const { id, at, text } of chosen) {
            expect(id.length).toBeLessThanOrEqual(200)
            expect(at.getTime()).not.toBeNaN()
            expect(text).not.toBe('')
          }
          expect(chosen.length).toBeLessThanOrEqual(bytes.length / 20)
        } catch (error) {
          if (!(error instanceof HearthError)) throw error
        }
      }),
      { numRuns: 60 },
    )
  })
})
