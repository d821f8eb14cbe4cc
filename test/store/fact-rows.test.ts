import { expect, it } from 'vitest'
import type { KnownFact } from '../../src/core/fact.ts'
import { factId, messageId, newUuid } from '../../src/core/ids.ts'
import { writeFact } from '../../src/store/fact-rows.ts'
import { content } from './remembered-place.ts'

it('of a fact that is known, what another one is made of is its content alone', () => {
  const known: KnownFact = {
    ...content('Ada has a cat.'),
    id: factId(newUuid()),
    number: 3,
    pinned: true,
    superseded: false,
    sources: [messageId(newUuid())],
  }
  expect(JSON.parse(writeFact(known))).toEqual({
    statement: 'Ada has a cat.',
    about: { kind: 'speaker' },
    kind: 'attribute',
    quote: 'Ada has a cat.',
    saidAt: '2026-03-02T12:00:00.000Z',
    validFrom: '2026-03',
    importance: 2,
    sensitivity: 'none',
  })
})
