import type { Author } from '../core/conversation.ts'
import type { PersonaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import type { HistoryMessage } from '../core/store.ts'

/** How everybody who says something in a history is called in the prompt. */
export interface Speakers {
  nameOf(author: Author): string
  /** Of all but the persona who answers, in the order in which they last spoke. */
  readonly others: readonly string[]
}

/** Nobody has another's name, nor the persona's: who comes later with the same one gets a number. */
export function speakersIn(
  history: readonly HistoryMessage[],
  persona: Persona,
  personaNamed: (id: PersonaId) => string | undefined,
): Speakers {
  const names = new Map<string, string>([[`persona ${persona.id}`, persona.name]])
  const taken = new Set([persona.name.toLowerCase()])
  const latest = new Set<string>()
  for (const { author } of history) {
    const key = keyOf(author)
    if (!names.has(key)) {
      const name = unlike(
        author.kind === 'persona' ? (personaNamed(author.id) ?? author.id) : author.displayName,
        taken,
      )
      names.set(key, name)
      taken.add(name.toLowerCase())
    }
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
    if (!taken.has(candidate.toLowerCase())) return candidate
  }
}
