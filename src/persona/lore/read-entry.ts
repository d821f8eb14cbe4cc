import type { LoreEntry, LoreLogic, LorePlace, LoreRole, LoreSource } from '../../core/lore.ts'
import { cleanText } from '../../core/text.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  textOf,
  truthOf,
} from '../card/json.ts'
import { readDecorators } from './decorators.ts'
import { readAudience } from './only-for.ts'
import { readKeys } from './read-keys.ts'

/** Where SillyTavern puts an entry that says nothing: in a card, and in a world file. */
export type Origin = 'card' | 'world'

const logics: readonly LoreLogic[] = ['any', 'not-all', 'not-any', 'all']
const roles: readonly LoreRole[] = ['system', 'user', 'assistant']
const noteDepth = 4
/** Of an entry that says nothing. */
export const everydayOrder = 100

/** Fields that come from SillyTavern, in the extensions or beside them: its keys are words, whatever `use_regex` says. */
const sillyTavernFields = ['probability', 'selectiveLogic', 'exclude_recursion', 'excludeRecursion']

const sources: Readonly<Record<LoreSource, readonly [snake: string, camel: string]>> = {
  'self-description': ['match_persona_description', 'matchPersonaDescription'],
  description: ['match_character_description', 'matchCharacterDescription'],
  personality: ['match_character_personality', 'matchCharacterPersonality'],
  note: ['match_character_depth_prompt', 'matchCharacterDepthPrompt'],
  scenario: ['match_scenario', 'matchScenario'],
  'creator-notes': ['match_creator_notes', 'matchCreatorNotes'],
}

/** Takes an entry of any program's book as it was meant; undefined where it is no entry at all. */
export function readEntry(raw: Json, id: string, origin: Origin): LoreEntry | undefined {
  if (!isObject(raw)) return undefined
  const extensions = objectOf(raw.extensions)
  // What SillyTavern says in `extensions` beats the fields beside it; the fields of the specification are its own.
  const field = finder(extensions, raw)
  const own = finder(raw, extensions)
  const places = placeFrom(field, origin)
  const ofSillyTavern =
    origin === 'world' ||
    Object.hasOwn(extensions, 'position') ||
    sillyTavernFields.some((name) => Object.hasOwn(extensions, name) || Object.hasOwn(raw, name))
  const style = truthOf(raw.use_regex) === true && !ofSillyTavern ? 'pattern' : 'words'
  const { content, fields, gates } = readDecorators(cleanText(textOf(own('content', 'entry'))), places, style)
  const keys = readKeys(own('keys', 'key', 'keywords'), style)
  const second = readKeys(own('secondary_keys', 'secondaryKeys', 'keysecondary'), 'words')
  // "Needs a second key" means nothing without one: every entry of SillyTavern says so.
  const secondKeys = truthOf(own('selective')) === true && style === 'words' ? second : []
  const onlyFor = readAudience(field('characterFilter', 'character_filter'))
  return {
    id,
    ...(onlyFor !== undefined && { onlyFor }),
    name: cleanText(textOf(own('name')) || textOf(own('comment'))).slice(0, 200),
    enabled:
      (truthOf(own('enabled')) ?? !(truthOf(own('disable')) ?? false)) && isForReplies(field('triggers')),
    content,
    keys,
    secondKeys,
    logic: logics[numberOf(field('selectiveLogic', 'selective_logic')) ?? 0] ?? 'any',
    constant: truthOf(own('constant')) === true && (style === 'words' || keys.length === 0),
    byMeaning: truthOf(field('vectorized')) ?? false,
    caseSensitive: truthOf(field('case_sensitive', 'caseSensitive')) ?? false,
    wholeWords: truthOf(field('match_whole_words', 'matchWholeWords', 'whole_words_only')) ?? true,
    scanDepth: numberOf(field('scan_depth', 'scanDepth')),
    alsoSearches: (Object.keys(sources) as LoreSource[]).filter(
      (name) => truthOf(field(...sources[name])) === true,
    ),
    order: numberOf(own('insertion_order', 'order', 'weight')) ?? everydayOrder,
    priority: numberOf(own('priority')) ?? 0,
    place: places,
    probability: probabilityFrom(field),
    groups: textOf(field('group'))
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    groupWeight: Math.max(0, numberOf(field('group_weight', 'groupWeight')) ?? 100),
    groupFirst: truthOf(field('group_override', 'groupOverride')) ?? false,
    groupScoring: truthOf(field('use_group_scoring', 'useGroupScoring')) ?? false,
    sticky: countFrom(field('sticky')),
    cooldown: countFrom(field('cooldown')),
    delay: countFrom(field('delay')),
    notByOthers: truthOf(field('exclude_recursion', 'excludeRecursion')) ?? false,
    bringsNone: truthOf(field('prevent_recursion', 'preventRecursion')) ?? false,
    waitsForRound: roundFrom(field('delay_until_recursion', 'delayUntilRecursion')),
    ignoresBudget: truthOf(field('ignore_budget', 'ignoreBudget')) ?? false,
    ...fields,
    gates,
  }
}

type Field = (...names: readonly string[]) => Json | undefined

/** The first of the names that has a value, in the first part that has one. */
function finder(...parts: readonly JsonObject[]): Field {
  return (...names) => {
    for (const part of parts) {
      for (const name of names) {
        const value = Object.hasOwn(part, name) ? part[name] : undefined
        if (value !== undefined && value !== null && value !== '') return value
      }
    }
    return undefined
  }
}

const countFrom = (value: Json | undefined): number => Math.max(0, Math.floor(numberOf(value) ?? 0))

/** An entry may be meant for other things than replies alone. */
const isForReplies = (triggers: Json | undefined): boolean =>
  listOf(triggers).length === 0 || listOf(triggers).includes('normal')

/** `true` is the first round. */
function roundFrom(value: Json | undefined): number {
  return truthOf(value) === true ? Math.max(1, countFrom(value)) : countFrom(value)
}

function probabilityFrom(field: Field): number {
  if (truthOf(field('useProbability', 'use_probability')) === false) return 100
  return Math.min(100, Math.max(0, numberOf(field('probability')) ?? 100))
}

function placeFrom(field: Field, origin: Origin): LorePlace {
  switch (field('position')) {
    case 0:
    case 'before_char':
      return { at: 'before-persona' }
    case 1:
    case 'after_char':
      return { at: 'after-persona' }
    case 2:
      return { at: 'note-top' }
    case 3:
      return { at: 'note-bottom' }
    case 4: {
      const role = field('role')
      return {
        at: 'depth',
        depth: Math.max(0, numberOf(field('depth')) ?? noteDepth),
        role: roles.find((name) => name === role) ?? roles[numberOf(role) ?? 0] ?? 'system',
      }
    }
    case 5:
      return { at: 'examples-top' }
    case 6:
      return { at: 'examples-bottom' }
    case 7:
      return { at: 'outlet', name: textOf(field('outlet_name', 'outletName')) }
    default:
      return { at: origin === 'world' ? 'before-persona' : 'after-persona' }
  }
}

/** What an entry calls itself. */
export function entryId(raw: Json): string {
  const { id, uid, entry_id: other } = isObject(raw) ? raw : {}
  return [id, uid, other].map((value) => textOf(value ?? undefined)).find((value) => value !== '') ?? ''
}
