import { createHash } from 'node:crypto'
import type { Persona } from '../core/persona.ts'

const hexDigits = 12
const known = new WeakMap<Persona, string>()

/**
 * 12 hexadecimal digits over everything of a persona that shapes what it says: the same for the same texts and
 * settings, in every process and folder. Its picture, its manners and what is written for people do not count.
 */
export function personaVersion(persona: Persona): string {
  const version = known.get(persona) ?? digest(whatSpeaks(persona))
  known.set(persona, version)
  return version
}

/** A persona that a room has changed is of the version of its files. */
export function keepVersion(changed: Persona, files: Persona): Persona {
  known.set(changed, personaVersion(files))
  return changed
}

function whatSpeaks({ id: _id, avatar: _avatar, manners: _manners, card, ...persona }: Persona): unknown {
  if (card === undefined) return persona
  // Entries of lore may search the creator's notes.
  const { systemPrompt, note, groupGreetings, creatorNotes } = card
  return { ...persona, card: { systemPrompt, note, groupGreetings, creatorNotes } }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, inOrder)).digest('hex').slice(0, hexDigits)
}

/** The order in which fields were written says nothing. */
function inOrder(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
