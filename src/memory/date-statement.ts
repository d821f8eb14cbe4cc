import type { Moment } from '../core/fact.ts'
import { dayAt, dayMoment } from './calendar.ts'
import { type DateContext, findDates } from './dates.ts'
import { normalise } from './gate-text.ts'

export interface DatedStatement {
  readonly statement: string
  readonly validFrom: Moment | undefined
  readonly validTo: Moment | undefined
}

/**
 * The fact's own statement with absolute dates; the person's words stay as they are. What may mean more
 * than one time stays as it was said, with the message's date beside it.
 */
export function dateStatement(statement: string, context: DateContext): DatedStatement {
  const normal = normalise(statement)
  const dates = findDates(statement, context)
  let dated = ''
  let after = 0
  for (const { start, end, moment, absolute } of dates) {
    const from = normal.places[start] as number
    const to = normal.places[end] as number
    const said = normal.source.slice(from, to)
    dated += normal.source.slice(after, from) + (moment === undefined || absolute ? said : moment)
    after = to
  }
  dated += normal.source.slice(after)
  const open = dates.some(({ moment }) => moment === undefined)
  const day = dayMoment(dayAt(context.saidAt, context.timeZone))
  const moments = (role: 'at' | 'since' | 'until') => dates.find((date) => date.role === role)?.moment
  return {
    statement: open ? `${dated} (said on ${day})` : dated,
    validFrom: moments('since') ?? moments('at'),
    validTo: moments('until'),
  }
}
