import type { Prompt, PromptMessage } from '../core/model.ts'
import type { HistoryMessage } from '../core/store.ts'
import { estimateTokens } from './estimate.ts'
import { type Frame, type FrameInput, partsOf } from './frame.ts'
import { type CountedMessage, cut } from './history.ts'
import { countImages, fittingImages, type Images, imageTokens } from './images.ts'
import type { NoteMessage } from './notes.ts'
import type { LeftOut, Part } from './sections.ts'
import type { Speakers } from './speakers.ts'
import { tailText } from './tail.ts'

export interface LayoutInput extends FrameInput {
  /** The anchor of the first new message. */
  readonly since: number
  /** What the model may be shown of the messages. */
  readonly images: Images
  /** Those of the history. */
  readonly speakers: Speakers
  /** Tokens of prompt and reply together, as the persona and the model have them. */
  readonly contextTokens: number
  /** Tokens for the whole prompt, on the scale of `estimateTokens`. */
  readonly promptTokens: number
}

export type Layout =
  | {
      readonly fits: true
      readonly prompt: Prompt
      /** With what the reply begins, which is the prompt's last message. */
      readonly prefill: string
      /** In the order in which they stand; images aside. */
      readonly parts: readonly Part[]
      readonly leftOut: readonly LeftOut[]
      /** Of its words: what images take differs from model to model. */
      readonly estimatedTokens: number
      /** The anchor of the first message that stands in the prompt. */
      readonly historyFrom: number
      /** A new message is left out, since it alone is longer than the model can read. */
      readonly unread: TooLong | undefined
    }
  /** No new message can be read. */
  | ({ readonly fits: false } & TooLong)

/** So many characters of its kind a message may have. */
export interface TooLong {
  readonly mostCharacters: number
}

/** Longer than anything that a person types at once, and it would take a model minutes. */
const messageCharsMost = 100_000

/** Puts as much of the history as fits between what is fixed. `mustCut`: also where all of it would fit. */
export function fill(
  input: LayoutInput,
  all: readonly CountedMessage[],
  frame: Frame,
  mustCut: boolean,
): Layout {
  const start = [...asOne(frame.head.parts, joined), ...frame.head.talk, ...frame.before.map(asMessage)]
  const near = frame.near.map(asMessage)
  const end = [
    ...frame.after.map(asMessage),
    ...asOne(frame.tail, tailText),
    ...(frame.prefill === '' ? [] : [{ role: 'assistant', text: frame.prefill } as const]),
  ]
  const fixed = [...start, ...near, ...end].reduce((sum, { text }) => sum + estimateTokens(text), 0)
  const budget = input.promptTokens - fixed
  const readable = ({ message, tokens }: CountedMessage) =>
    tokens <= budget && message.text.length <= messageCharsMost
  const fresh = all.filter(({ message }) => isFresh(message, input.since))
  const unreadable = fresh.findLast((each) => !readable(each))
  const unread = unreadable && tooLong(unreadable, budget)
  if (unread !== undefined && !fresh.some(readable)) return { fits: false, ...unread }
  // What was refused as too long was never in a prompt, and must not take what came before it out of them.
  const history = all.filter(readable)
  const images = fittingImages(
    input.images,
    history.map(({ message, tokens }) => ({ id: message.id, tokens })),
    budget,
  )
  const wordsBudget = budget - countImages(images) * imageTokens
  const kept = cut(
    history.map(({ message, tokens }) => ({ anchor: message.anchor, tokens })),
    wordsBudget,
    mustCut,
  )
  const shown = history.slice(kept.from)
  const [first] = shown
  if (first === undefined && input.hostWord?.first !== true) throw new TypeError('nothing was said')
  const said = shown.map(({ message, prompt }): PromptMessage => {
    const seen = images.get(message.id)
    return seen === undefined ? prompt : { ...prompt, images: seen }
  })
  const fromFresh = shown.findIndex(({ message }) => isFresh(message, input.since))
  const newest = input.hostWord?.first === true ? shown.length : Math.max(0, fromFresh)
  const parts: readonly Part[] = [
    ...partsOf({ ...frame, near: [], after: [], tail: [], prefill: '' }),
    ...shown.slice(0, newest).map(({ prompt: { text } }): Part => ({ section: 'history', text })),
    ...frame.near,
    ...shown.slice(newest).map(({ prompt: { text } }): Part => ({ section: 'new messages', text })),
    ...partsOf({ ...frame, head: nothing, before: [], near: [] }),
  ]
  return {
    fits: true,
    prompt: [...start, ...said.slice(0, newest), ...near, ...said.slice(newest), ...end],
    prefill: frame.prefill,
    parts,
    leftOut: kept.from === 0 || input.isCut ? frame.leftOut : [...frame.leftOut, cutNow],
    estimatedTokens: fixed + kept.tokens,
    // Without a cut nothing that this model was not shown is lost to the next one.
    historyFrom:
      (kept.from === 0 ? (input.history[0] ?? first?.message) : first?.message)?.anchor ?? input.since - 1,
    unread,
  }
}

const cutNow: LeftOut = { section: 'history', why: 'cut' }
const nothing: Frame['head'] = { parts: [], talk: [], leftOut: [] }
const asMessage = ({ role, text }: NoteMessage): PromptMessage => ({ role, text })
const joined = (parts: readonly Part[]): string => parts.map(({ text }) => text).join('\n\n')

const asOne = (parts: readonly Part[], text: (parts: readonly Part[]) => string): readonly PromptMessage[] =>
  parts.length === 0 ? [] : [{ role: 'system', text: text(parts) }]

const isFresh = ({ author, anchor }: HistoryMessage, since: number) =>
  author.kind === 'participant' && anchor >= since

/** What half of the budget holds, at as many characters a token as the message has. */
function tooLong({ message, tokens }: CountedMessage, budget: number): TooLong {
  const most = Math.min(Math.floor((message.text.length / tokens) * (budget / 2)), messageCharsMost)
  // In round figures: nobody counts to the last character.
  return { mostCharacters: Math.max(0, most - (most % 100)) }
}
