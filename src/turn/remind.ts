import type { Turn } from '../core/conversation.ts'
import { type OwnerId, ownerId, type ParticipantId, participantId, type RoomId } from '../core/ids.ts'
import type { FactReader, KnownEpisode, MemoryRefs, PlacedFact, Recollection } from '../core/memory.ts'
import { type Memory, type MemoryPlace, type MemoryReader, type Slice, wholeRoom } from '../core/recall.ts'
import type { TurnHistory } from '../core/store.ts'
import { monthName, shortDate } from '../core/time-format.ts'
import { chooseFacts } from '../memory/choose-facts.ts'
import { fillBudget } from '../memory/fill-budget.ts'
import type { Recall } from '../memory/recall.ts'
import { type TimeSpan, timeAsked } from '../memory/time-asked.ts'
import { hasWords } from '../memory/tokens.ts'
import { toldFacts } from '../memory/told-facts.ts'
import { estimateTokens } from '../prompt/estimate.ts'
import { type PersonaNames, quotedName } from '../prompt/speakers.ts'

export interface RemindTools {
  readonly memories: Pick<MemoryReader, 'readAudience' | 'readsBefore'>
  readonly facts: FactReader
  readonly recall: Pick<Recall, 'recall'>
}

/** What a persona calls to mind for a reply, beside the history. */
export interface Reminders {
  /** As the prompt shows them, in the order in which they were said. */
  readonly lines: readonly string[]
  readonly refs: MemoryRefs
  readonly recollections: readonly Recollection[]
  /** Everybody who is there could read what came before the history that is shown. */
  readonly allWereThere: boolean
}

export const noReminders: Reminders = {
  lines: [],
  refs: { facts: [], messages: [] },
  recollections: [],
  allWereThere: false,
}

/** Of what a prompt holds: little beside the conversation itself. */
const share = 1 / 10
/** Of that: facts at most, and at most what was said; a dozen messages. All of it changes with each prompt. */
const [factsShare, saidShare] = [1 / 2, 1 / 2]
const candidatesMost = 60
/** Of the time that is asked about. */
const episodesMost = 6
/** Of so long a time it is told by months. */
const longMs = 21 * 24 * 60 * 60_000
/** That mean something: without those that every sentence has. */
const wordsLeast = 3
/** What is asked by a message or two; what stands further up was answered then. */
const questionCharacters = 1_500

/** What may be spoken of in a room. */
export interface Reach {
  readonly audience: readonly Slice[]
  /** Where two talk alone, what is known of the person. */
  readonly own: readonly PlacedFact[] | undefined
  /** How far there is anything to read there, where that came with the turn. */
  readonly places: ReadonlyMap<RoomId, MemoryPlace> | undefined
}

/** Of a turn that answers somebody. Throws as its tools do. */
export async function readReach(
  { kind, room, persona, history, recall }: Turn,
  tools: Omit<RemindTools, 'recall'>,
): Promise<Reach> {
  if (kind === 'greeting') return { audience: [], own: [], places: undefined }
  const { elsewhere, factsVersion } = recall
  if (elsewhere === undefined || factsVersion === undefined)
    return { audience: await tools.memories.readAudience(room, persona), own: undefined, places: undefined }
  const here = { position: history.position, version: recall.version }
  return {
    audience: [wholeRoom(room), ...elsewhere],
    own: await tools.facts.readPlacedAt(participantId(room.owner), factsVersion),
    places: new Map([[room.id, here], ...elsewhere.map(({ room, read }) => [room, read] as const)]),
  }
}

