import type { RoomKind } from '../../src/core/conversation.ts'
import type { RoomReference } from '../../src/core/events.ts'
import { type ExternalId, externalId } from '../../src/core/ids.ts'
import { notARoom } from './errors.ts'

/** Where something is said: a room, or one thread in it. */
export interface Address {
  readonly room: string
  readonly kind: RoomKind
  /** The event that the thread began with. */
  readonly thread: string | undefined
}

/*
 * What Hearth calls a place of conversation: `!id:server`, `!id:server group`, either with ` $root` behind
 * it for a thread. A direct room to which a third person comes is another place from then on: what was
 * said between two is not to be read out before three.
 */
const pattern = /^(![^ ]+)( group)?(?: (\$[^ ]+))?$/

export function toReference({ room, kind, thread }: Address): RoomReference {
  const parts = [room, ...(kind === 'group' ? ['group'] : []), ...(thread === undefined ? [] : [thread])]
  return { externalId: externalId(parts.join(' ')), kind }
}

/** Throws `HearthError` (`matrix-not-a-room`). */
export function fromExternalId(id: ExternalId): Address {
  const [, room, group, thread] = pattern.exec(id) ?? []
  if (room === undefined) throw notARoom()
  return { room, kind: group === undefined ? 'direct' : 'group', thread }
}

/** Ids of Matrix have at most 255 bytes and no white space. */
const idPattern = /^[!$@][^\s\u0000-\u001f]{1,254}$/

export const isId = (value: unknown): value is string => typeof value === 'string' && idPattern.test(value)
