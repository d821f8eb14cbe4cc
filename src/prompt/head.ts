import type { Lore } from '../core/lore.ts'
import type { PromptMessage } from '../core/model.ts'
import { outletsOf, standingAt } from './lore.ts'
import { expandMacros } from './macros.ts'
import { filledParts, type LeftOut, type Part } from './sections.ts'
import { headValues, type ValuesInput } from './values.ts'

export interface HeadInput extends ValuesInput {
  readonly lore: Lore
  /** The model is one of some hundred million parameters, and easily led astray. */
  readonly pocket: boolean
}

export interface Head {
  /** One system message. */
  readonly parts: readonly Part[]
  /** The examples as a conversation, for a pocket model. */
  readonly talk: readonly PromptMessage[]
  readonly leftOut: readonly LeftOut[]
}

/** What stands before everything that was said, the same in every turn. */
export function headOf(input: HeadInput): Head {
  const { persona, lore, pocket } = input
  const values = {
    ...headValues(input),
    outlets: outletsOf(lore.entries.filter(({ standing }) => standing)),
  }
  const expand = (text: string) => expandMacros(text.trim(), values)
  const hidden = lore.hides.includes('system-prompt')
  const own = hidden ? '' : (persona.card?.systemPrompt ?? '').trim()
  const usual = hidden ? '' : expand(rules)
  const parts: readonly Part[] = [
    { section: 'system prompt', text: expandMacros(own, { ...values, original: usual }) },
    standingAt(lore, 'before-persona'),
    { section: 'persona', text: expand(persona.description) },
    standingAt(lore, 'after-persona'),
    { section: 'persona', text: expand(persona.personality) },
    standingAt(lore, 'after-personality'),
    { section: 'persona', text: expand(persona.scenario) },
    standingAt(lore, 'after-scenario'),
    { section: 'system prompt', text: own === '' ? usual : '' },
    { section: 'system prompt', text: input.roomKind === 'group' ? manyWrite : '' },
    standingAt(lore, 'examples-top'),
    { section: 'examples', text: pocket ? '' : expand(examplesText(input)) },
    standingAt(lore, 'examples-bottom'),
  ]
  return {
    parts: filledParts(parts),
    talk: pocket ? exampleTalk(input, expand) : [],
    leftOut: hidden ? [{ section: 'system prompt', why: 'hidden' }] : [],
  }
}

const rules =
  'You are {{char}}, and you are talking with {{user}}. Write only what {{char}} says next: no name in front, never the words of anybody else.'

/** No matter of style, and so said also where a card brings rules of its own. */
const manyWrite = 'Several people write here; each of their messages begins with their name.'

function examplesText({ persona: { examples }, roomKind }: HeadInput): string {
  if (examples.length === 0) return ''
  const asking = roomKind === 'direct' ? '{{user}}' : 'Somebody'
  const told = examples.map(
    ({ user, reply }) => `${user === '' ? '' : `${asking}: ${user}\n`}{{char}}: ${reply}`,
  )
  return `This is how {{char}} talks:\n\n${told.join('\n\n')}`
}

function exampleTalk({ persona }: HeadInput, expand: (text: string) => string): readonly PromptMessage[] {
  const asked = persona.examples.filter(({ user }) => user !== '')
  return asked.flatMap(({ user, reply }): readonly PromptMessage[] => [
    { role: 'user', text: expand(user) },
    { role: 'assistant', text: expand(reply) },
  ])
}
