import type { LoreRole } from '../../core/lore.ts'
import { cleanText } from '../../core/text.ts'
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, textOf } from './json.ts'

export interface CardAsset {
  readonly type: string
  readonly uri: string
  readonly name: string
  readonly ext: string
}

/** What a card says, whatever its version; empty where it says nothing. All texts are clean. */
export interface CardFields {
  readonly version: 1 | 2 | 3
  /** Of a version after 3.0, which may have fields that are not known here. */
  readonly newer: boolean
  readonly name: string
  readonly nickname: string
  readonly description: string
  readonly personality: string
  readonly scenario: string
  /** The first message and its alternatives. */
  readonly greetings: readonly string[]
  readonly groupGreetings: readonly string[]
  readonly exampleDialogue: string
  readonly systemPrompt: string
  readonly postHistoryInstructions: string
  readonly creatorNotes: string
  readonly creator: string
  readonly characterVersion: string
  readonly tags: readonly string[]
  /** From 0 to 1. */
  readonly talkativeness: number | undefined
  readonly note: { readonly text: string; readonly depth: number; readonly role: LoreRole } | undefined
  readonly book: JsonObject | undefined
  readonly assets: readonly CardAsset[]
  readonly extensions: JsonObject
}

const roles: readonly LoreRole[] = ['system', 'user', 'assistant']
const noteDepth = 4
const newest = 3

/** The names that a card's fields have in programs from before there was a specification. */
const olderNames: Readonly<Record<string, readonly string[]>> = {
  name: ['char_name'],
  description: ['char_persona'],
  scenario: ['world_scenario'],
  first_mes: ['char_greeting'],
  mes_example: ['example_dialogue'],
  creator_notes: ['creatorcomment'],
}
const tellTales = ['first_mes', 'description', 'personality', 'mes_example', 'char_persona', 'char_greeting']

/** Where the fields of a card stand: in `data` from V2 on; undefined for JSON that is no card. */
export function dataIn(root: JsonObject): JsonObject | undefined {
  const data = root.data
  const spec = textOf(root.spec)
  if (isObject(data) && (spec.startsWith('chara_card') || isCard(data))) return data
  return isCard(root) ? root : undefined
}

const isCard = (fields: JsonObject): boolean =>
  (Object.hasOwn(fields, 'name') || Object.hasOwn(fields, 'char_name')) &&
  tellTales.some((name) => Object.hasOwn(fields, name))

export function versionOf(root: JsonObject): number {
  if (!isObject(root.data)) return 1
  const stated = Number.parseFloat(textOf(root.spec_version))
  const spec = /^chara_card_v(\d+)/.exec(textOf(root.spec))?.[1]
  return Math.max(2, Number.isFinite(stated) ? stated : Number(spec ?? 2))
}

/** Reads every card as it was meant. `data` is what `dataIn` found in the root. */
export function readFields(root: JsonObject, data: JsonObject): CardFields {
  const field = (name: string): Json | undefined => {
    // Many programs repeat fields at the top; those in `data` are the card's own.
    for (const part of [data, root]) {
      for (const each of [name, ...(olderNames[name] ?? [])]) {
        const value = Object.hasOwn(part, each) ? part[each] : undefined
        if (value !== undefined && value !== null) return value
      }
    }
    return undefined
  }
  const text = (name: string): string => cleanText(textOf(field(name))).trim()
  const texts = (name: string): readonly string[] =>
    listOf(field(name))
      .map((each) => cleanText(textOf(each)).trim())
      .filter((each) => each !== '')
  const version = versionOf(root)
  const extensions = objectOf(data.extensions)
  const book = data.character_book
  return {
    version: version >= 3 ? 3 : version >= 2 ? 2 : 1,
    newer: version > newest,
    name: text('name'),
    nickname: text('nickname'),
    description: text('description'),
    personality: text('personality'),
    scenario: text('scenario'),
    greetings: [text('first_mes'), ...texts('alternate_greetings')].filter((each) => each !== ''),
    groupGreetings: texts('group_only_greetings'),
    exampleDialogue: text('mes_example'),
    systemPrompt: text('system_prompt'),
    postHistoryInstructions: text('post_history_instructions'),
    creatorNotes:
      cleanText(textOf(objectOf(field('creator_notes_multilingual')).en)).trim() || text('creator_notes'),
    creator: text('creator'),
    characterVersion: text('character_version'),
    tags: texts('tags'),
    talkativeness: talkativenessIn(extensions.talkativeness ?? root.talkativeness),
    note: noteIn(objectOf(extensions.depth_prompt)),
    book: isObject(book) ? book : undefined,
    assets: listOf(data.assets).filter(isObject).map(assetFrom),
    extensions,
  }
}

/** SillyTavern writes it into every card that nobody has set it in. */
const talkativenessUnset = 0.5

function talkativenessIn(value: Json | undefined): number | undefined {
  const number = numberOf(value)
  if (number === undefined || number === talkativenessUnset) return undefined
  return Math.min(1, Math.max(0, number))
}

function noteIn({ prompt, depth, role }: JsonObject): CardFields['note'] {
  const text = cleanText(textOf(prompt)).trim()
  if (text === '') return undefined
  return {
    text,
    depth: Math.max(0, numberOf(depth) ?? noteDepth),
    role: roles.find((name) => name === role) ?? 'system',
  }
}

const assetFrom = ({ type, uri, name, ext }: JsonObject): CardAsset => ({
  type: textOf(type),
  uri: textOf(uri),
  name: textOf(name),
  ext: textOf(ext).toLowerCase(),
})