/** What fits to the new messages, of all that everybody who is there may know of. Throws as its tools do. */
export async function remind(
  turn: Turn,
  history: TurnHistory,
  { audience, own, places }: Reach,
  promptTokens: number,
  now: Date,
  tools: RemindTools & { readonly personas: PersonaNames },
  signal: AbortSignal,
): Promise<Reminders> {
  const fresh = history.messages.filter(
    ({ author, anchor }) => author.kind === 'participant' && anchor >= turn.since,
  )
  const question = fresh
    .map(({ text }) => text)
    .join('\n')
    .slice(-questionCharacters)
  if (question.trim() === '') return noReminders
  const placed = own ?? (await tools.facts.readPlaced(peopleIn(history)))
  const allWereThere = audience.some(
    ({ room, from, to }) => room === turn.room.id && from <= 1 && to >= history.historyFrom - 1,
  )
  // All that there is stands in the prompt as it is.
  const isAllShown = audience.length === 1 && history.historyFrom <= 1
  const shown = { room: turn.room.id, from: history.messages[0]?.anchor ?? history.historyFrom }
  const budget = Math.floor(promptTokens * share)
  const asked = isAllShown ? undefined : timeAsked(question, now)
  const [episodes, ranked] = await Promise.all([
    asked === undefined ? [] : tools.facts.readEpisodes(audience, asked, isLong(asked), episodesMost),
    isAllShown
      ? []
      : tools.recall.recall(audience, { text: question, shown, places }, candidatesMost, signal),
  ])
  // What stands in the conversation that is shown needs no reminder.
  const ids = new Set<string>(history.messages.map(({ id }) => id))
  const facts = toldFacts(placed, audience, turn.room.kind === 'direct' ? turn.persona : undefined).filter(
    ({ sources }) => sources.length === 0 || sources.some((id) => !ids.has(id)),
  )
  const chosen = chooseFacts(facts, question, Math.floor(budget * factsShare), (line) => estimateTokens(line))
  const happened = episodes.filter(({ gist }) => gist !== '')
  const told = [...chosen.map((fact) => factText(fact.statement, fact.saidAt)), ...happened.map(episodeText)]
  const left = budget - told.reduce((sum, line) => sum + estimateTokens(line), 0)
  const said = fillBudget(
    ranked.filter(({ memory }) => !ids.has(memory.id) && saysSomething(memory)),
    Math.min(left, budget * saidShare),
    (memory) => estimateTokens(saidText(memory, tools.personas)),
  )
  const people = new Map(placed.map(({ fact, person }) => [fact.id, ownerId(person)]))
  const owners = new Map(audience.map(({ room, owner }) => [room, owner]))
  const recollection = (owner: OwnerId | undefined, id: Recollection['id'], version = 0) =>
    owner === undefined ? [] : [{ owner, id, version }]
  return {
    allWereThere,
    lines: [...told, ...said.map((memory) => saidText(memory, tools.personas))],
    refs: {
      facts: chosen.map(({ id }) => id),
      messages: said.flatMap(({ id, room }) => {
        const owner = owners.get(room)
        return owner === undefined ? [] : [{ owner, id }]
      }),
    },
    recollections: [
      ...chosen.flatMap(({ id }) => recollection(people.get(id), id)),
      ...happened.flatMap(({ owner, id }) => recollection(owner, id)),
      ...said.flatMap(({ id, room, version }) => recollection(owners.get(room), id, version)),
    ],
  }
}

/** Whose facts may be spoken of among several. */
const peopleIn = ({ messages }: TurnHistory): readonly ParticipantId[] => [
  ...new Set(messages.flatMap(({ author }) => (author.kind === 'participant' ? [author.id] : []))),
]

/** "Good morning!" reminds of nothing. */
const saysSomething = ({ text }: Memory) => hasWords(text, wordsLeast)

const isLong = ({ from, to }: TimeSpan) => to.getTime() - from.getTime() >= longMs

const episodeText = ({ kind, begunAt, gist }: KnownEpisode) =>
  `${kind === 'month' ? `In ${monthName(begunAt)}` : `On ${shortDate(begunAt)}`}: ${gist}`

const factText = (statement: string, saidAt: Date) => `${statement} (${shortDate(saidAt)})`

const saidText = (memory: Memory, personas: PersonaNames) =>
  `${shortDate(new Date(memory.saidAtMs))}, ${quotedName(memory, personas)}: ${memory.text.replace(/\s+/g, ' ')}`
