import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { About } from '../../src/core/fact.ts'
import { messageId, participantId } from '../../src/core/ids.ts'
import type { Fact } from '../../src/memory/fact.ts'
import { type KnownFact, merge } from '../../src/memory/merge.ts'

const ada = participantId('00000000-0000-7000-8000-000000000001')

function fact(statement: string, day = '2026-11-20', more: Partial<Fact> = {}): Fact {
  return {
    statement,
    about: { kind: 'speaker' },
    speaker: { kind: 'participant', id: ada, name: 'Ada' },
    kind: 'attribute',
    quote: statement,
    message: messageId('00000000-0000-7000-8000-000000000002'),
    saidAt: new Date(`${day}T12:00:00Z`),
    validFrom: undefined,
    validTo: undefined,
    importance: 2,
    sensitivity: 'none',
    answers: undefined,
    corrects: false,
    ...more,
  }
}

const other = (name: string): { readonly about: About } => ({ about: { kind: 'other', name } })
const verdict = (one: Fact, known: Fact) => merge(one, [known]).verdict
const old = '2025-03-01'

describe('merging', () => {
  it.each([
    ['same', 'Ada likes tea', 'Ada loves tea'],
    ['same', 'Ada works as a nurse in Graz', 'Ada works as a nurse'],
    ['same', 'Anna wohnt in Leipzig', 'Anna lebt in Leipzig'],
    ['refines', 'Ada has a sister named Ruth', 'Ada has a sister named Ruth who lives in Rome'],
    ['refines', 'Ada likes tea', 'Ada likes tea with milk'],
    ['contradicts', 'Ada eats meat', 'Ada does not eat meat'],
    ['contradicts', 'Ada lives in Graz', 'Ada does not live in Graz any more'],
    ['contradicts', 'Ada lives in Graz', 'Ada lives in Salzburg'],
    ['contradicts', 'Ada likes olives', 'Ada hates olives'],
    ['contradicts', 'Ada smokes', 'Ada quit smoking'],
    ['contradicts', 'Ada lives in Berlin', 'Ada used to live in Berlin'],
    ['contradicts', "Ada's favourite film is Alien", "Ada's favourite film is Heat"],
    ['contradicts', 'Claire mange de la viande', 'Claire ne mange pas de viande'],
    ['new', 'Ada has a cat', 'Ada has a cat allergy'],
    ['new', 'Ada plays the cello', 'Ada plays chess'],
    ['new', 'Ada likes tea', 'Ada hates coffee'],
    ['new', "Ada's favourite film is Alien", "Ada's favourite song is Alien"],
    ['new', 'Ada flies to Lisbon 2026-11-23', 'Ada visited Rome'],
  ] as const)('says "%s" of "%s" and then "%s"', (expected, before, after) => {
    expect(verdict(fact(after), fact(before, old))).toBe(expected)
  })

  it('keeps apart what is of different people or of different days', () => {
    expect(verdict(fact('Ruth likes tea', '2026-11-20', other('Ruth')), fact('Ada likes tea', old))).toBe(
      'new',
    )
    expect(
      verdict(fact('Ruth smokes', '2026-11-20', other('Ruth')), fact('Tom smokes', old, other('Tom'))),
    ).toBe('new')
    const flight = (day: string) =>
      fact(`Ada flies to Lisbon ${day}`, '2026-11-20', { validFrom: day, kind: 'plan' })
    expect(verdict(flight('2026-12-01'), flight('2026-11-23'))).toBe('new')
    expect(verdict(flight('2026-12-01'), flight('2026-12-01'))).toBe('same')
  })

  it('knows the speaker where the known fact comes without a name', () => {
    const nameless = {
      ...fact('Ada likes tea', old),
      speaker: { kind: 'participant', id: ada, name: '' },
    } as const
    expect(merge(fact('Ada loves tea'), [nameless]).verdict).toBe('same')
  })

  it('ends the one that was said earlier, whichever comes first', () => {
    const graz = fact('Ada lives in Graz', old)
    const linz = fact('Ada lives in Linz')
    expect(merge(linz, [graz])).toMatchObject({
      verdict: 'contradicts',
      ended: 'known',
      validTo: '2026-11-20',
    })
    expect(merge(graz, [linz])).toMatchObject({ verdict: 'contradicts', ended: 'new', validTo: '2026-11-20' })
  })

  it('leaves alone what has ended already', () => {
    expect(verdict(fact('Ada lives in Linz'), fact('Ada lives in Graz', old, { validTo: '2025-06' }))).toBe(
      'new',
    )
  })

  it('lets a correction replace what it is most like, of whomever that was', () => {
    const sister = fact("Ada's sister is moving in", '2026-11-19', { ...other('sister') })
    const brother = fact("Ada's brother is moving in", '2026-11-20', { ...other('brother'), corrects: true })
    expect(merge(brother, [fact('Ada likes tea', '2026-11-19'), sister])).toMatchObject({
      verdict: 'contradicts',
      known: 1,
    })
    expect(merge({ ...brother, corrects: false }, [sister]).verdict).toBe('new')
  })

  it('comes to the same facts in whatever order they arrive', () => {
    const facts = [
      fact('Ada lives in Graz', '2024-01-01'),
      fact('Ada lives in Linz', '2025-01-01'),
      fact('Ada lives in Rome', '2026-01-01'),
      fact('Ada likes tea', '2024-02-01'),
      fact('Ada loves tea', '2025-02-01'),
      fact('Ada eats meat', '2024-03-01'),
      fact('Ada does not eat meat', '2025-03-01'),
      fact('Ada plays chess', '2025-04-01'),
    ]
    const live = (order: readonly Fact[]) => {
      const known: KnownFact[] = []
      for (const each of order) {
        let next = each
        for (let merged = merge(next, known); ; merged = merge(next, known)) {
          if (merged.verdict === 'same') break
          if (merged.verdict === 'contradicts' && merged.ended === 'known') {
            known[merged.known] = { ...(known[merged.known] as KnownFact), validTo: merged.validTo }
            continue
          }
          if (merged.verdict === 'contradicts') next = { ...next, validTo: merged.validTo }
          if (merged.verdict === 'refines') known[merged.known] = next
          else known.push(next)
          break
        }
      }
      return known
        .filter(({ validTo }) => validTo === undefined)
        .map(({ statement }) => statement.replace('loves', 'likes'))
        .toSorted()
    }
    const expected = ['Ada does not eat meat', 'Ada likes tea', 'Ada lives in Rome', 'Ada plays chess']
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (order) => {
        expect(live(order)).toEqual(expected)
      }),
    )
  })
})
