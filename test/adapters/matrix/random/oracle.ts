import { createHash } from 'node:crypto'
import { editedWords, type Operation, type PlaceName, wordsOf } from './operations.ts'

/** A visible message of the companion; `of` names what it belongs to. */
export interface Shown {
  readonly of: number
  readonly kind: 'reply' | 'notice'
  readonly text: string
}

/** What is due after an operation, in its place. */
export interface Due {
  readonly visible: readonly Shown[]
  /** What the model was shown for it. */
  readonly prompt: readonly string[] | undefined
}

interface Turn {
  readonly kind: 'turn'
  readonly of: number
  readonly greeting: boolean
  /** What is to be answered, as it stands now. */
  readonly asked: string | undefined
  readonly edited: boolean
  readonly swipes: readonly string[]
  readonly chosen: number
}
type Notice = Shown & { readonly kind: 'notice' }
export type Place = readonly (Turn | Notice)[]
export type Rooms = ReadonlyMap<number, Readonly<Record<PlaceName, Place>>>

/** The persona's, in their order. */
export const greetings = ['Good morning.', 'Good day.', 'Good evening.'] as const
const noOther = 'There is no answer before this one.'
const notTheLast = 'Only my last answer can be changed.'

/** The model's, which says what it was shown, and for which operation. */
export function replyTo(lines: readonly string[], step: number): string {
  const digest = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 8)
  return `Answer ${step} to ${lines.length} lines of digest ${digest}, the last of them: ${lines.at(-1)} And that is all.`
}

export const emptyRoom = { main: [], thread: [] } as const
const isTurn = (each: Turn | Notice): each is Turn => each.kind === 'turn'
export const turnsIn = (place: Place): readonly Turn[] => place.filter(isTurn)
export const replyOf = ({ swipes, chosen }: Turn): string | undefined => swipes[chosen]

const visible = (place: Place): readonly Shown[] =>
  place.flatMap((each): readonly Shown[] => {
    if (each.kind === 'notice') return [each]
    const text = replyOf(each)
    return text === undefined ? [] : [{ of: each.of, kind: 'reply', text }]
  })

/** What stands before the turn's reply. */
function linesBefore(place: Place, turn: Turn): readonly string[] {
  const turns = turnsIn(place)
  return turns.slice(0, turns.indexOf(turn) + 1).flatMap((each) => {
    const answered = each === turn ? undefined : replyOf(each)
    return [
      ...(each.asked === undefined ? [] : [`user: ${each.asked}`]),
      ...(answered === undefined ? [] : [`assistant: ${answered}`]),
    ]
  })
}

const change = (place: Place, turn: Turn, to: Partial<Turn>): Place =>
  place.map((each) => (each === turn ? { ...turn, ...to } : each))
const takeBack = (place: Place, turn: Turn): Place => change(place, turn, { swipes: [], chosen: 0 })

interface Outcome {
  readonly place: Place
  readonly prompt?: readonly string[]
}

/** Another swipe, which is chosen. */
function answer(place: Place, turn: Turn, step: number): Outcome {
  const swipeOf = (text: string) => ({ swipes: [...turn.swipes, text], chosen: turn.swipes.length })
  if (turn.greeting) {
    return { place: change(place, turn, swipeOf(greetings[turn.swipes.length % greetings.length] ?? '')) }
  }
  const prompt = linesBefore(place, turn)
  return { place: change(place, turn, swipeOf(replyTo(prompt, step))), prompt }
}

function say(place: Place, room: number, step: number): Outcome {
  const asked = wordsOf(room, step)
  const turn: Turn = { kind: 'turn', of: step, greeting: false, asked, edited: false, swipes: [], chosen: 0 }
  return answer([...place, turn], turn, step)
}

function greet(step: number): Outcome {
  const turn = { kind: 'turn', of: step, greeting: true, asked: undefined, edited: false } as const
  return { place: [{ ...turn, swipes: [greetings[0]], chosen: 0 }] }
}

function react(place: Place, turn: Turn, emoji: string, step: number): Outcome {
  const notice = (text: string): Outcome => ({ place: [...place, { kind: 'notice', of: step, text }] })
  if (emoji === '❌') return { place: takeBack(place, turn) }
  if (turn !== turnsIn(place).at(-1)) return notice(notTheLast)
  if (emoji === '◀️') {
    return turn.chosen === 0 ? notice(noOther) : { place: change(place, turn, { chosen: turn.chosen - 1 }) }
  }
  const hasNext = emoji === '▶️' && turn.chosen + 1 < turn.swipes.length
  return hasNext ? { place: change(place, turn, { chosen: turn.chosen + 1 }) } : answer(place, turn, step)
}

function edit(place: Place, turn: Turn, room: number, step: number): Outcome {
  const changed = { ...turn, asked: editedWords(room, turn.of, step), edited: true }
  const after = place.map((each) => (each === turn ? changed : each))
  const again = turn === turnsIn(place).at(-1) && replyOf(turn) !== undefined
  return again ? answer(after, changed, step) : { place: after }
}

function redact(place: Place, turn: Turn, what: 'message' | 'edit' | 'reply'): Outcome {
  const gone = what === 'reply' ? {} : { asked: undefined }
  return { place: change(place, turn, { ...gone, swipes: [], chosen: 0 }) }
}

type InPlace = Extract<Operation, { readonly place: PlaceName }>

function act(place: Place, operation: InPlace, step: number): Outcome {
  const { room } = operation
  if (operation.kind === 'say') return say(place, room, step)
  if (operation.kind === 'rejoin') return operation.says ? say(place, room, step) : { place }
  const turn = turnsIn(place).find(({ of }) => of === operation.of)
  if (turn === undefined) throw new Error(`operation ${step} is about nothing`)
  switch (operation.kind) {
    case 'edit':
      return edit(place, turn, room, step)
    case 'redact':
      return redact(place, turn, operation.what)
    case 'react':
      return react(place, turn, operation.emoji, step)
  }
}

/** One operation further: how the rooms are, and what is due of it. */
export function advance(rooms: Rooms, operation: Operation, step: number): { rooms: Rooms; due: Due } {
  if ('afterMs' in operation) {
    return { rooms, due: { visible: [], prompt: undefined } }
  }
  const before = rooms.get(operation.room) ?? emptyRoom
  const name = 'place' in operation ? operation.place : 'main'
  const { place, prompt }: Outcome =
    operation.kind === 'join'
      ? greet(step)
      : operation.kind === 'leave'
        ? { place: [] }
        : act(before[name], operation, step)
  const room = operation.kind === 'leave' ? emptyRoom : { ...before, [name]: place }
  return {
    rooms: new Map([...rooms, [operation.room, room]]),
    due: { visible: visible(place), prompt },
  }
}

/** What is due after each of the operations, and in each place in the end. */
export function foresee(operations: readonly Operation[]): {
  readonly dues: readonly Due[]
  readonly end: (room: number, place: PlaceName) => readonly Shown[]
} {
  let rooms: Rooms = new Map()
  const dues = operations.map((operation, step) => {
    const next = advance(rooms, operation, step)
    rooms = next.rooms
    return next.due
  })
  return { dues, end: (room, place) => visible(rooms.get(room)?.[place] ?? []) }
}
