import { join } from 'node:path'
import { readBoundedFile } from './bounded-file.ts'
import { type Card, mostCardBytes, readCard } from './card/read-card.ts'
import { cardProblem } from './lore-folder.ts'
import { shownPath } from './place.ts'
import type { PersonaProblem } from './problem.ts'

/** By which names a card in a persona's folder is found; the first bytes say what it really is. */
export const cardFiles = ['card.png', 'card.charx', 'card.json', 'card.apng', 'card.webp'] as const

export type CardFileReading =
  | { readonly ok: true; readonly card: Card; readonly bytes: Uint8Array; readonly file: string }
  | { readonly ok: false; readonly problem: PersonaProblem }

/** Reads a card from anywhere. Throws what the aborted signal throws. */
export async function readCardFile(path: string, signal: AbortSignal): Promise<CardFileReading> {
  const file = shownPath(path)
  const reading = await readBoundedFile(path, file, mostCardBytes, 'Make the pictures in it smaller.', signal)
  if (!reading.ok) return reading
  try {
    return { ok: true, card: readCard(reading.bytes), bytes: reading.bytes, file }
  } catch (error) {
    return { ok: false, problem: cardProblem(error, file) }
  }
}

/** The path of the card in a persona's folder, of which `entries` are the names; undefined where there is none. */
export function cardPathIn(folder: string, entries: readonly string[]): string | undefined {
  const name = cardFiles.find((each) => entries.includes(each))
  return name === undefined ? undefined : join(folder, name)
}
