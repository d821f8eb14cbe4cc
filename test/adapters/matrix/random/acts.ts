import { expect, vi } from 'vitest'
import type { MatrixPerson, SeenEvent } from '../../../support/matrix/person.ts'
import { type Act, editedWords, isEncrypted, type PlaceName, wordsOf } from './operations.ts'

/** On two busy cores, with Hearth just killed. */
export const patience = { timeout: 90_000, interval: 100 }

/** A room as the person knows it: its events, by the operations that they are of. */
export interface LiveRoom {
  readonly id: string
  readonly encrypted: boolean
  /** The first message, with which the thread begins. */
  root: string | undefined
  readonly said: Map<number, string>
  readonly edits: Map<number, string>
  readonly replies: Map<number, string>
  /** By what they are put on and the emoji. */
  readonly reactions: Map<string, string>
}

export interface Acting {
  readonly ada: MatrixPerson
  readonly self: string
}

export async function join({ ada, self }: Acting, number: number): Promise<LiveRoom> {
  const encrypted = isEncrypted(number)
  const id = await ada.makeRoom([self], { encrypted })
  const events = { said: new Map(), edits: new Map(), replies: new Map(), reactions: new Map() }
  return { id, encrypted, root: undefined, ...events }
}

/** What the companion shows there. */
export const seenIn = (
  { ada, self }: Acting,
  { id, root }: LiveRoom,
  place: PlaceName,
): readonly SeenEvent[] =>
  ada.seen(id, self).filter(({ thread }) => thread === (place === 'main' ? undefined : root))

export async function act(
  acting: Acting,
  room: LiveRoom,
  operation: Exclude<Act, { kind: 'join' }>,
  step: number,
): Promise<void> {
  const { ada } = acting
  switch (operation.kind) {
    case 'leave':
      return await leave(acting, room)
    case 'rejoin':
      return await rejoin(acting, room, async () => {
        if (operation.says) await say(acting, room, operation, step)
      })
    case 'say':
      return await say(acting, room, operation, step)
    case 'edit': {
      const text = editedWords(operation.room, operation.of, step)
      room.edits.set(operation.of, await ada.edit(room.id, eventOf(room.said, operation.of), text))
      return
    }
    case 'redact': {
      const events = { message: room.said, edit: room.edits, reply: room.replies }[operation.what]
      return await ada.redact(room.id, eventOf(events, operation.of))
    }
    case 'react':
      return await react(acting, room, eventOf(room.replies, operation.of), operation.emoji)
  }
}

async function say(
  { ada }: Acting,
  room: LiveRoom,
  { room: number, place }: { readonly room: number; readonly place: PlaceName },
  step: number,
): Promise<void> {
  const thread = place === 'main' ? undefined : room.root
  const id = await ada.say(room.id, wordsOf(number, step), thread === undefined ? {} : { thread })
  room.said.set(step, id)
  room.root ??= id
}

/** A room that nobody is in any more cannot be joined; one that somebody is in is closed to us. */
async function leave({ ada }: Acting, { id }: LiveRoom): Promise<void> {
  await ada.client.leave(id)
  await vi.waitFor(async () => {
    const refusal = await ada.client.joinRoom(id).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ httpStatus: 404 })
  }, patience)
}

async function rejoin(
  { ada, self }: Acting,
  { id }: LiveRoom,
  meanwhile: () => Promise<void>,
): Promise<void> {
  await ada.client.kick(id, self, 'for a moment')
  await meanwhile()
  await ada.client.invite(id, self)
  const membership = () => ada.client.getRoom(id)?.getMember(self)?.membership
  await vi.waitFor(() => expect(membership()).toBe('join'), patience)
}

/** A client puts an emoji on a message once; whoever means it again takes it off first. */
async function react({ ada }: Acting, room: LiveRoom, target: string, emoji: string): Promise<void> {
  const name = `${target} ${emoji}`
  const before = room.reactions.get(name)
  if (before !== undefined) await ada.redact(room.id, before)
  room.reactions.set(name, await ada.react(room.id, target, emoji))
}

function eventOf(events: ReadonlyMap<number, string>, of: number): string {
  const id = events.get(of)
  if (id === undefined) throw new Error(`nothing is known of ${of}`)
  return id
}
