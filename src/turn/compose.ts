import type { Turn } from '../core/conversation.ts'
import type { MemoryRefs } from '../core/memory.ts'
import type { GenerateOptions, ModelInfo, Prompt } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { TurnHistory } from '../core/store.ts'
import type { Images } from '../prompt/images.ts'
import { layOut, type TooLong } from '../prompt/layout.ts'
import type { Refusal } from './authorise.ts'
import { noReminders, type Reminders } from './remind.ts'

export interface Composition {
  readonly allowed: true
  readonly prompt: Prompt
  readonly options: GenerateOptions
  readonly model: string
  /** Of its words, on the scale of `estimateTokens`. */
  readonly estimatedTokens: number
  readonly historyFrom: number
  readonly recalled: MemoryRefs
  /** What the person is told of a new message that could not be read. */
  readonly leftOut: string | undefined
}

/** Pure: the same history, persona, model and time give the same prompt. `tokenScale`: counted / estimated. */
export function compose(
  turn: Turn,
  persona: Persona,
  history: TurnHistory & { readonly images: Images; readonly reminders: Reminders },
  model: ModelInfo,
  tokenScale: number,
  now: Date,
): Composition | Refusal {
  const contextTokens = Math.min(persona.budget.contextTokens, model.contextTokens)
  const replyTokens = Math.min(persona.budget.replyTokens, Math.floor(contextTokens / 2))
  const speaker = lastSpeaker(history)
  const input = {
    persona,
    roomKind: turn.room.kind,
    userName: speaker.name,
    history: history.messages,
    since: turn.since,
    images: history.images,
    // Of a group it is told as all else is: not before somebody who was not there.
    summary: turn.room.kind === 'direct' || history.reminders.allWereThere ? history.summary : undefined,
    reminders: history.reminders.lines,
    now,
    pocket: model.pocket,
    promptTokens: Math.floor((contextTokens - replyTokens) / tokenScale),
  }
  const full = layOut(input)
  // What is said now goes before whatever was said earlier.
  const whole = full.fits && full.leftOut === undefined
  const layout = whole ? full : layOut({ ...input, summary: undefined, reminders: [] })
  if (!layout.fits) return { allowed: false, reason: 'too-long', sentence: tooLongSentence(layout) }
  return {
    allowed: true,
    prompt: layout.prompt,
    model: model.name,
    estimatedTokens: layout.estimatedTokens,
    historyFrom: layout.historyFrom,
    recalled: whole ? history.reminders.refs : noReminders.refs,
    leftOut: layout.leftOut && tooLongSentence(layout.leftOut),
    options: {
      ...(persona.model.name === undefined ? {} : { model: persona.model.name }),
      contextTokens,
      replyTokens,
      sampling: persona.model.sampling,
      // Small models like to go on with the other side of the conversation.
      stop: [`\n${speaker.name}:`],
      stickiness: `${persona.id} ${turn.room.id}`,
      fairness: speaker.id,
      priority: 'person',
    },
  }
}

function tooLongSentence({ mostCharacters }: TooLong): string {
  return mostCharacters === 0
    ? 'My own description leaves no room for what you say. Whoever runs this companion should shorten it, or choose a model that can read more.'
    : `That message is too long for me to read. Please send it in pieces of at most ${mostCharacters.toLocaleString('en')} characters.`
}

function lastSpeaker(history: TurnHistory): { readonly id: string; readonly name: string } {
  const author = history.messages.findLast(({ author }) => author.kind === 'participant')?.author
  return author?.kind === 'participant'
    ? { id: author.id, name: author.displayName }
    : { id: 'nobody', name: 'you' }
}
