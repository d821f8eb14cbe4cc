import type { ExternalId } from '../core/ids.ts'
import { type Lore, type Lorebook, loreShare } from '../core/lore.ts'
import type { RoomPast } from '../core/made.ts'
import type { Persona } from '../core/persona.ts'
import type { HistoryMessage } from '../core/store.ts'
import { activate } from '../persona/lore/activate.ts'
import { estimateTokens } from '../prompt/estimate.ts'
import { expandEntry } from '../prompt/macros.ts'
import type { Speakers } from '../prompt/speakers.ts'
import { headValues, tailValues, type ValuesInput } from '../prompt/values.ts'

/** Those of the persona's books that count in this room. A thread is part of its room. */
export const booksIn = ({ lore = [] }: Persona, room: ExternalId): readonly Lorebook[] =>
  lore.filter(
    ({ rooms }) => rooms === undefined || rooms.some((name) => name === room || room.startsWith(`${name} `)),
  )

const noLore: Lore = { entries: [], missed: [], hides: [], state: {} }

export interface LoreInput extends ValuesInput {
  readonly past: RoomPast | undefined
  /** Which entries are near in meaning to what was said, by `<book>/<entry>`. */
  readonly near: readonly string[]
}

/**
 * What the persona's books bring into a prompt. Pure. The budget goes by what the persona and the model take, not by
 * what the last prompts were counted at: what always stands must not come and go with that.
 */
export function loreFor(
  input: LoreInput,
  books: readonly Lorebook[],
  speakers: Speakers,
  contextTokens: number,
): Lore {
  if (books.length === 0) return noLore
  const { persona, history, roomKind, past } = input
  const isOwn = ({ author }: HistoryMessage) => author.kind === 'persona' && author.id === persona.id
  const greeting = past?.counts.greeting
  const [head, tail] = [headValues(input), tailValues(input)]
  return activate({
    books,
    messages: history.map(({ author, text }) =>
      roomKind === 'group' ? { name: speakers.nameOf(author), text } : { text },
    ),
    messageCount: past?.counts.messages ?? history.length,
    replyCount: past?.counts.replies ?? history.filter(isOwn).length,
    ...(greeting !== undefined && { greeting: greeting % Math.max(1, persona.greetings.length) }),
    texts: { ...searchedTexts(persona), 'self-description': input.selfDescription ?? '' },
    state: past?.lore ?? {},
    near: new Set(input.near),
    seed: input.seed,
    budgetTokens: Math.floor(contextTokens * loreShare),
    countTokens: estimateTokens,
    expand: (text, fixed) => expandEntry(text, fixed ? head : tail),
  })
}

export const searchedTexts = (persona: Persona) => ({
  description: persona.description,
  personality: persona.personality,
  scenario: persona.scenario,
  note: persona.card?.note?.text ?? '',
  'creator-notes': persona.card?.creatorNotes ?? '',
})
