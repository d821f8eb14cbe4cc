import type { Author } from '../core/conversation.ts'
import type { PersonaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import type { Memory } from '../core/recall.ts'
import type { HistoryMessage } from '../core/store.ts'
import { lookOf, plainName } from './look.ts'

/** How everybody who says something in a history is called in the prompt. */
export interface Speakers {
  nameOf(author: Author): string
  /** Of all but the persona who answers, in the order in which they last spoke. */
  readonly others: readonly string[]
}

/** All personas of the process. */
export type PersonaNames = ReadonlyMap<PersonaId, Pick<Persona, 'name'>>

/** What somebody is called where they are quoted alone. */
export function quotedName(
  { speaker, persona }: Pick<Memory, 'speaker' | 'persona'>,
  personas: PersonaNames,
): string {
  if (persona !== undefined) return plainName(personas.get(persona)?.name ?? persona)
  return unlike(plainName(speaker), new Set([...personas.values()].map(({ name }) => lookOf(name))))
}

/**
 * Nobody has another's name, nor one that looks like it: not the persona's who answers, nor another persona's. Of
 * people, who comes later with the same one gets a number. A name may have been chosen to deceive.
 */
export function speakersIn(
  history: readonly HistoryMessage[],
  persona: Persona,
  personas: PersonaNames,
): Speakers {
  const names = new Map<string, string>([[`persona ${persona.id}`, persona.name]])
  const taken = new Set([lookOf(persona.name)])
  const give = (author: Author, called: string): void => {
    const key = keyOf(author)
    if (names.has(key)) return
    const name = unlike(plainName(called), taken)
    names.set(key, name)
    taken.add(lookOf(name))
  }
  for (const { author } of history)
    if (author.kind === 'persona') give(author, personas.get(author.id)?.name ?? author.id)
  // Also of those who have said nothing yet.
  for (const { name } of personas.values()) taken.add(lookOf(name))
  const latest = new Set<string>()
  for (const { author } of history) {
    if (author.kind === 'participant') give(author, author.displayName)
    const key = keyOf(author)
    latest.delete(key)
    latest.add(key)
  }
  latest.delete(`persona ${persona.id}`)
  return {
    nameOf: (author) => names.get(keyOf(author)) ?? '',
    others: [...latest].map((key) => names.get(key) ?? ''),
  }
}

const keyOf = ({ kind, id }: Author): string => `${kind} ${id}`

function unlike(name: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name} (${n})`
    if (!taken.has(lookOf(candidate))) return candidate
  }
}
