import type { Lorebook } from '../core/lore.ts'
import type { Persona } from '../core/persona.ts'
import { standsAlways } from './lore/standing.ts'

export interface PersonaSize {
  /** UTF-16 code units of everything that stands in every prompt. */
  readonly characters: number
  /** About four bytes of UTF-8 to a token: four letters of English, or one and a third of Chinese. */
  readonly tokens: number
}

const bytesPerToken = 4
const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / bytesPerToken)

/** What the persona takes of every prompt: all its texts but the greetings, which are said once. */
export function personaSize(persona: Persona): PersonaSize {
  const { description, personality, scenario, reminder, prefill = '', examples, card } = persona
  const spoken = examples.flatMap(({ user, reply }) => [user, reply])
  const own = [card?.systemPrompt ?? '', card?.note?.text ?? '', prefill].filter((text) => text !== '')
  const text = [description, personality, scenario, reminder, ...spoken, ...own].join('\n')
  return { characters: text.length, tokens: tokensOf(text) }
}

/** What lore that always stands would take of every prompt, in tokens as above. */
export const standingTokens = (lore: readonly Lorebook[]): number =>
  lore
    .flatMap(({ entries }) => entries)
    .filter(standsAlways)
    .reduce((sum, { content }) => sum + tokensOf(content), 0)
