import type { KnockBook } from '../core/knock.ts'
import type { MemoryTask, PersonChanges } from '../core/memory.ts'
import { does } from '../unprompted/does.ts'
import { followUp } from '../unprompted/follow-up.ts'
import type { JobTools } from './tools.ts'

export interface FollowUpTools {
  readonly book: Pick<KnockBook, 'readOn' | 'add'>
  /** Of people who have not said where they are. */
  readonly timeZone: string
}

/**
 * Notes what a persona is to ask after, of what has just become known in a room of two, where that is switched on. One
 * that gets lost with the process is no promise.
 */
export async function planFollowUps(
  task: MemoryTask,
  people: readonly PersonChanges[],
  { followUps, personas, now }: Pick<JobTools, 'followUps' | 'personas' | 'now'>,
): Promise<void> {
  const added = people
    .filter(({ person }) => String(person) === task.owner)
    .flatMap(({ changes }) => changes.filter((change) => change.kind === 'add'))
  if (followUps === undefined || task.kind !== 'direct' || added.length === 0) return
  for (const place of await followUps.book.readOn({ owner: task.owner, id: task.room })) {
    const persona = personas.get(place.persona)
    if (persona === undefined || !does(persona, 'follow-up')) continue
    const { hours, zone = followUps.timeZone } = place.terms
    const { quietHours } = persona.manners
    for (const { id, content } of added) {
      const knock = followUp(content, id, { now: now(), zone, hours, quietHours })
      if (knock !== undefined) await followUps.book.add(place, knock)
    }
  }
}
