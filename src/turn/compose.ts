import type { Turn } from '../core/conversation.ts'
import type { GenerateOptions, ModelInfo, Prompt } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { TurnHistory } from '../core/store.ts'
import type { Images } from '../prompt/images.ts'
import { layOut } from '../prompt/layout.ts'
import { type Refusal, tooLong } from './authorise.ts'

export interface Composition {
  readonly allowed: true
  readonly prompt: Prompt
  readonly options: GenerateOptions
  readonly model: string
  /** Of its words, on the scale of `estimateTokens`. */
  readonly estimatedTokens: number
  readonly historyFrom: number
}

/** Pure: the same history, persona, model and time give the same prompt. `tokenScale`: counted / estimated. */
export function compose(
  turn: Turn,
  persona: Persona,
  history: TurnHistory & { readonly images: Images },
  model: ModelInfo,
  tokenScale: number,
  now: Date,
): Composition | Refusal {
  const contextTokens = Math.min(persona.budget.contextTokens, model.contextTokens)
  const replyTokens = Math.min(persona.budget.replyTokens, Math.floor(contextTokens / 2))
  const speaker = lastSpeaker(history)
  const layout = layOut({
    persona,
    roomKind: turn.room.kind,
    userName: speaker.name,
    history: history.messages,
    images: history.images,
    now,
    pocket: model.pocket,
    promptTokens: Math.floor((contextTokens - replyTokens) / tokenScale),
  })
  if (!layout.fits) return tooLong(layout.mostCharacters)
  return {
    allowed: true,
    prompt: layout.prompt,
    model: model.name,
    estimatedTokens: layout.estimatedTokens,
    historyFrom: layout.historyFrom,
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

function lastSpeaker(history: TurnHistory): { readonly id: string; readonly name: string } {
  const author = history.messages.findLast(({ author }) => author.kind === 'participant')?.author
  return author?.kind === 'participant'
    ? { id: author.id, name: author.displayName }
    : { id: 'nobody', name: 'you' }
}
