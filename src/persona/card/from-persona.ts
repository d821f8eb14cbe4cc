import type { Persona } from '../../core/persona.ts'
import { writeExamples } from './examples.ts'
import { isObject, type Json, type JsonObject, listOf, objectOf, textOf } from './json.ts'
import type { Card } from './read-card.ts'
import { type CardVersion, strictBook } from './strict.ts'

type Written = Readonly<Record<string, Json>>

/** A persona that was written here, as a card. */
export function cardOfPersona(persona: Persona): Card {
  const { prefill, model, budget, manners } = persona
  const settings = {
    ...(prefill !== undefined && { prefill }),
    model: { ...model.sampling, ...(model.stop !== undefined && { stop: [...model.stop] }) },
    budget: { ...budget },
    manners: { ...manners },
  }
  const data: JsonObject = { ...cardFields(persona), extensions: { hearth: settings as JsonObject } }
  const root: JsonObject = { spec: 'chara_card_v3', spec_version: '3.0', data }
  return {
    container: 'json',
    root,
    data,
    picture: undefined,
    chunks: [],
    asset: () => undefined,
    assetPaths: [],
  }
}

/** A card with what `persona` says otherwise than `base`, the persona that the card alone makes. */
export function cardWith(card: Card, persona: Persona, base: Persona): Card {
  const [now, before] = [cardFields(persona), cardFields(base)]
  const changed = Object.entries(now).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  )
  if (changed.length === 0) return card
  const fields = Object.fromEntries(changed)
  const renamed = 'name' in fields && card.data.nickname !== undefined ? { nickname: persona.name } : {}
  const data = { ...card.data, ...fields, ...renamed }
  return { ...card, data, root: card.data === card.root ? data : { ...card.root, data } }
}

/** A card with the entries of further books behind those of its own; what is in it already comes no second time. */
export function cardWithBooks(card: Card, books: readonly JsonObject[], version: CardVersion): Card {
  if (books.length === 0) return card
  const own = isObject(card.data.character_book) ? strictBook(card.data.character_book, version) : undefined
  const entries: Json[] = [...listOf(own?.entries)]
  const textIn = (entry: Json) => textOf(objectOf(entry).content).trim()
  const said = new Set(entries.map(textIn))
  for (const each of books) {
    for (const entry of listOf(strictBook(each, version).entries)) {
      const { id: _, ...rest } = objectOf(entry)
      if (!said.has(textIn(rest))) entries.push(rest)
      said.add(textIn(rest))
    }
  }
  const book: JsonObject = { extensions: {}, ...own, entries }
  const data = { ...card.data, character_book: book }
  return { ...card, data, root: card.data === card.root ? data : { ...card.root, data } }
}

function cardFields(persona: Persona): Written {
  const [first = '', ...others] = persona.greetings
  return {
    name: persona.name,
    description: persona.description,
    personality: persona.personality,
    scenario: persona.scenario,
    first_mes: first,
    alternate_greetings: others,
    mes_example: writeExamples(persona.examples),
    post_history_instructions: persona.reminder,
  }
}
