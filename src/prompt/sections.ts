import { estimateTokens, frameTokens } from './estimate.ts'

/** The named parts of a prompt. */
export type SectionName =
  | 'system prompt'
  | 'persona'
  | 'standing lore'
  | 'examples'
  | 'summary'
  | 'history'
  | 'notes'
  | 'new messages'
  | 'people'
  | 'memories'
  | 'lore'
  | 'time'
  | 'reminder'
  | 'unprompted'
  | 'prefill'

/** A text of one section. */
export interface Part {
  readonly section: SectionName
  readonly text: string
}

export interface SectionSize {
  readonly section: SectionName
  /** On the scale of `estimateTokens`. */
  readonly tokens: number
}

/** What would have stood in a prompt. */
export interface LeftOut {
  readonly section: SectionName
  /** Which of its parts; undefined: all of it. */
  readonly name?: string
  readonly why: LeftOutWhy
}

/**
 * `no-room`: what was said last needs the room. `budget`: lore has none left. `chance`: it was not its turn.
 * `group`: another one of its group came in. `history`: it made way for the history. `cut`: it stands in the summary
 * and in memory. `pocket`: a model of that size is led astray by it. `host`: the model's host takes no such thing.
 * `hidden`: an entry asks for that.
 */
export type LeftOutWhy =
  | 'no-room'
  | 'budget'
  | 'chance'
  | 'group'
  | 'history'
  | 'cut'
  | 'pocket'
  | 'host'
  | 'hidden'

/** Without what is empty. */
export const filledParts = (parts: readonly Part[]): readonly Part[] =>
  parts.map(({ section, text }) => ({ section, text: text.trim() })).filter(({ text }) => text !== '')

/** The sizes of sections, each once, in the order in which they begin. */
export function sizesOf(parts: readonly Part[]): readonly SectionSize[] {
  const sizes = new Map<SectionName, number>()
  for (const { section, text } of parts) {
    sizes.set(section, (sizes.get(section) ?? 0) + estimateTokens(text) - frameTokens)
  }
  return [...sizes].map(([section, tokens]) => ({ section, tokens }))
}
