import type { ActiveEntry, Lore, LorePlace } from '../../src/core/lore.ts'
import type { CardParts, Persona } from '../../src/core/persona.ts'
import type { LayoutInput } from '../../src/prompt/fill.ts'
import { plain, prompt, replied, said, wren } from './support.ts'

export const cardParts: CardParts = {
  systemPrompt: '',
  note: undefined,
  groupGreetings: [],
  talkativeness: undefined,
  creator: '',
  creatorNotes: 'Never in a prompt.',
  characterVersion: '',
  tags: [],
}
export const withCard = (card: Partial<CardParts>): Persona => ({ ...wren, card: { ...cardParts, ...card } })
export const entry = (text: string, place: LorePlace, standing = false): ActiveEntry => ({
  key: `book/${text}`,
  name: text,
  text,
  place,
  standing,
})
export const lore = (...entries: readonly ActiveEntry[]): Lore => ({
  entries,
  missed: [],
  hides: [],
  state: {},
})
export const at = (name: Exclude<LorePlace['at'], 'outlet' | 'depth'>): LorePlace => ({ at: name })
export const atDepth = (depth: number, role: 'system' | 'user' | 'assistant' = 'system'): LorePlace => ({
  at: 'depth',
  depth,
  role,
})

export const talk = [said('Hello.', 1), replied('Hello yourself.', 1), said('Who am I?', 2)]
export const shown = (rest: Partial<LayoutInput>) =>
  plain(prompt(talk, rest)).replace(/It is \w+day, .*\./, 'It is <the time>.')
/** Without what every prompt of Wren has. */
export const persona = {
  ...wren,
  description: 'D',
  personality: 'P',
  scenario: 'S',
  examples: [],
  reminder: 'R',
}
