import { recordOf, type SendRequest } from './crypto/homeserver.ts'
import { refused } from './errors.ts'
import { eventsIn } from './rooms.ts'

/** Pages of a hundred events: what was said in a room for weeks. */
const pagesMost = 50
const pageEvents = 100

/**
 * The events of a room that a sync brings, from the oldest to the newest. After a long absence the homeserver
 * leaves out what lies between: that is read page by page, back to where the last sync ended.
 */
export async function eventsSince(
  room: string,
  section: unknown,
  since: string | undefined,
  request: SendRequest,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const { timeline } = recordOf(section)
  const { limited, prev_batch: before } = recordOf(timeline)
  const events = eventsIn(timeline)
  if (limited !== true || since === undefined || typeof before !== 'string') return events
  const missed: unknown[] = []
  let from: unknown = before
  for (let pages = 0; pages < pagesMost && typeof from === 'string'; pages++) {
    const query = new URLSearchParams({ dir: 'b', from, to: since, limit: String(pageEvents) })
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?${query}`
    const answer = await request('GET', path, undefined, signal)
    if (answer.status !== 200) throw refused('read what was missed', answer)
    const { chunk, end } = recordOf(answer.body)
    if (!Array.isArray(chunk) || chunk.length === 0) break
    missed.push(...chunk)
    from = end
  }
  return [...missed.reverse(), ...events]
}
