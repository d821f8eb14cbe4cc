import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { personaError } from '../core/errors.ts'
import type { Persona } from '../core/persona.ts'
import { cardOfPersona, cardWith, cardWithBooks } from './card/from-persona.ts'
import { isObject } from './card/json.ts'
import type { Card } from './card/read-card.ts'
import type { CardVersion } from './card/strict.ts'
import { personaOfCard } from './card/to-persona.ts'
import { type CardFormat, writeCard } from './card/write-card.ts'
import { worldOf } from './card/write-world.ts'
import { cardPathIn, readCardFile } from './card-file.ts'
import { loreFolder, readLoreFolder } from './lore-folder.ts'
import { shownPath } from './place.ts'
import { problemText } from './problem.ts'

/** A persona as a card's bytes, with everything that its own card has. Throws `HearthError`. */
export async function exportPersona(
  persona: Persona,
  folder: string,
  format: CardFormat,
  version: CardVersion,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const own = join(folder, persona.id)
  const entries = await readdir(own).catch(() => [])
  const { written } = await readLoreFolder(own, entries, signal)
  const card = cardWithBooks(await cardOf(persona, cardPathIn(own, entries), signal), written, version)
  return writeCard(card, format, version, persona.avatar?.bytes)
}

/** The books of its card and its folder as one world file of SillyTavern. Throws `HearthError` where it has none. */
export async function exportLore(persona: Persona, folder: string, signal: AbortSignal): Promise<Uint8Array> {
  const own = join(folder, persona.id)
  const entries = await readdir(own).catch(() => [])
  const { written } = await readLoreFolder(own, entries, signal)
  const book = (await cardOf(persona, cardPathIn(own, entries), signal)).data.character_book
  const books = [...(isObject(book) ? [book] : []), ...written]
  if (books.length === 0) {
    throw personaError(`${persona.name} has no lore of its own.`, {
      code: 'no-lore',
      mend: `Its books stand in ${shownPath(join(own, loreFolder))}.`,
    })
  }
  return Buffer.from(`${JSON.stringify(worldOf(books, persona.name), null, 2)}\n`)
}

async function cardOf(persona: Persona, path: string | undefined, signal: AbortSignal): Promise<Card> {
  if (path === undefined) return cardOfPersona(persona)
  const reading = await readCardFile(path, signal)
  if (!reading.ok) {
    throw personaError(problemText(reading.problem), { code: 'card-unreadable', mend: reading.problem.mend })
  }
  return cardWith(reading.card, persona, personaOfCard(reading.card, persona.id).persona)
}
