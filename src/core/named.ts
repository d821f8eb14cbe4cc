/** Whether a text names somebody: one of the names stands in it as a word of its own. */
export const isNamedIn = (text: string, names: readonly string[]): boolean =>
  names.some((name) => name.trim().length > 1 && asWord(name.trim()).test(text))

const asWord = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}_])`, 'iu')
