import { expect, test } from 'vitest'
import type { KnownFact } from '../../src/core/fact.ts'
import { factId, messageId, ownerId, participantId, personaId, roomId } from '../../src/core/ids.ts'
import type { PlacedFact } from '../../src/core/memory.ts'
import { toldFacts } from '../../src/memory/told-facts.ts'

const uuid = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
const room = roomId(uuid(1))
const audience = [{ owner: ownerId(uuid(2)), room, from: 0, to: 9 }]
const [mira, wren] = [personaId('mira'), personaId('wren')]

function placed(sources: number, places: readonly number[], toldTo?: PlacedFact['toldTo']): PlacedFact {
  const fact: KnownFact = {
    id: factId(uuid(3)),
    number: 1,
    statement: 'Ada lives in Graz',
    about: { kind: 'speaker' },
    kind: 'attribute',
    quote: '',
    saidAt: new Date(0),
    validFrom: undefined,
    validTo: undefined,
    importance: 2,
    sensitivity: 'none',
    pinned: false,
    superseded: false,
    sources: Array.from({ length: sources }, (_, index) => messageId(uuid(10 + index))),
  }
  return {
    person: participantId(uuid(2)),
    fact,
    toldTo,
    places: places.map((position) => ({ room, position })),
  }
}

const isTold = (fact: PlacedFact, alone = false) =>
  toldFacts([fact], audience, alone ? wren : undefined).length > 0

test('a fact is told where all of it was said', () => {
  expect(isTold(placed(2, [3, 9]))).toBe(true)
  expect(isTold(placed(2, [3, 10]))).toBe(false)
})

test('what was written down is told alone, by the persona that it was told to', () => {
  expect(isTold(placed(0, [], wren))).toBe(false)
  expect(isTold(placed(0, [], wren), true)).toBe(true)
  expect(isTold(placed(0, [], mira), true)).toBe(false)
})

test('a fact of which it is not known where it was said is told nowhere', () => {
  expect(isTold(placed(1, []), true)).toBe(false)
  expect(isTold(placed(2, [3]), true)).toBe(false)
})
