import type { Turn } from '../core/conversation.ts'
import type { KnockQueue, SpokenKnock } from '../core/knock.ts'
import type { Persona } from '../core/persona.ts'
import type { KnockNow } from '../prompt/unprompted.ts'
import { isLate, permitOf } from '../unprompted/permit.ts'
import { plainErrand } from '../unprompted/plain.ts'
import type { Refusal } from './authorise.ts'
import { type Generated, unasked } from './generate.ts'

export interface KnockTools {
  readonly knocks: Pick<KnockQueue, 'read'>
  /** Of people who have not said where they are. */
  readonly timeZone: string
  readonly now: () => Date
}

/** So often a model is asked for its words; after that an errand is said without them, and all else is not. */
const modelTriesMost = 2

export const isUnprompted = ({ kind }: Pick<Turn, 'kind'>): boolean => kind === 'unprompted'

/** What the turn says, and what that came from. */
export type TurnKnock = KnockNow & Pick<SpokenKnock, 'on' | 'refs' | 'recollections' | 'terms'>

/** Undefined for a turn that answers somebody, and where what it came from was taken away. Throws `HearthError`. */
export async function readKnock(
  turn: Turn,
  { knocks, timeZone, now }: KnockTools,
): Promise<TurnKnock | undefined> {
  const spoken = isUnprompted(turn) ? await knocks.read(turn) : undefined
  return spoken && { ...spoken, zone: spoken.terms.zone ?? timeZone, late: isLate(spoken.content, now()) }
}

/**
 * Whether it may still be said: a turn may have waited, for a process, a model or a platform. How long it has to wait,
 * in milliseconds; `never` where its time is over, or it was switched off meanwhile.
 */
export async function waitOf(turn: Turn, persona: Persona, tools: KnockTools): Promise<number | 'never'> {
  const knock = await readKnock(turn, tools)
  if (knock?.on !== true) return 'never'
  const { zone, terms } = knock
  const now = tools.now()
  const { quietHours } = persona.manners
  const permit = permitOf(knock, { now, zone, hours: terms.hours, quietHours })
  if (permit.kind === 'now') return 0
  // The next good morning has its own turn.
  if (permit.kind !== 'later' || knock.kind === 'morning') return 'never'
  return permit.until.getTime() - now.getTime()
}

/** A model that has failed so often is asked no more. */
export const withoutModel = (turn: Turn): boolean => turn.failures >= modelTriesMost

/** What is said without a model: an errand was promised, and nothing else was. */
export function plainWords(knock: TurnKnock): Generated | Refusal {
  const { kind, content, zone, late } = knock
  if (kind !== 'errand') return { allowed: false, reason: 'withdrawn' }
  return { ...unasked(plainErrand(content, zone, late)), ...sourcesOf(knock) }
}

/** With what it came from the reply goes, where that is forgotten. */
export const sourcesOf = (
  knock: TurnKnock | undefined,
): Partial<Pick<Generated, 'recalled' | 'recollections'>> =>
  knock === undefined ? {} : { recalled: knock.refs, recollections: knock.recollections }
