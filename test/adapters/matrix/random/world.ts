import { expect, vi } from 'vitest'
import type { Script } from '../../../support/ollama-script.ts'
import { act, join, type LiveRoom, patience, seenIn } from './acts.ts'
import { openHouse } from './house.ts'
import { type Act, type Interruption, type PlaceName, roomOf } from './operations.ts'
import { type Due, replyTo, type Shown } from './oracle.ts'

/** What the model was shown, and for which operation. */
export interface Asked {
  readonly step: number
  readonly lines: readonly string[]
}

/** What really happens. */
export interface World extends AsyncDisposable {
  /** Done by the person; resolves when what is due of it is seen. */
  perform(operation: Act, step: number, due: Due): Promise<void>
  interrupt(interruption: Interruption): Promise<void>
  lastWords(): Promise<string>
  readonly asked: readonly Asked[]
  shown(room: number, place: PlaceName): readonly Omit<Shown, 'of'>[]
  /** Of all rooms that there ever were: what of the companion's cannot be read, or could be by anybody. */
  readonly undecryptable: number
  readonly inTheClear: number
}

export async function openWorld(): Promise<World> {
  const asked: Asked[] = []
  /** Which operation is under way in each room. */
  const steps = new Map<number, number>()
  const script: Script = ({ messages = [] }) => {
    const lines = messages.flatMap(({ role, content }) => (role === 'system' ? [] : [`${role}: ${content}`]))
    const step = steps.get(roomOf(lines)) ?? Number.NaN
    asked.push({ step, lines })
    // Some answer before anything is shown, some are edited twice on their way.
    return { pieces: replyTo(lines, step).match(/\s*\S+/g) ?? [], paceMs: (step * 37) % 90 }
  }
  const house = await openHouse(script)
  const { ada, self } = house
  const rooms = new Map<number, LiveRoom>()
  const all: LiveRoom[] = []

  function find(number: number): LiveRoom {
    const room = rooms.get(number)
    if (room === undefined) throw new Error(`there is no room ${number}`)
    return room
  }

  async function enter(number: number): Promise<void> {
    const room = await join(house, number)
    rooms.set(number, room)
    all.push(room)
  }

  const shown = (room: LiveRoom, place: PlaceName) => seenIn(house, room, place).map(plain)

  /** Until what is due is seen, and each reply in the message in which it stood before. */
  async function settle(room: LiveRoom, place: PlaceName, { visible }: Due): Promise<void> {
    await vi.waitFor(() => expect(shown(room, place)).toEqual(visible.map(withoutOf)), patience)
    for (const [index, { id }] of seenIn(house, room, place).entries()) {
      const of = visible[index]?.of ?? -1
      expect(id).toBe(room.replies.get(of) ?? id)
      room.replies.set(of, id)
    }
  }

  const ours = (of: readonly LiveRoom[]) =>
    of.flatMap(({ id }) => ada.events(id)).filter((event) => event.getSender() === self)
  return {
    asked,
    async perform(operation, step, due) {
      steps.set(operation.room, step)
      if (operation.kind === 'join') await enter(operation.room)
      else await act(house, find(operation.room), operation, step)
      if (operation.kind === 'leave') return
      await settle(find(operation.room), 'place' in operation ? operation.place : 'main', due)
    },
    interrupt: house.interrupt,
    lastWords: house.lastWords,
    shown: (room, place) => shown(find(room), place),
    get undecryptable() {
      return ours(all).filter((event) => event.isDecryptionFailure()).length
    },
    get inTheClear() {
      const sealed = ours(all.filter(({ encrypted }) => encrypted))
      return sealed.filter((event) => event.getType() === 'm.room.message' && !event.isEncrypted()).length
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
}

export const withoutOf = ({ kind, text }: Shown): Omit<Shown, 'of'> => ({ kind, text })
const plain = ({ kind, text }: { readonly kind: string; readonly text: string }): Omit<Shown, 'of'> => ({
  kind: kind === 'm.notice' ? 'notice' : 'reply',
  text,
})
