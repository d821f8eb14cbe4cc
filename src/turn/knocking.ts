import type { Adapter } from '../core/adapter.ts'
import type { AccountId, PersonaId } from '../core/ids.ts'
import type { DueKnock, KnockQueue } from '../core/knock.ts'
import type { Observer } from '../core/observer.ts'
import type { Persona } from '../core/persona.ts'
import { nextMorning, opening, permitOf } from '../unprompted/permit.ts'
import { dayAround } from '../unprompted/zone.ts'
import { inRoom } from './room-settings.ts'

export interface KnockingTools {
  readonly knocks: KnockQueue
  readonly adapters: ReadonlyMap<AccountId, Adapter>
  readonly personas: ReadonlyMap<PersonaId, Persona>
  readonly observer: Pick<Observer, 'askedStore'>
  readonly timeZone: string
  readonly now: () => Date
}

export interface Knocking extends AsyncDisposable {
  /** Now rather than at the next poll; resolves when the turns of what is due are open. */
  look(): Promise<void>
}

const pollMs = 1_000
/** The rest is there at the next look. */
const batchMost = 20

/**
 * Looks for what personas mean to say first, and opens a turn for each that may be said, as it falls due or long after
 * that: the database alone knows what there is. From then on it goes as any turn does.
 */
export function startKnocking(tools: KnockingTools): Knocking {
  let looking: Promise<void> | undefined
  const lookNow = () => {
    looking ??= look(tools).finally(() => {
      looking = undefined
    })
    return looking
  }
  const timer = setInterval(lookNow, pollMs)
  return {
    look: lookNow,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await looking
    },
  }
}

async function look(tools: KnockingTools): Promise<void> {
  const { knocks, adapters, personas, observer, now } = tools
  try {
    for (const knock of await knocks.due([...adapters.keys()], [...personas.keys()], now(), batchMost)) {
      // One that cannot be taken comes first at each look: the others are not to wait for it.
      await take(knock, tools).catch((error: unknown) => observer.askedStore(error))
    }
  } catch (error) {
    observer.askedStore(error)
  }
}

async function take(knock: DueKnock, { knocks, personas, timeZone, now }: KnockingTools): Promise<void> {
  const persona = personas.get(knock.persona)
  if (persona === undefined) return
  const { quietHours } = inRoom(persona, knock.manners).manners
  const zone = knock.terms.zone ?? timeZone
  const at = { now: now(), zone, hours: knock.terms.hours, quietHours }
  const permit = permitOf(knock, at)
  if (permit.kind === 'later') return await knocks.putOff(knock, permit.until)
  if (permit.kind === 'next') return await knocks.putOff(knock, permit.at, permit.at)
  if (permit.kind === 'never') return await knocks.putOff(knock, undefined)
  const day = dayAround(at.now, zone)
  const morning = knock.kind === 'morning' ? nextMorning(knock.content.text, at) : undefined
  if ((await knocks.begin(knock, at.now, day, morning)) !== 'full') return
  // Tomorrow it may be said; of all but an errand nobody waits for that.
  if (knock.kind === 'errand') await knocks.putOff(knock, opening({ ...at, now: day.to }))
  else await knocks.putOff(knock, morning, morning)
}
