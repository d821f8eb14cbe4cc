import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { personaError } from '../core/errors.ts'
import type { Persona } from '../core/persona.ts'
import { cardOfPersona, cardWith, cardWithBooks } from './card/from-persona.ts'
import type { Card } from './card/read-card.ts'
import type { CardVersion } from './card/strict.ts'
import { personaOfCard } from './card/to-persona.ts'
import { type CardFormat, writeCard } from './card/write-card.ts'
import { cardPathIn, readCardFile } from './card-file.ts'
import { readLoreFolder } from './lore-folder.ts'
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

async function cardOf(persona: Persona, path: string | undefined, signal: AbortSignal): Promise<Card> {
  if (path === undefined) return cardOfPersona(persona)
  const reading = await readCardFile(path, signal)
  if (!reading.ok) {
    throw personaError(problemText(reading.problem), { code: 'card-unreadable', mend: reading.problem.mend })
  }
  return cardWith(reading.card, persona, personaOfCard(reading.card, persona.id).persona)
}
