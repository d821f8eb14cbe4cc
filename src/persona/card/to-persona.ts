import type { PersonaId } from '../../core/ids.ts'
import { type Lorebook, loreShare } from '../../core/lore.ts'
import type { Persona } from '../../core/persona.ts'
import { cleanName } from '../../core/text.ts'
import { isPattern } from '../lore/match.ts'
import { readBook } from '../lore/read-book.ts'
import { settingsSchema } from '../schema.ts'
import { personaSize, standingTokens } from '../size.ts'
import { readExamples } from './examples.ts'
import { type CardFields, readFields } from './fields.ts'
import { iconOf } from './icon.ts'
import { listOf, objectOf } from './json.ts'
import type { Card } from './read-card.ts'

export interface PersonaOfCard {
  readonly persona: Persona
  /** What the operator should know of it, each a sentence that goes on from the file's name. */
  readonly notes: readonly string[]
}

/** Twice that for as often as it takes: authors of cards write for larger models. */
const mostContextTokens = 131_072

/** A card as a persona, as well as the fields allow. Pure; never throws. */
export function personaOfCard(card: Card, id: PersonaId): PersonaOfCard {
  const fields = readFields(card.root, card.data)
  const written = fields.nickname || fields.name
  const name = cleanName(written || id)
  const icon = iconOf(card, fields.assets)
  const settings = settingsIn(fields)
  const lore = fields.book === undefined ? [] : [readBook(fields.book, 'card')]
  const persona: Persona = {
    id,
    name,
    description: fields.description,
    personality: fields.personality,
    scenario: fields.scenario,
    greetings: fields.greetings,
    examples: readExamples(fields.exampleDialogue, name),
    reminder: fields.postHistoryInstructions,
    ...settings,
    ...(icon.kind === 'picture' && { avatar: icon.avatar }),
    ...(lore.length > 0 && { lore }),
    card: {
      systemPrompt: fields.systemPrompt,
      note: fields.note,
      groupGreetings: fields.groupGreetings,
      talkativeness: fields.talkativeness,
      creator: fields.creator,
      creatorNotes: fields.creatorNotes,
      characterVersion: fields.characterVersion,
      tags: fields.tags,
    },
  }
  const { budget } = persona
  const contextTokens = contextFor(personaSize(persona).tokens, standingTokens(lore), budget)
  const notes = [
    ...(written === '' ? ['the card has no name'] : []),
    ...(icon.kind === 'none' && icon.why !== undefined ? [icon.why] : []),
    ...(contextTokens > budget.contextTokens
      ? [`its texts are long: it asks for a context of ${contextTokens.toLocaleString('en')} tokens`]
      : []),
    ...notesOn(card, fields, lore),
  ]
  return { persona: { ...persona, budget: { ...budget, contextTokens } }, notes }
}

/** The settings of a persona that was written here, which a card has no field for. Which model it is stays at home. */
function settingsIn({ extensions }: CardFields): Pick<Persona, 'prefill' | 'model' | 'budget' | 'manners'> {
  const given = settingsSchema.safeParse(objectOf(extensions.hearth))
  const { model, ...rest } = given.success ? given.data : settingsSchema.parse({})
  const { name: _, stop, ...sampling } = model
  return { model: { sampling, ...(stop !== undefined && { stop }) }, ...rest }
}

/** Half of it may be texts. */
function contextFor(tokens: number, lore: number, { contextTokens, replyTokens }: Persona['budget']): number {
  let context = contextTokens
  const isTooSmall = () => tokens > (context - replyTokens) / 2 || lore > context * loreShare
  while (context < mostContextTokens && isTooSmall()) context *= 2
  return context
}

function notesOn(card: Card, fields: CardFields, lore: readonly Lorebook[]): readonly string[] {
  const notes: string[] = []
  if (fields.newer)
    notes.push('the card is of a newer version than 3.0: what is new in it is kept, and not used')
  if (/<[a-z!/]/i.test(fields.nickname || fields.name))
    notes.push('its name has HTML in it, which is shown as text')
  const scripts = listOf(fields.extensions.regex_scripts).length
  if (scripts > 0) notes.push(`it brings ${scripts} scripts that rewrite texts: they are kept, and not run`)
  if (bringsCode(card, fields)) notes.push('it brings program code: that is kept, and never run')
  const entries = lore.flatMap((book) => book.entries)
  const broken = entries.filter(({ keys }) => !keys.every(isPattern)).length
  const written = Object.keys(fields.book?.entries ?? {}).length
  if (written > entries.length)
    notes.push(`${written - entries.length} of its lorebook entries are no entries, or too many`)
  if (broken > 0)
    notes.push(`${broken} of its lorebook entries have keys that are no regular expressions of RE2`)
  const dead = entries.filter(
    ({ enabled, constant, byMeaning, keys, gates }) =>
      enabled && !constant && !byMeaning && keys.length === 0 && !gates.always,
  ).length
  if (dead > 0) notes.push(`${dead} of its lorebook entries have no key, so nothing brings them`)
  return notes
}

function bringsCode({ assetPaths }: Card, { extensions, assets }: CardFields): boolean {
  const helpers = [extensions.TavernHelper_scripts, extensions.tavern_helper]
  return (
    helpers.some((helper) => Object.keys(helper ?? {}).length > 0) ||
    assets.some(({ type }) => type === 'x_code' || type === 'code') ||
    assetPaths.some((path) => /^assets\/[^/]+\/code\//.test(path))
  )
}
