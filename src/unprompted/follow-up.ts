import type { FactContent } from '../core/fact.ts'
import type { FactId } from '../core/ids.ts'
import type { NewKnock } from '../core/knock.ts'
import { dayMoment } from '../memory/calendar.ts'
import { type Circumstances, opening } from './permit.ts'
import { localTime, momentFrom } from './zone.ts'

/** In the evening of the day it is over, or on its way. */
const askedMinutes = 19 * 60
/** It matters to the person. */
const importanceLeast = 2

/**
 * When it is asked how something went that somebody has spoken of: in the evening of its day, where that was ahead when
 * they said it. Of nothing that the law holds to be sensitive, since others may look at their screen. Undefined for what
 * is not asked after.
 */
export function followUp(fact: FactContent, id: FactId, at: Circumstances): NewKnock | undefined {
  const { about, kind, importance, sensitivity, statement, saidAt, validFrom } = fact
  if (about.kind === 'persona' || (kind !== 'event' && kind !== 'plan')) return undefined
  if (importance < importanceLeast || sensitivity !== 'none') return undefined
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(validFrom ?? '') ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return undefined
  if ((validFrom ?? '') <= dayMoment(localTime(saidAt, at.zone).day)) return undefined
  const evening = momentFrom({ day: { year, month, day }, minutes: askedMinutes }, at.zone)
  if (evening <= at.now) return undefined
  const dueAt = opening({ ...at, now: evening })
  return { kind: 'follow-up', dueAt, fact: id, content: { text: statement, at: dueAt, language: 'en' } }
}
