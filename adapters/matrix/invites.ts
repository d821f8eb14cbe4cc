import type { OnEvent } from '../../src/core/adapter.ts'
import { externalId } from '../../src/core/ids.ts'
import type { Doorman } from '../pairing.ts'
import { isId, toReference } from './address.ts'
import { recordOf, type SendRequest } from './crypto/homeserver.ts'
import { decode, nameOf, saysMembership } from './decode.ts'
import { refused } from './errors.ts'
import { eventsIn, type Rooms } from './rooms.ts'

export interface InvitesOptions {
  readonly self: string
  readonly rooms: Rooms
  readonly doorman: Doorman
  readonly request: SendRequest
}

/** Joins the rooms that people invite the account to who may talk with it, and leaves those that are over. */
export interface Invites {
  take(room: string, section: unknown, onEvent: OnEvent, signal: AbortSignal): Promise<void>
  /**
   * What has happened in a room, from the oldest to the newest. Where the account joined and was stopped
   * before the engine was told, nobody would be answered there.
   */
  makeUp(room: string, events: readonly unknown[], onEvent: OnEvent, signal: AbortSignal): Promise<void>
  /** Goes on in the room that has taken the place of another; where it is not open, when somebody invites. */
  follow(replacement: string, sender: string, onEvent: OnEvent, signal: AbortSignal): Promise<void>
  leave(room: string, reason: string | undefined, signal: AbortSignal): Promise<void>
}

export function createInvites({ self, rooms, doorman, request }: InvitesOptions): Invites {
  /** Rooms that the engine was told of since the last invitation to them, by this process. */
  const told = new Set<string>()

  async function join(room: string, via: string, signal: AbortSignal): Promise<boolean> {
    const path = `/_matrix/client/v3/join/${encodeURIComponent(room)}?server_name=${encodeURIComponent(via)}`
    const answer = await request('POST', path, {}, signal)
    // An invitation that was taken back, or a room that is gone.
    if ([403, 404].includes(answer.status)) return false
    if (answer.status !== 200) throw refused('join a room', answer)
    return true
  }

  async function stateOf(room: string, type: string, signal: AbortSignal) {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/${type}/`
    const answer = await request('GET', path, undefined, signal)
    return answer.status === 200 ? recordOf(answer.body) : {}
  }

  /** The room that this one goes on for. Only where that one says so itself: anybody can claim to succeed it. */
  async function predecessorOf(room: string, signal: AbortSignal): Promise<string | undefined> {
    const { room_id: old } = recordOf((await stateOf(room, 'm.room.create', signal)).predecessor)
    if (!isId(old)) return undefined
    const { replacement_room: successor } = await stateOf(old, 'm.room.tombstone', signal)
    return successor === room ? old : undefined
  }

  async function joined(room: string, sender: string, name: string, onEvent: OnEvent, signal: AbortSignal) {
    const { kind } = await rooms.find(room, signal)
    const replaced = await predecessorOf(room, signal)
    const at = (id: string) => toReference({ room: id, kind, thread: undefined })
    await onEvent({
      kind: 'membership',
      change: 'joined',
      room: { ...at(room), ...(replaced !== undefined && { replaces: at(replaced).externalId }) },
      sender: { externalId: externalId(sender), displayName: name },
      at: new Date(),
    })
    told.add(room)
  }

  const isInvitation = (event: unknown) => saysMembership(event, self, 'invite')

  const serverOf = (id: string) => id.slice(id.indexOf(':') + 1)

  const self_ = {
    async take(room: string, section: unknown, onEvent: OnEvent, signal: AbortSignal) {
      told.delete(room)
      const events = eventsIn(recordOf(section).invite_state)
      const inviter = recordOf(events.find(isInvitation)).sender
      if (!isId(inviter)) return
      if (!(await doorman.mayTalk(inviter))) {
        return await self_.leave(room, await doorman.refusal(inviter), signal)
      }
      if (!(await join(room, serverOf(inviter), signal))) return
      const member = events.map(decode).find((each) => each?.kind === 'member' && each.user === inviter)
      const name = member?.kind === 'member' ? member.name : nameOf(inviter, undefined)
      await joined(room, inviter, name, onEvent, signal)
    },

    async makeUp(room: string, events: readonly unknown[], onEvent: OnEvent, signal: AbortSignal) {
      const inviter = recordOf(events.findLast(isInvitation)).sender
      if (told.has(room) || !isId(inviter) || !(await doorman.mayTalk(inviter))) return
      const { nameOf: name } = await rooms.find(room, signal)
      await joined(room, inviter, name(inviter), onEvent, signal)
    },

    async follow(replacement: string, sender: string, onEvent: OnEvent, signal: AbortSignal) {
      if (!(await join(replacement, serverOf(sender), signal))) return
      const { nameOf: name } = await rooms.find(replacement, signal)
      await joined(replacement, sender, name(sender), onEvent, signal)
    },

    async leave(room: string, reason: string | undefined, signal: AbortSignal) {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/leave`
      const answer = await request('POST', path, reason === undefined ? {} : { reason }, signal)
      // Not in it any more is what was wanted.
      if (![200, 403, 404].includes(answer.status)) throw refused('leave a room', answer)
      rooms.forget(room)
    },
  }
  return self_
}
