import { describe, expect, it } from 'vitest'
import { bookFor, readAudience } from '../../../src/persona/lore/only-for.ts'
import { testPersona } from '../../support/persona.ts'
import { world } from './support.ts'

const card = {
  systemPrompt: '',
  note: undefined,
  groupGreetings: [],
  talkativeness: undefined,
  creator: '',
  creatorNotes: '',
  characterVersion: '',
  tags: ['Sea', 'quiet'],
}
const entriesFor = (filter: unknown) =>
  bookFor(world({ 0: { uid: 0, key: ['lamp'], content: 'It turns.', characterFilter: filter } }), {
    ...testPersona,
    card,
  }).entries.length

describe('an entry that is for some personas', () => {
  it.each([
    [{ names: ['Wren'], tags: [], isExclude: false }, 1],
    [{ names: ['wren', 'mira'], tags: [] }, 1],
    [{ names: ['mira'], tags: [], isExclude: false }, 0],
    [{ names: ['mira'], tags: [], isExclude: true }, 1],
    [{ names: ['wren'], tags: [], isExclude: true }, 0],
    [{ names: [], tags: ['sea'] }, 1],
    [{ names: [], tags: ['city'] }, 0],
    [{ names: [], tags: ['sea'], isExclude: true }, 0],
    [{ names: ['wren'], tags: ['city'] }, 0],
    [{ names: [], tags: [], isExclude: true }, 1],
    // Ids of tags, which only the program that wrote them knows.
    [{ names: [], tags: ['0d6d9c1e-7a34-4c6e-9d55-0d2a6f3f4a11'] }, 1],
    [null, 1],
    ['nonsense', 1],
  ])('%j: comes in %i times', (filter, times) => {
    expect(entriesFor(filter)).toBe(times)
  })

  it('leaves out nobody where it says nothing', () => {
    expect(readAudience({ names: [], tags: [] })).toBeUndefined()
  })
})
