import fc from 'fast-check'
import { emojis, isEncrypted, type Operation, type PlaceName, placeNames } from './operations.ts'
import { advance, emptyRoom, type Rooms, replyOf, turnsIn } from './oracle.ts'

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value)

/** Dealt out shuffled, so that also few operations are of every kind. */
const deck = [
  ...times(8, 'say' as const),
  ...times(5, 'edit' as const),
  ...times(3, 'redact' as const),
  ...times(7, 'react' as const),
  'rejoin' as const,
  'leave' as const,
  'restart' as const,
  'kill' as const,
]
const delayMostMs = 1_500
const roomsMost = 20

interface Draw {
  readonly kind: (typeof deck)[number]
  readonly room: number
  readonly place: PlaceName
  readonly which: number
  readonly last: boolean
  readonly emoji: (typeof emojis)[number]
  readonly what: 'message' | 'edit' | 'reply'
  readonly afterMs: number
}

/** Ten operations a room. Each room is two places: its own conversation and a thread in it. */
export const roomsFor = (size: number): number => Math.min(roomsMost, Math.max(2, Math.round(size / 10)))

/** The same operations for the same seed: `size` of them, and last of all something said in every place. */
export function plan(seed: number, size: number): readonly Operation[] {
  const count = roomsFor(size)
  const numbers = Array.from({ length: count }, (_, room) => room)
  const planned: Operation[] = []
  let rooms: Rooms = new Map()
  const add = (operation: Operation) => {
    rooms = advance(rooms, operation, planned.length).rooms
    planned.push(operation)
  }
  for (const room of numbers) add({ kind: 'join', room })
  for (const draw of draws(seed, size, numbers)) {
    if (planned.length >= size) break
    for (const operation of operationsOf(draw, rooms)) add(operation)
  }
  for (const place of placeNames) for (const room of numbers) add({ kind: 'say', room, place })
  return planned
}

function draws(seed: number, size: number, rooms: readonly number[]): readonly Draw[] {
  const deal = <T>(cards: readonly T[]) => {
    const whole = { minLength: cards.length, maxLength: cards.length }
    const rounds = Math.ceil(size / cards.length)
    return fc.sample(fc.shuffledSubarray([...cards], whole), { seed, numRuns: rounds }).flat()
  }
  const kinds = deal(deck)
  const inTurn = deal(rooms)
  const rest = fc.record({
    place: fc.constantFrom(...placeNames),
    which: fc.nat(1_000),
    last: fc.boolean(),
    emoji: fc.constantFrom(...emojis),
    what: fc.constantFrom('message' as const, 'message' as const, 'edit' as const, 'reply' as const),
    afterMs: fc.integer({ min: 0, max: delayMostMs }),
  })
  return fc.sample(rest, { seed, numRuns: size }).map((each, index) => ({
    ...each,
    kind: kinds[index] ?? 'say',
    room: inTurn[index] ?? 0,
  }))
}

/** What cannot be done there becomes something that is said. */
function operationsOf(draw: Draw, rooms: Rooms): readonly Operation[] {
  const { kind, room, afterMs, emoji } = draw
  const before = rooms.get(room) ?? emptyRoom
  // The thread begins with the first message of the room.
  const begun = turnsIn(before.main).some(({ greeting }) => !greeting)
  const where = { room, place: begun ? draw.place : 'main' } as const
  const turns = turnsIn(before[where.place])
  const one = <T>(all: readonly T[]): T | undefined =>
    all.at(draw.last ? -1 : draw.which % Math.max(1, all.length))
  const say = [{ ...where, kind: 'say' }] as const
  switch (kind) {
    case 'restart':
    case 'kill':
      return [{ kind, afterMs }]
    case 'leave':
      return [
        { kind, room },
        { kind: 'join', room },
      ]
    case 'rejoin':
      // Nobody gives the companion the keys to what is said while it is out.
      return [{ ...where, kind, says: !isEncrypted(room) && draw.last }]
    case 'say':
      return say
    case 'edit': {
      const turn = one(turns.filter(({ asked }) => asked !== undefined))
      return turn === undefined ? say : [{ ...where, kind, of: turn.of }]
    }
    case 'redact': {
      const { what } = draw
      const turn = one(
        turns.filter((each) =>
          what === 'reply'
            ? replyOf(each) !== undefined
            : each.asked !== undefined && (what === 'message' || each.edited),
        ),
      )
      return turn === undefined ? say : [{ ...where, kind, of: turn.of, what }]
    }
    case 'react': {
      const turn = one(turns.filter((each) => replyOf(each) !== undefined))
      return turn === undefined ? say : [{ ...where, kind, of: turn.of, emoji }]
    }
  }
}
