import { createHash } from 'node:crypto'
import type { Turn } from '../core/conversation.ts'
import type { ParticipantId } from '../core/ids.ts'
import type { HostWord, Made, RoomPast } from '../core/made.ts'
import type { MemoryRefs, Recollection } from '../core/memory.ts'
import type { GenerateOptions, ModelInfo, Prompt } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { TooLong } from '../prompt/fill.ts'
import type { Images } from '../prompt/images.ts'
import { layOut } from '../prompt/layout.ts'
import type { LeftOut, Part } from '../prompt/sections.ts'
import { selvesOf } from '../prompt/selves.ts'
import { type PersonaNames, type Speakers, speakersIn } from '../prompt/speakers.ts'
import type { Refusal } from './authorise.ts'
import { booksIn, loreFor } from './lore.ts'
import type { Voices } from './own-words.ts'
import type { ShownHistory } from './recall.ts'
import { noReminders, type Reminders } from './remind.ts'

export interface Composition {
  readonly allowed: true
  readonly prompt: Prompt
  /** With what the reply begins: the prompt's last message, or nothing. */
  readonly prefill: string
  readonly options: GenerateOptions
  readonly model: string
  /** Of its words, on the scale of `estimateTokens`. */
  readonly estimatedTokens: number
  readonly historyFrom: number
  readonly recalled: MemoryRefs
  readonly recollections: readonly Recollection[]
  readonly made: Made
  readonly voices: Voices
  /** What the prompt is made of, and what would have stood in it. */
  readonly parts: readonly Part[]
  readonly leftOut: readonly LeftOut[]
  /** What the person is told of a new message that could not be read. */
  readonly unread: string | undefined
}

/** What is known of a turn when its prompt is made. */
export interface ComposeInput {
  readonly turn: Turn
  readonly persona: Persona
  readonly history: ShownHistory
  readonly images: Images
  readonly reminders: Reminders
  /** What people say of themselves in the room. */
  readonly selves: ReadonlyMap<ParticipantId, string>
  /** Undefined where the persona's lore does not ask for it. */
  readonly past: RoomPast | undefined
  /** Which lorebook entries are near in meaning to what was said, by `<book>/<entry>`. */
  readonly near: readonly string[]
  readonly hostWord?: HostWord | undefined
  readonly model: ModelInfo
  /** Tokens as the model counts them, over tokens as they are estimated. */
  readonly scale: number
  readonly now: Date
  /** All personas of this process, for their names. */
  readonly personas: PersonaNames
}

