import { recordOf, type SendRequest } from './crypto/homeserver.ts'
import { refused } from './errors.ts'
import { eventsIn } from './rooms.ts'

/** Pages of a hundred events: what was said in a room for weeks. */
const pagesMost = 50
const pageEvents = 100

/** Where the last sync ended. `nowhere`: it is the first of all. `forgotten`: the homeserver does not know any more. */
export type Since = 'nowhere' | 'forgotten' | { readonly token: string }

/**
 * The events of a room that a sync brings, from the oldest to the newest. After a long absence the homeserver
 * leaves out what lies between: that is read page by page, back to where the last sync ended, or, where the
 * homeserver has forgotten that place, to what is too old to be answered.
 */
export async function eventsSince(
  room: string,
  section: unknown,
  since: Since,
  catchUpMs: number,
  request: SendRequest,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const { timeline } = recordOf(section)
  const { limited, prev_batch: before } = recordOf(timeline)
  const events = eventsIn(timeline)
  if (limited !== true || since === 'nowhere' || typeof before !== 'string') return events
  const missed: unknown[] = []
  let from: unknown = before
  for (let pages = 0; pages < pagesMost && typeof from === 'string'; pages++) {
    const query = new URLSearchParams({ dir: 'b', from, limit: String(pageEvents) })
    if (since !== 'forgotten') query.set('to', since.token)
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?${query}`
    const answer = await request('GET', path, undefined, signal)
    if (answer.status !== 200) throw refused('read what was missed', answer)
    const { chunk, end } = recordOf(answer.body)
    if (!Array.isArray(chunk) || chunk.length === 0) break
    missed.push(...chunk)
    from = end
    const { origin_server_ts: oldestMs } = recordOf(chunk.at(-1))
    if (since === 'forgotten' && typeof oldestMs === 'number' && oldestMs < Date.now() - catchUpMs) break
  }
  return [...missed.reverse(), ...events]
}
