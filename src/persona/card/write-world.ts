import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, textOf, truthOf } from './json.ts'
import { strictBook, worldExtensions } from './strict.ts'

/** Books as one world file of SillyTavern, with the fields that nobody knows. */
export function worldOf(books: readonly JsonObject[], name: string): JsonObject {
  const entries = books.flatMap((book) => listOf(strictBook(book, 3).entries).filter(isObject))
  return {
    name,
    entries: Object.fromEntries(entries.map((entry, uid) => [String(uid), worldEntry(entry, uid)])),
  }
}

/** `entry`: as a card has it. */
function worldEntry(entry: JsonObject, uid: number): JsonObject {
  const {
    keys,
    secondary_keys: second,
    case_sensitive: caseSensitive,
    insertion_order: order,
    enabled,
    extensions: written,
    position,
    use_regex: patterns,
    id: _id,
    uid: _uid,
    name,
    comment,
    ...rest
  } = entry
  const extensions = objectOf(written)
  const known = new Set<string>(['position', ...worldExtensions.map(([, inCard]) => inCard)])
  const foreign = Object.entries(extensions).filter(([field]) => !known.has(field))
  // SillyTavern knows a pattern by its slashes, and takes no second keys for one.
  const isPattern = truthOf(patterns) === true && extensions.position === undefined
  return {
    ...rest,
    uid,
    key: isPattern
      ? listOf(keys).map((key) => patternKey(textOf(key), truthOf(caseSensitive) === true))
      : (keys ?? []),
    keysecondary: isPattern ? [] : listOf(second),
    comment: textOf(comment) || textOf(name),
    constant: (truthOf(entry.constant) ?? false) && !(isPattern && listOf(keys).length > 0),
    selective: (truthOf(entry.selective) ?? false) && !isPattern,
    order: numberOf(order) ?? 0,
    disable: truthOf(enabled) === false,
    position: numberOf(extensions.position) ?? (position === 'before_char' ? 0 : 1),
    caseSensitive: caseSensitive ?? extensions.case_sensitive ?? null,
    ...Object.fromEntries(
      worldExtensions.flatMap(([inWorld, inCard]) => {
        const value = extensions[inCard]
        return value === undefined ? [] : [[inWorld, value]]
      }),
    ),
    ...(foreign.length > 0 && { extensions: Object.fromEntries(foreign) }),
  }
}

const patternKey = (key: string, caseSensitive: boolean): Json =>
  /^\/.+\/[a-z]*$/s.test(key) ? key : `/${key.replaceAll('/', '\\/')}/${caseSensitive ? '' : 'i'}`
