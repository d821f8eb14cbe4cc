import type { ActiveEntry, Lore, LorePlace } from '../core/lore.ts'
import type { Persona } from '../core/persona.ts'
import type { Part } from './sections.ts'

type NamedPlace = Exclude<LorePlace['at'], 'outlet' | 'depth'>

/** In the order in which they stand at the beginning; what comes and goes keeps it at the end. */
const inOrder: readonly NamedPlace[] = [
  'before-persona',
  'after-persona',
  'after-personality',
  'after-scenario',
  'examples-top',
  'examples-bottom',
]

/** What stands at one place of the prompt's beginning. */
export const standingAt = ({ entries }: Lore, at: NamedPlace): Part => ({
  section: 'standing lore',
  text: joined(entries.filter(({ standing, place }) => standing && place.at === at)),
})

/**
 * What comes and goes, for the prompt's end. What is meant for an outlet stands there too, where a text of the
 * beginning has that outlet and none of the end does: a text of the beginning must stay as it is.
 */
export function passingLore(lore: Lore, persona: Persona): readonly Part[] {
  const passing = lore.entries.filter(({ standing }) => !standing)
  const stranded = passing.filter(
    ({ place }) =>
      place.at === 'outlet' &&
      headTexts(persona).some((text) => hasOutlet(text, place.name)) &&
      !tailTexts(persona).some((text) => hasOutlet(text, place.name)),
  )
  const placed = inOrder.flatMap((at) => passing.filter(({ place }) => place.at === at))
  return [...placed, ...stranded].map(({ text }) => ({ section: 'lore', text }))
}

/** The texts that `{{outlet::name}}` fetches, by their names. */
export function outletsOf(entries: readonly ActiveEntry[]): Readonly<Record<string, string>> {
  const outlets: Record<string, ActiveEntry[]> = {}
  for (const entry of entries) {
    if (entry.place.at !== 'outlet') continue
    const { name } = entry.place
    outlets[name] = [...(Object.hasOwn(outlets, name) ? (outlets[name] ?? []) : []), entry]
  }
  return Object.fromEntries(Object.entries(outlets).map(([name, all]) => [name, joined(all)]))
}

const joined = (entries: readonly ActiveEntry[]): string => entries.map(({ text }) => text).join('\n\n')

const headTexts = ({ card, description, personality, scenario }: Persona): readonly string[] => [
  card?.systemPrompt ?? '',
  description,
  personality,
  scenario,
]

const tailTexts = ({ card, reminder }: Persona): readonly string[] => [reminder, card?.note?.text ?? '']

const hasOutlet = (text: string, name: string): boolean =>
  [...text.matchAll(/\{\{\s*outlet\s*::?([^{}]*)\}\}/gi)].some(([, asked = '']) => asked.trim() === name)
