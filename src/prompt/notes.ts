import { isAtBeginning, type Lore, type LoreRole } from '../core/lore.ts'
import type { Persona } from '../core/persona.ts'
import { expandMacros, type MacroValues } from './macros.ts'
import type { Part } from './sections.ts'

export interface NoteMessage extends Part {
  readonly role: LoreRole
}

export interface Notes {
  /** Before the history. */
  readonly first: readonly NoteMessage[]
  /** Before the new messages. */
  readonly near: readonly NoteMessage[]
  /** After them. */
  readonly last: readonly NoteMessage[]
  /** With what the reply begins. */
  readonly prefill: string
}

/** Where an author's note stands that says nothing else, as in SillyTavern. */
const usualDepth = 4
interface Note {
  readonly text: string
  readonly depth: number
  readonly role: LoreRole
  readonly standing: boolean
}

/**
 * What a card and its lore put so many messages before the history's end. Each of these messages moves every turn, and
 * with it everything behind it would be new to the prefix cache. So there are three places alone: after the new
 * messages for depth 0, right before them for any other, and before the history for what always stands and is far
 * back. The deeper comes first. What the persona is to have said last of all is the beginning of its reply, in the place of
 * its own `prefill`.
 * `head`, `tail`: what macros of a card's note stand for at either end.
 */
export function notesOf(persona: Persona, lore: Lore, head: MacroValues, tail: MacroValues): Notes {
  const notes = allNotes(persona, lore, head, tail)
  const messages = (which: readonly Note[]) =>
    merged([...which].sort((a, b) => b.depth - a.depth).filter(({ text }) => text.trim() !== ''))
  const isFar = ({ depth, role, standing }: Note) => standing && isAtBeginning({ at: 'depth', depth, role })
  return {
    first: messages(notes.filter(isFar)),
    near: messages(notes.filter((note) => note.depth > 0 && !isFar(note))),
    last: messages(notes.filter(({ depth, role }) => depth === 0 && role !== 'assistant')),
    prefill:
      notes
        .filter(({ depth, role }) => depth === 0 && role === 'assistant')
        .map(({ text }) => text)
        .join('\n')
        .trim() || expandMacros(persona.prefill ?? '', tail),
  }
}

function allNotes(
  { card }: Persona,
  { entries }: Lore,
  head: MacroValues,
  tail: MacroValues,
): readonly Note[] {
  const { depth = usualDepth, role = 'system', text = '' } = card?.note ?? {}
  const values = isAtBeginning({ at: 'depth', depth, role }) ? head : tail
  const around = (at: 'note-top' | 'note-bottom'): readonly Note[] =>
    entries
      .filter(({ place }) => place.at === at)
      .map(({ text, standing }) => ({ text, depth, role, standing }))
  return [
    ...around('note-top'),
    { text: expandMacros(text, values), depth, role, standing: true },
    ...around('note-bottom'),
    ...entries.flatMap(({ text, place, standing }): readonly Note[] =>
      place.at === 'depth' ? [{ text, depth: place.depth, role: place.role, standing }] : [],
    ),
  ]
}

/** Neighbours of one role are one message. */
function merged(notes: readonly Note[]): readonly NoteMessage[] {
  const messages: { role: LoreRole; text: string }[] = []
  for (const { role, text } of notes) {
    const last = messages.at(-1)
    if (last?.role === role) last.text += `\n\n${text.trim()}`
    else messages.push({ role, text: text.trim() })
  }
  return messages.map((message) => ({ ...message, section: 'notes' }))
}
