/** Whether a text names somebody: one of the names stands in it as a word of its own. */
export const isNamedIn = (text: string, names: readonly string[]): boolean =>
  namedAt(text, names) !== undefined

/** Where a text names somebody first. */
export function namedAt(text: string, names: readonly string[]): number | undefined {
  const places = names.flatMap((name) =>
    name.trim().length > 1 ? [text.search(asWord(name.trim()))].filter((place) => place >= 0) : [],
  )
  return places.length === 0 ? undefined : Math.min(...places)
}

const asWord = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}_])`, 'iu')
