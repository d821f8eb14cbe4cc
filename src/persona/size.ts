import type { Persona } from '../core/persona.ts'

export interface PersonaSize {
  /** UTF-16 code units of everything that stands in every prompt. */
  readonly characters: number
  /** About four bytes of UTF-8 to a token: four letters of English, or one and a third of Chinese. */
  readonly tokens: number
}

const bytesPerToken = 4

/** What the persona takes of every prompt: all its texts but the greetings, which are said once. */
export function personaSize(persona: Persona): PersonaSize {
  const { description, personality, scenario, reminder, examples } = persona
  const spoken = examples.flatMap(({ user, reply }) => [user, reply])
  const text = [description, personality, scenario, reminder, ...spoken].join('\n')
  return { characters: text.length, tokens: Math.ceil(Buffer.byteLength(text) / bytesPerToken) }
}
