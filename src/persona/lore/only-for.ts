import type { LoreAudience, Lorebook } from '../../core/lore.ts'
import type { Persona } from '../../core/persona.ts'
import { type Json, listOf, objectOf, textOf, truthOf } from '../card/json.ts'

/** SillyTavern names tags by ids of its own, which say nothing here. */
const tagId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i

/** `characterFilter` of a world's entry; undefined where it leaves nobody out. */
export function readAudience(raw: Json | undefined): LoreAudience | undefined {
  const filter = objectOf(raw)
  const texts = (value: Json | undefined) =>
    listOf(value)
      .map((each) => textOf(each).trim().toLowerCase())
      .filter((each) => each !== '')
  const names = texts(filter.names)
  const tags = texts(filter.tags).filter((tag) => !tagId.test(tag))
  if (names.length + tags.length === 0) return undefined
  return { names, tags, others: truthOf(filter.isExclude) ?? false }
}

/** A book with those of its entries that are meant for this persona, by its folder, its names and its card's tags. */
export function bookFor(book: Lorebook, persona: Pick<Persona, 'id' | 'name' | 'card'>): Lorebook {
  const names = [persona.id, persona.name].map((name) => name.toLowerCase())
  const tags = (persona.card?.tags ?? []).map((tag) => tag.toLowerCase())
  const entries = book.entries.filter(({ onlyFor }) => {
    if (onlyFor === undefined) return true
    const { names: listed, tags: listedTags, others } = onlyFor
    // Each of the two lists that says anything must agree.
    const named = listed.length === 0 || names.some((name) => listed.includes(name)) !== others
    const tagged = listedTags.length === 0 || tags.some((tag) => listedTags.includes(tag)) !== others
    return named && tagged
  })
  return entries.length === book.entries.length ? book : { ...book, entries }
}
