import type { Turn } from '../core/conversation.ts'
import { HearthError, modelError } from '../core/errors.ts'
import type { Made } from '../core/made.ts'
import type { MemoryRefs, Recollection } from '../core/memory.ts'
import type { Piece } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import { cleanText, holdBackSurrogate, isBlank } from '../core/text.ts'
import { expandMacros } from '../prompt/macros.ts'
import type { Composition } from './compose.ts'
import { Interruption, type TurnControl } from './control.ts'
import type { DeliveryInProgress } from './delivery.ts'
import { type OwnWords, ownWords, type Voices } from './own-words.ts'
import type { TurnTools } from './tools.ts'

export interface Generated {
  readonly text: string
  readonly outcome: 'replied' | 'stopped'
  readonly promptTokens: number
  readonly replyTokens: number
  /** The anchor of the first message that stood in the prompt. */
  readonly historyFrom: number
  /** What else the model was reminded of. */
  readonly recalled: MemoryRefs
  readonly recollections: readonly Recollection[]
  readonly made: Made | undefined
}

/** No script needs more characters for a token: a server that ignores the limit is stopped here. */
const charactersATokenMost = 12

/** A model that sees may fail at what was sent, and would fail at it again each time. */
const perhapsTheImages = new Set(['refused', 'model-failed', 'prompt-too-long', 'died-mid-reply'])

/**
 * As `generateOnce`. When the model cannot read an image, it gets the words that tell of it: otherwise one
 * broken picture would leave everything that is said after it without an answer.
 */
export async function generate(
  composed: Composition,
  tools: Pick<TurnTools, 'generator' | 'scale'>,
  delivery: Pick<DeliveryInProgress, 'begun' | 'grow'>,
  control: Pick<TurnControl, 'generating'>,
): Promise<Generated> {
  try {
    return await generateOnce(composed, tools, delivery, control)
  } catch (error) {
    const failed = error instanceof HearthError && perhapsTheImages.has(error.code)
    if (!failed || delivery.begun || !hasImages(composed)) throw error
    const prompt = composed.prompt.map(({ role, text }) => ({ role, text }))
    return await generateOnce({ ...composed, prompt }, tools, delivery, control)
  }
}

const hasImages = ({ prompt }: Composition) => prompt.some(({ images }) => images !== undefined)

/**
 * Asks the model once, and lets the reply be shown as it grows, from the beginning that it was given on. What the model writes is hostile until
 * it is cleaned. When the person says stop, what was shown by then is the reply.
 *
 * Throws `HearthError`: what the generator throws, and `empty-reply`; and `Interruption`.
 */
async function generateOnce(
  composed: Composition,
  tools: Pick<TurnTools, 'generator' | 'scale'>,
  delivery: Pick<DeliveryInProgress, 'begun' | 'grow'>,
  control: Pick<TurnControl, 'generating'>,
): Promise<Generated> {
  const signal = control.generating
  const { prefill } = composed
  const charactersMost = prefill.length + composed.options.replyTokens * charactersATokenMost
  let raw = prefill
  let end: Extract<Piece, { kind: 'end' }> | undefined
  let stopped = false
  let othersSpeak = false
  try {
    for await (const piece of tools.generator.generate(composed.prompt, composed.options, signal)) {
      signal.throwIfAborted()
      if (piece.kind === 'end') end = piece
      else raw += piece.text
      if (raw.length > charactersMost || end !== undefined) break
      delivery.grow(() => presentable(raw, composed.voices, true).text)
      othersSpeak = hasNameLately(raw) && presentable(raw, composed.voices, true).over
      if (othersSpeak) break
    }
    signal.throwIfAborted()
  } catch (error) {
    stopped = signal.reason instanceof Interruption && signal.reason.why === 'stop' && delivery.begun
    if (!stopped) throw signal.aborted ? signal.reason : error
  }

  const words = presentable(raw.slice(0, charactersMost), composed.voices, stopped)
  const text = words.text.trimEnd()
  if (isBlank(text) || isBlank(raw.slice(prefill.length)))
    throw modelError('The model gave an empty reply.', { code: 'empty-reply', retryable: true })
  // The server counts the images with the words.
  if (end !== undefined && !hasImages(composed))
    tools.scale.learn(composed.model, composed.estimatedTokens, end.promptTokens)
  const complete = !stopped && (othersSpeak || words.over || end?.finish === 'stop')
  return {
    text: complete ? text : `${text} …`,
    outcome: stopped ? 'stopped' : 'replied',
    promptTokens: end?.promptTokens ?? 0,
    replyTokens: end?.replyTokens ?? 0,
    historyFrom: composed.historyFrom,
    recalled: composed.recalled,
    recollections: composed.recollections,
    made: composed.made,
  }
}

/** To look at all of it at every piece would take longer than everything else. */
const hasNameLately = (raw: string) => /[:\uff1a]/.test(raw.slice(-lookBackCharacters))
const lookBackCharacters = 200

function presentable(raw: string, voices: Voices, growing: boolean): OwnWords {
  const { text, over } = ownWords(cleanText(holdBackSurrogate(raw).ready).trimStart(), voices, growing)
  return { text: text.trimStart(), over }
}

/** A greeting was written by the persona's author and asks no model; another swipe takes the next one. */
export function greet(turn: Turn, persona: Persona): Generated {
  const greeting = persona.greetings[turn.swipe % persona.greetings.length] ?? ''
  const text = expandMacros(greeting, { char: persona.name, user: 'you' }).trim()
  return unasked(text)
}

/** A reply for which no model was asked, now or any more. */
export const unasked = (text: string): Generated => ({
  text,
  outcome: 'replied',
  promptTokens: 0,
  replyTokens: 0,
  historyFrom: 0,
  recalled: { facts: [], messages: [] },
  recollections: [],
  made: undefined,
})
