import type { RoomKind } from '../../src/core/conversation.ts'
import type { AccountId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { isId } from './address.ts'
import { recordOf, type SendRequest } from './crypto/homeserver.ts'
import { decode } from './decode.ts'
import { refused } from './errors.ts'

/** What is known of it, as its state tells. */
interface Facts {
  readonly members: Map<string, Member>
  /** Its `m.room.history_visibility`. */
  history: string
  encrypted: boolean
}

interface Member {
  readonly membership: string
  readonly name: string
}

/** What is known of one room that the account is in. */
export interface Room {
  readonly kind: RoomKind
  /**
   * Who may read what is said now, with the account itself: everybody who has joined, and who is invited
   * where the room shows the invited what was said before they joined.
   */
  readers(): readonly string[]
  /** Whoever comes can read what was said before: nobody has the keys of what was encrypted before they came. */
  readonly readsBefore: boolean
  /** The accounts of the house that have joined. */
  personas(): readonly string[]
  nameOf(user: string): string
  /** True where nobody has joined or is invited but personas. */
  readonly empty: boolean
}

/** The rooms of an account, as the homeserver tells of them. */
export interface Rooms {
  /** Asks the homeserver the first time. Throws `HearthError`. */
  find(room: string, signal: AbortSignal): Promise<Room>
  /** A state event of a sync. Where the room is not known yet, it will be asked for whole. */
  apply(room: string, event: unknown): void
  forget(room: string): void
}

const collection = 'rooms'
const hasJoined = ({ membership }: Member) => membership === 'join'
const isHere = ({ membership }: Member) => membership === 'join' || membership === 'invite'

export function createRooms(
  account: AccountId,
  isOurs: (user: string) => boolean,
  records: AccountRecords,
  request: SendRequest,
): Rooms {
  const known = new Map<string, Facts>()
  const asking = new Map<string, Promise<Facts>>()
  /** Rooms that once had a third person: they stay groups, so that no conversation changes its place twice. */
  let groups: Promise<Set<string>> | undefined

  async function ask(room: string, signal: AbortSignal): Promise<Facts> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state`
    const answer = await request('GET', path, undefined, signal)
    if (answer.status !== 200) throw refused('read who is in a room', answer)
    // What the specification says of a room that does not tell.
    const facts: Facts = { members: new Map(), history: 'shared', encrypted: false }
    for (const event of Array.isArray(answer.body) ? answer.body : []) take(facts, event)
    known.set(room, facts)
    return facts
  }

  function take(facts: Facts, event: unknown): void {
    const { type, state_key: stateKey, content } = recordOf(event)
    if (type === 'm.room.history_visibility' && stateKey === '')
      facts.history = String(recordOf(content).history_visibility)
    if (type === 'm.room.encryption' && stateKey === '') facts.encrypted = true
    const decoded = decode(event)
    if (decoded?.kind === 'member')
      facts.members.set(decoded.user, { membership: decoded.membership, name: decoded.name })
  }

  async function factsOf(room: string, signal: AbortSignal): Promise<Facts> {
    const facts = known.get(room)
    if (facts !== undefined) return facts
    const question = asking.get(room) ?? ask(room, signal).finally(() => asking.delete(room))
    asking.set(room, question)
    return await question
  }

  async function isGroup(room: string, people: number): Promise<boolean> {
    groups ??= records.read(account, collection).then((found) => new Set(found.keys()))
    const all = await groups.catch((error: unknown) => {
      groups = undefined
      throw error
    })
    if (all.has(room) || people <= 2) return all.has(room)
    await records.write(account, [{ collection, key: room, value: Buffer.from('group') }])
    all.add(room)
    return true
  }

  return {
    async find(room, signal) {
      const facts = await factsOf(room, signal)
      const { members } = facts
      const here = (is = isHere) => [...members].filter(([, member]) => is(member)).map(([user]) => user)
      return {
        kind: (await isGroup(room, here().length)) ? 'group' : 'direct',
        readers: () => here(facts.history === 'joined' ? hasJoined : isHere),
        readsBefore: !facts.encrypted && ['shared', 'world_readable'].includes(facts.history),
        personas: () => here(hasJoined).filter(isOurs),
        nameOf: (user) => members.get(user)?.name ?? user,
        get empty() {
          return here().every(isOurs)
        },
      }
    },
    apply(room, event) {
      const facts = known.get(room)
      if (facts !== undefined) take(facts, event)
    },
    forget: (room) => void known.delete(room),
  }
}

/** The rooms in a section of a sync, with what stands there; ids that are none are passed over. */
export function roomsIn(section: unknown): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  return Object.entries(recordOf(section)).flatMap(([room, content]) =>
    isId(room) ? [[room, recordOf(content)] as const] : [],
  )
}

export const eventsIn = (section: unknown): readonly unknown[] => {
  const { events } = recordOf(section)
  return Array.isArray(events) ? events : []
}
