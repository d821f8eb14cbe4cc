import { isObject, type Json, type JsonObject, listOf, objectOf, textOf } from './json.ts'

const warning =
  'This is the older copy of a V3 card, for programs that do not read V3. What only V3 can say is left out of it.'

/**
 * The V2 copy that goes beside a V3 card, for older programs: with a warning in the creator's notes, and without
 * decorators, which they would show to the model. `root` is a strict V2 card.
 */
export function olderCopy(root: JsonObject): JsonObject {
  const data = objectOf(root.data)
  const notes = textOf(data.creator_notes)
  const book = data.character_book
  return {
    ...root,
    data: {
      ...data,
      creator_notes: notes === '' ? warning : `${notes}\n\n${warning}`,
      ...(isObject(book) && {
        character_book: { ...book, entries: listOf(book.entries).map(withoutDecorators) },
      }),
    },
  }
}

function withoutDecorators(entry: Json): Json {
  if (!isObject(entry)) return entry
  const content = textOf(entry.content)
  if (!/^\s*@@/.test(content)) return entry
  return { ...entry, content: content.replace(/^(?:\s*@@[^\n]*(?:\n|$))+/, '').trim() }
}
