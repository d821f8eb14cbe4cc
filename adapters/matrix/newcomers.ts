import { recordOf } from './crypto/homeserver.ts'
import { decode } from './decode.ts'

/**
 * Who came into the room, or was invited, only after each of these events. After an absence the homeserver first
 * tells who is there by now: what was said before they came must not pass for what they could read.
 */
export function newcomersAfter(inOrder: readonly unknown[]): (index: number) => ReadonlySet<string> {
  const came = inOrder.flatMap((event, index) => {
    const decoded = decode(event)
    if (decoded?.kind !== 'member' || !isHere(decoded.membership)) return []
    const { prev_content: before } = recordOf(recordOf(event).unsigned)
    // A new name or picture.
    return isHere(recordOf(before).membership) ? [] : [{ user: decoded.user, index }]
  })
  return (index) => new Set(came.filter((each) => each.index > index).map(({ user }) => user))
}

const isHere = (membership: unknown) => membership === 'join' || membership === 'invite'
