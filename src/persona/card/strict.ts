import { everydayOrder } from '../lore/read-entry.ts'
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, textOf, truthOf } from './json.ts'
import type { Card } from './read-card.ts'

export type CardVersion = 2 | 3

const texts = [
  'name',
  'description',
  'personality',
  'scenario',
  'first_mes',
  'mes_example',
  'creator_notes',
  'system_prompt',
  'post_history_instructions',
  'creator',
  'character_version',
] as const

/**
 * The card as its version's specification wants it: every field that must be there is, and of its type. What is
 * right already, and what nobody knows, stays as it is. `data` is the card's own fields.
 */
export function strictRoot({ root, data }: Pick<Card, 'root' | 'data'>, version: CardVersion): JsonObject {
  const fields = strictData(data === root ? fromV1(root) : data, version)
  const stated = numberOf(root.spec_version)
  // A later 3.x stays what it says it is.
  const later = version === 3 && stated !== undefined && stated >= 3 && typeof root.spec_version === 'string'
  return {
    ...root,
    spec: `chara_card_v${version}`,
    spec_version: later ? (root.spec_version ?? '3.0') : `${version}.0`,
    data: fields,
  }
}

/** V1 has its fields at the top; those of other programs there stay there. */
function fromV1(root: JsonObject): JsonObject {
  const older: Readonly<Record<string, Json | undefined>> = {
    name: root.char_name,
    description: root.char_persona,
    scenario: root.world_scenario,
    first_mes: root.char_greeting,
    mes_example: root.example_dialogue,
    creator_notes: root.creatorcomment,
  }
  const named = ['alternate_greetings', 'tags', 'character_book', 'extensions']
  return Object.fromEntries(
    [...texts, ...named].flatMap((name) => {
      const value = root[name] ?? older[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function strictData(data: JsonObject, version: CardVersion): JsonObject {
  const strict: Record<string, Json> = { ...data }
  for (const name of texts) strict[name] = textOf(data[name])
  strict.alternate_greetings = textList(data.alternate_greetings)
  strict.tags = textList(data.tags)
  strict.extensions = objectOf(data.extensions)
  if (version === 3) strict.group_only_greetings = textList(data.group_only_greetings)
  if (isObject(data.character_book)) strict.character_book = strictBook(data.character_book, version)
  else delete strict.character_book
  return strict
}

const textList = (value: Json | undefined): readonly Json[] => listOf(value).map(textOf)

/** Also of a world file, as a card has it. */
export function strictBook(book: JsonObject, version: CardVersion): JsonObject {
  const world = !Array.isArray(book.entries)
  const written = world ? Object.values(objectOf(book.entries)) : listOf(book.entries)
  return {
    ...book,
    extensions: objectOf(book.extensions),
    entries: written.filter(isObject).map((entry) => strictEntry(entry, world, version)),
  }
}

function strictEntry(entry: JsonObject, world: boolean, version: CardVersion): JsonObject {
  const { position, use_regex, ...rest } = entry
  const extensions = objectOf(entry.extensions)
  return {
    ...rest,
    keys: textList(
      typeof entry.keys === 'string' ? [entry.keys] : (entry.keys ?? entry.key ?? entry.keywords),
    ),
    content: textOf(entry.content ?? entry.entry),
    ...(world ? renamed(entry, worldFields) : {}),
    // A world file has the number of a place where a card has one of two words.
    extensions: {
      ...(world ? renamed(entry, worldExtensions) : {}),
      ...(typeof position === 'number' ? { position } : {}),
      ...extensions,
    },
    enabled: truthOf(entry.enabled) ?? !(truthOf(entry.disable) ?? false),
    insertion_order: numberOf(entry.insertion_order ?? entry.order ?? entry.weight) ?? everydayOrder,
    ...(position === 'before_char' || position === 'after_char' ? { position } : {}),
    ...(world && position === undefined ? { position: 'before_char' } : {}),
    // A field of V3, in which it must be there; V2 carries it along.
    ...(use_regex !== undefined || version === 3 ? { use_regex: truthOf(use_regex) ?? false } : {}),
  }
}

type Names = readonly (readonly [inWorld: string, inCard: string])[]

const renamed = (entry: JsonObject, names: Names): JsonObject =>
  Object.fromEntries(
    names.flatMap(([inWorld, inCard]) => {
      const value = entry[inWorld]
      return value === undefined || value === null ? [] : [[inCard, value]]
    }),
  )

/** What a world file calls the fields of an entry. */
const worldFields: Names = [
  ['keysecondary', 'secondary_keys'],
  ['caseSensitive', 'case_sensitive'],
]
/** What it has as fields, and a card in the extensions of an entry. */
export const worldExtensions: Names = [
  ['depth', 'depth'],
  ['role', 'role'],
  ['selectiveLogic', 'selectiveLogic'],
  ['probability', 'probability'],
  ['useProbability', 'useProbability'],
  ['excludeRecursion', 'exclude_recursion'],
  ['preventRecursion', 'prevent_recursion'],
  ['delayUntilRecursion', 'delay_until_recursion'],
  ['group', 'group'],
  ['groupOverride', 'group_override'],
  ['groupWeight', 'group_weight'],
  ['useGroupScoring', 'use_group_scoring'],
  ['scanDepth', 'scan_depth'],
  ['matchWholeWords', 'match_whole_words'],
  ['automationId', 'automation_id'],
  ['vectorized', 'vectorized'],
  ['sticky', 'sticky'],
  ['cooldown', 'cooldown'],
  ['delay', 'delay'],
  ['displayIndex', 'display_index'],
  ['outletName', 'outlet_name'],
  ['ignoreBudget', 'ignore_budget'],
  ['triggers', 'triggers'],
  ['matchPersonaDescription', 'match_persona_description'],
  ['matchCharacterDescription', 'match_character_description'],
  ['matchCharacterPersonality', 'match_character_personality'],
  ['matchCharacterDepthPrompt', 'match_character_depth_prompt'],
  ['matchScenario', 'match_scenario'],
  ['matchCreatorNotes', 'match_creator_notes'],
]
