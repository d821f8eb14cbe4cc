import { isDeepStrictEqual } from 'node:util'
import type { LoreEntry } from '../core/lore.ts'
import type { Persona } from '../core/persona.ts'
import { shownName } from './problem.ts'

/** One thing that is other than before: a field or an entry, by its name, and how much of it. It quotes no text. */
export interface PersonaChange {
  readonly what: string
  readonly change: string
}

/** What is other in `after`, in the order in which a model reads it. */
export function personaChanges(before: Persona, after: Persona): readonly PersonaChange[] {
  const [old, now] = [textsOf(before), textsOf(after)]
  return [
    ...Object.keys(old).flatMap((what) => textChange(what, old[what] ?? '', now[what] ?? '')),
    ...listChange('greetings', before.greetings, after.greetings),
    ...listChange('examples', before.examples, after.examples),
    ...listChange('card.groupGreetings', before.card?.groupGreetings, after.card?.groupGreetings),
    ...settingChanges(before, after),
    ...loreChanges(before, after),
    ...(isDeepStrictEqual(before.avatar, after.avatar) ? [] : [pictureChange(after)]),
  ]
}

function textsOf({ name, description, personality, scenario, reminder, prefill, card }: Persona) {
  const texts: Readonly<Record<string, string>> = {
    name,
    'card.systemPrompt': card?.systemPrompt ?? '',
    description,
    personality,
    scenario,
    'card.note': card?.note?.text ?? '',
    reminder,
    prefill: prefill ?? '',
    'card.creatorNotes': card?.creatorNotes ?? '',
  }
  return texts
}

function textChange(what: string, before: string, after: string): readonly PersonaChange[] {
  if (before === after) return []
  const [old, now] = [before.split('\n'), after.split('\n')]
  const lines = `+${missing(now, old)} −${missing(old, now)} lines`
  return [{ what, change: `${lines}, ${before.length} → ${after.length} characters` }]
}

/** How many of `these` are not among `those`, each of which stands for one. */
function missing(these: readonly string[], those: readonly string[]): number {
  const left = new Map<string, number>()
  for (const line of those) left.set(line, (left.get(line) ?? 0) + 1)
  let count = 0
  for (const line of these) {
    const there = left.get(line) ?? 0
    if (there === 0) count++
    else left.set(line, there - 1)
  }
  return count
}

function listChange(
  what: string,
  before: readonly unknown[] = [],
  after: readonly unknown[] = [],
): readonly PersonaChange[] {
  if (isDeepStrictEqual(before, after)) return []
  const other = after.filter((item, index) => !isDeepStrictEqual(item, before[index])).length
  return [{ what, change: `${before.length} → ${after.length}, ${other} of them other than before` }]
}

function settingChanges(before: Persona, after: Persona): readonly PersonaChange[] {
  const [old, now] = [settingsOf(before), settingsOf(after)]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((what) => !isDeepStrictEqual(old[what], now[what]))
    .map((what) => ({ what, change: `${shown(old[what])} → ${shown(now[what])}` }))
}

function settingsOf({ model, budget, manners, card }: Persona): Readonly<Record<string, unknown>> {
  const { name, sampling, stop } = model
  return {
    ...inGroup('model', { name, ...sampling, stop }),
    ...inGroup('budget', budget),
    ...inGroup('manners', manners),
    ...inGroup('card', {
      'note.depth': card?.note?.depth,
      'note.role': card?.note?.role,
      talkativeness: card?.talkativeness,
      characterVersion: card?.characterVersion,
    }),
  }
}

const inGroup = (group: string, values: object) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}.${name}`, value]))

function shown(value: unknown): string {
  if (value === undefined) return 'not set'
  return Array.isArray(value) ? `${value.length} of them` : shownName(String(value))
}

function loreChanges(before: Persona, after: Persona): readonly PersonaChange[] {
  const [old, now] = [entriesOf(before), entriesOf(after)]
  const other = [...now].flatMap(([key, entry]) => {
    const was = old.get(key)
    if (was === undefined) return [entryChange(entry, `new, ${entry.content.length} characters`)]
    const fields = Object.entries(entry).filter(
      ([field, value]) => !isDeepStrictEqual(value, was[field as keyof LoreEntry]),
    )
    return fields.length === 0 ? [] : [entryChange(entry, fields.map(([field]) => field).join(', '))]
  })
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, entry]) => entryChange(entry, 'gone'))
  return [...other, ...gone]
}

const entriesOf = ({ lore = [] }: Persona): ReadonlyMap<string, LoreEntry> =>
  new Map(lore.flatMap((book) => book.entries.map((entry) => [`${book.id} ${entry.id}`, entry] as const)))

const entryChange = (entry: LoreEntry, change: string): PersonaChange => ({
  what: `lore: ${shownName(entry.name || entry.id)}`,
  change,
})

const pictureChange = ({ avatar }: Persona): PersonaChange => ({
  what: 'avatar',
  change: avatar === undefined ? 'gone' : `another one, ${avatar.bytes.length} bytes`,
})
