import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HearthError } from '../core/errors.ts'
import type { Lorebook } from '../core/lore.ts'
import { readBoundedFile } from './bounded-file.ts'
import { type JsonObject, mostJsonBytes } from './card/json.ts'
import { readJson } from './card/read-card.ts'
import { fileProblem } from './errors.ts'
import { bookIn, readBook } from './lore/read-book.ts'
import { shownPath } from './place.ts'
import type { PersonaProblem } from './problem.ts'

export const loreFolder = 'lore'
/** Beside the folders of the personas: no persona can be called so. */
export const sharedLoreFolder = '_lore'
const mostBooks = 100

export interface LoreReading {
  readonly books: readonly Lorebook[]
  /** The same as they are written. */
  readonly written: readonly JsonObject[]
  readonly problems: readonly PersonaProblem[]
}

/**
 * Reads the books in `<folder>/lore`, in the order of their names; `entries` are the names in the folder.
 * Throws what the aborted signal throws.
 */
export async function readLoreFolder(
  folder: string,
  entries: readonly string[],
  signal: AbortSignal,
): Promise<LoreReading> {
  return entries.includes(loreFolder)
    ? await readBooks(join(folder, loreFolder), '', signal)
    : { books: [], written: [], problems: [] }
}

/** The books of all personas of one place: of that in which this persona's `folder` stands. Throws as above. */
export async function readSharedLore(
  folder: string,
  signal: AbortSignal,
): Promise<Omit<LoreReading, 'written'>> {
  const place = dirname(folder)
  const shared = (await readdir(place).catch((): string[] => [])).includes(sharedLoreFolder)
  return shared
    ? await readBooks(join(place, sharedLoreFolder), 'shared/', signal)
    : { books: [], problems: [] }
}

/** `prefix`: of the books' ids. */
async function readBooks(place: string, prefix: string, signal: AbortSignal): Promise<LoreReading> {
  let names: readonly string[]
  try {
    names = (await readdir(place)).filter((name) => /\.json$/i.test(name) && !name.startsWith('.')).sort()
  } catch (error) {
    return { books: [], written: [], problems: [fileProblem(error, shownPath(place))] }
  }
  if (names.length > mostBooks) {
    const message = `there are more than ${mostBooks} books in this folder`
    const problem = { file: shownPath(place), message, mend: 'Keep those that are needed.' }
    return { books: [], written: [], problems: [problem] }
  }
  const books: Lorebook[] = []
  const written: JsonObject[] = []
  const problems: PersonaProblem[] = []
  for (const name of names) {
    const read = await readBookFile(join(place, name), signal)
    if ('raw' in read) {
      books.push(readBook(read.raw, `${prefix}${name.replace(/\.json$/i, '')}`))
      written.push(read.raw)
    } else problems.push(read)
  }
  return { books, written, problems }
}

async function readBookFile(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly raw: JsonObject } | PersonaProblem> {
  const file = shownPath(path)
  const reading = await readBoundedFile(path, file, mostJsonBytes, 'Split the book into several.', signal)
  if (!reading.ok) return reading.problem
  try {
    const raw = bookIn(readJson(reading.bytes))
    if (raw !== undefined) return { raw }
    return { file, message: 'this is no book of lore: it has no entries', mend: 'Take it out of the folder.' }
  } catch (error) {
    return cardProblem(error, file)
  }
}

/** What a reader of cards threw, as a problem. Anything else goes on its way. */
export function cardProblem(error: unknown, file: string): PersonaProblem {
  if (!(error instanceof HearthError)) throw error
  return { file, message: error.message, mend: error.mend ?? '' }
}