/** Pure: the same input gives the same prompt. */
export function compose(input: ComposeInput): Composition | Refusal {
  const { turn, persona, history, reminders, model, near, scale, now, hostWord } = input
  const contextTokens = Math.min(persona.budget.contextTokens, model.contextTokens)
  const replyTokens = Math.min(persona.budget.replyTokens, Math.floor(contextTokens / 2))
  const speakers = speakersIn(history.messages, persona, input.personas)
  const person = lastSpeaker(input, speakers)
  const values = {
    persona,
    roomKind: turn.room.kind,
    userName: person.name,
    selfDescription: person.self,
    ...(turn.room.kind === 'group' && { companions: companionsIn(input, speakers) }),
    history: history.messages,
    // Of a group it is told as all else is: not before somebody who was not there.
    summary: turn.room.kind === 'direct' || reminders.allWereThere ? history.summary : undefined,
    now,
    seed: turn.id,
    roomSeed: `${persona.id} ${turn.room.id}`,
  }
  const books = booksIn(persona, turn.room.externalId)
  const lore = loreFor({ ...values, past: input.past, near }, books, speakers, contextTokens)
  const layout = layOut({
    ...values,
    lore,
    speakers,
    since: turn.since,
    isCut: history.historyFrom > firstAnchor,
    images: input.images,
    reminders: reminders.lines,
    hostWord,
    selves: selvesOf(history.messages, input.selves, speakers),
    pocket: model.pocket,
    continues: model.continues,
    contextTokens,
    promptTokens: Math.floor((contextTokens - replyTokens) / scale),
  })
  if (!layout.fits) return { allowed: false, reason: 'too-long', sentence: tooLongSentence(layout) }
  const reminded = layout.parts.some(({ section }) => section === 'memories')
  const isCut = layout.historyFrom !== history.messages[0]?.anchor
  return {
    allowed: true,
    prompt: layout.prompt,
    prefill: layout.prefill,
    model: model.name,
    estimatedTokens: layout.estimatedTokens,
    historyFrom: isCut ? layout.historyFrom : (history.wholeFrom ?? layout.historyFrom),
    recalled: reminded ? reminders.refs : noReminders.refs,
    recollections: reminded ? reminders.recollections : [],
    made: {
      atMs: now.getTime(),
      model,
      scale,
      historyFrom: turn.history.from,
      position: turn.history.position,
      near,
      lore: lore.state,
      ...(input.past && { past: input.past.counts }),
      hostWord: hostWord?.first === true ? undefined : hostWord,
      digest: digestOf(layout.prompt),
    },
    voices: { self: persona.name, others: voicesBeside(input, speakers) },
    parts: layout.parts,
    leftOut: layout.leftOut,
    unread: layout.unread && tooLongSentence(layout.unread),
    options: {
      ...(persona.model.name === undefined ? {} : { model: persona.model.name }),
      contextTokens,
      replyTokens,
      sampling: persona.model.sampling,
      stop: [...(persona.model.stop ?? []), ...stopsFor(speakers)],
      stickiness: `${persona.id} ${turn.room.id}`,
      fairness: person.id,
      priority: 'person',
    },
  }
}

function companionsIn({ persona, history }: ComposeInput, { nameOf }: Speakers): readonly string[] {
  const heard = history.messages.flatMap(({ author }) => (author.kind === 'persona' ? [nameOf(author)] : []))
  return [...new Set([persona.name, ...heard])].sort()
}

/** In a group also the personas that have said nothing lately, or nothing yet: a model may have read their names. */
function voicesBeside({ turn, persona, personas }: ComposeInput, { others }: Speakers): readonly string[] {
  if (turn.room.kind === 'direct') return others
  const names = [...personas.values()].map(({ name }) => name)
  return [...new Set([...others, ...names])].filter((name) => name !== persona.name)
}

const hexDigits = 16

/** Images aside: they are words again in the next turn. */
const digestOf = (prompt: Prompt): string =>
  createHash('sha256')
    .update(JSON.stringify(prompt.map(({ role, text }) => [role, text])))
    .digest('hex')
    .slice(0, hexDigits)

/** A greeting stands before the first message. */
const firstAnchor = 1

/** More would only be in the model server's way. */
const stopsMost = 16

/** Small models like to go on with the other side of the conversation. Those who spoke last are likeliest. */
const stopsFor = ({ others }: Speakers): readonly string[] =>
  others.slice(-stopsMost).map((name) => `\n${name}:`)

function tooLongSentence({ mostCharacters }: TooLong): string {
  return mostCharacters === 0
    ? 'My own description leaves no room for what you say. Whoever runs this companion should shorten it, or choose a model that can read more.'
    : `That message is too long for me to read. Please send it in pieces of at most ${mostCharacters.toLocaleString('en')} characters.`
}

/** Who is answered, and what they say of themselves. */
function lastSpeaker({ turn, history, selves }: ComposeInput, speakers: Speakers): LastSpeaker {
  const author = history.messages.findLast(({ author }) => author.kind === 'participant')?.author
  if (author?.kind !== 'participant') return { id: 'nobody', name: 'you', self: undefined }
  const name = turn.room.kind === 'direct' ? author.displayName : speakers.nameOf(author)
  return { id: author.id, name, self: selves.get(author.id) }
}

interface LastSpeaker {
  readonly id: string
  readonly name: string
  readonly self: string | undefined
}
