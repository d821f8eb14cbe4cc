import { lstat, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { hashOf } from '../core/dice.ts'
import { personaError } from '../core/errors.ts'
import { personaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import { makeFolder } from '../files/make-folder.ts'
import { readBoundedFile } from './bounded-file.ts'
import { isObject, type Json } from './card/json.ts'
import { isPng } from './card/png-chunks.ts'
import { type Card, mostCardBytes, readCard, readJson } from './card/read-card.ts'
import { personaOfCard } from './card/to-persona.ts'
import { isWebp } from './card/webp-card.ts'
import { isZip } from './card/zip-read.ts'
import { cardPathIn, readCardFile } from './card-file.ts'
import { errnoOf } from './errors.ts'
import { bookIn, readBook } from './lore/read-book.ts'
import { cardProblem, loreFolder } from './lore-folder.ts'
import { idOf, shownPath, slugFrom } from './place.ts'
import { type PersonaProblem, problemText } from './problem.ts'
import { tooLong } from './too-long.ts'

export type Imported =
  | {
      readonly kind: 'card'
      readonly file: string
      readonly persona: Persona
      readonly notes: readonly string[]
    }
  | { readonly kind: 'here-already'; readonly file: string }
  | { readonly kind: 'book'; readonly file: string; readonly entries: number }

/**
 * Takes a character card, or a book of lore, into the folder of personas: as a copy of its bytes, so that nothing
 * of it is lost. `as`: the name of the persona's folder. Throws `HearthError` where it cannot be read or written.
 */
export async function importFile(
  path: string,
  as: string | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<Imported> {
  if (as !== undefined && idOf(as) !== as) throw badName(as)
  const file = shownPath(path)
  const reading = await readBoundedFile(path, file, mostCardBytes, 'Make the pictures in it smaller.', signal)
  if (!reading.ok) {
    const mend = (await isThere(path)) ? reading.problem.mend : 'Look at the path of the file.'
    throw refused({ ...reading.problem, mend })
  }
  const { bytes } = reading
  try {
    const book = isPng(bytes) || isWebp(bytes) || isZip(bytes) ? undefined : bookIn(readJson(bytes))
    if (book !== undefined) {
      const entries = readBook(book, 'import').entries.length
      return { kind: 'book', entries, file: await keepBook(bytes, path, as, folder) }
    }
    return await keepCard(bytes, readCard(bytes), path, as, folder, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'card-unreadable') {
      throw refused(cardProblem(error, file))
    }
    throw error
  }
}

async function keepCard(
  bytes: Uint8Array,
  card: Card,
  path: string,
  as: string | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<Imported> {
  const { name } = personaOfCard(card, personaId('card')).persona
  const own = basename(path, extname(path))
  const id = as ?? slugFrom(name) ?? slugFrom(own)
  if (id === undefined) throw badName(name)
  if (as === undefined) {
    const twin = await twinOf(card, folder, signal)
    if (twin !== undefined) return { kind: 'here-already', file: twin }
  }
  const { persona, notes } = personaOfCard(card, personaId(id))
  const target = join(folder, id, `card.${card.container}`)
  const problem = tooLong(persona, shownPath(path))
  if (problem !== undefined) throw refused(problem)
  const names = await readdir(join(folder, id)).catch(() => [])
  if (names.length > 0) throw exists(join(folder, id))
  await write(target, bytes)
  return { kind: 'card', file: shownPath(target), persona, notes }
}

async function keepBook(
  bytes: Uint8Array,
  path: string,
  as: string | undefined,
  folder: string,
): Promise<string> {
  if (as === undefined) {
    throw personaError('This is a book of lore, which belongs to a persona.', {
      code: 'lore-whose',
      mend: 'Say whose: npx hearth persona import <file> --as <name of a persona>',
    })
  }
  if ((await readdir(join(folder, as)).catch(() => [])).length === 0) {
    throw personaError(`There is no persona in ${shownPath(join(folder, as))}.`, {
      code: 'persona-unknown',
      mend: 'Import or write the persona first, then its book.',
    })
  }
  const slug = slugFrom(basename(path, extname(path))) ?? `book-${hashOf(basename(path)).toString(36)}`
  const target = join(folder, as, loreFolder, `${slug}.json`)
  await write(target, bytes)
  return shownPath(target)
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

/** Files of one card may differ by a line end: their words count. */
async function twinOf(card: Card, folder: string, signal: AbortSignal): Promise<string | undefined> {
  const wanted = wordsOf(card.data)
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    const entries = await readdir(join(folder, name)).catch(() => [])
    const path = cardPathIn(join(folder, name), entries)
    if (path === undefined) continue
    const reading = await readCardFile(path, signal)
    if (reading.ok && wordsOf(reading.card.data) === wanted) return reading.file
  }
  return undefined
}

function wordsOf(value: Json): string {
  return JSON.stringify(value, (_, each: Json) => {
    if (typeof each === 'string') return each.replace(/\r\n?/g, '\n').trim()
    return isObject(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each
  })
}

async function write(target: string, bytes: Uint8Array): Promise<void> {
  try {
    makeFolder(join(target, '..'))
    // `wx` never writes over a file, so what is removed below is always our own.
    await writeFile(target, bytes, { flag: 'wx' })
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw exists(target)
    await rm(target, { force: true }).catch(() => undefined)
    throw personaError(`${shownPath(target)} cannot be written (${errnoOf(error) || 'unknown error'}).`, {
      code: 'persona-unwritable',
      mend: 'Look at the rights of the folder, at what stands in its way, and at the room on the disk.',
      cause: error,
    })
  }
}

const exists = (path: string) =>
  personaError(`${shownPath(path)} is there already.`, {
    code: 'persona-exists',
    mend: 'Choose another name: npx hearth persona import <file> --as <name>',
  })

const refused = (problem: PersonaProblem) =>
  personaError(problemText(problem), { code: 'card-unreadable', mend: problem.mend })

function badName(name: string) {
  const slug = slugFrom(name)
  return personaError(
    'The folder of a persona is named with small letters a to z, digits, - and _, at most 63.',
    { code: 'persona-name', mend: `Say which: npx hearth persona import <file> --as ${slug ?? '<name>'}` },
  )
}
