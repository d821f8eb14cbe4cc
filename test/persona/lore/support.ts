import type { Lorebook } from '../../../src/core/lore.ts'
import type { Json, JsonObject } from '../../../src/persona/card/json.ts'
import { activate, type LoreInput } from '../../../src/persona/lore/activate.ts'
import { readBook } from '../../../src/persona/lore/read-book.ts'

export type Raw = Readonly<Record<string, unknown>>

let next = 0
/** An entry of a card's book, that says the word for which it is found. */
export const entry = (key: string, rest: Raw = {}): Raw => ({
  keys: [key],
  content: `about ${key}`,
  enabled: true,
  insertion_order: 100,
  id: `${key || 'none'}-${next++}`,
  extensions: {},
  name: key,
  ...rest,
})
export const ext = (key: string, extensions: Raw, rest: Raw = {}): Raw => entry(key, { extensions, ...rest })

export const book = (entries: readonly Raw[], rest: Raw = {}, id = 'book'): Lorebook =>
  readBook({ entries: entries as unknown as Json, ...(rest as JsonObject) }, id)
export const world = (entries: Raw, id = 'world'): Lorebook =>
  readBook({ entries: entries as JsonObject }, id)

export const input = (
  books: readonly Lorebook[],
  messages: readonly string[],
  rest: Partial<LoreInput> = {},
) => ({
  books,
  messages: messages.map((text) => ({ text })),
  messageCount: messages.length,
  replyCount: 0,
  texts: {},
  state: {},
  seed: 'seed',
  budgetTokens: 1_000,
  countTokens: (text: string) => text.split(' ').length,
  expand: (text: string) => ({ sent: text, searched: text }),
  ...rest,
})

export const run = (
  entries: readonly Raw[],
  messages: readonly string[],
  rest: Partial<LoreInput> = {},
  of: Raw = {},
) => activate(input([book(entries, of)], messages, rest))

/** The names of what comes in, in order. */
export const names = (...args: Parameters<typeof run>): readonly string[] =>
  run(...args).entries.map(({ name }) => name)
