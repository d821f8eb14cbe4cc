import type { KnockKind } from '../core/knock.ts'
import type { Persona, Unprompted } from '../core/persona.ts'

const names: Readonly<Record<KnockKind, Unprompted>> = {
  errand: 'reminders',
  'follow-up': 'follow-ups',
  morning: 'mornings',
}
const usual: readonly Unprompted[] = ['reminders']

/** What the persona says first where somebody has switched that on. */
export const doesFirst = ({ manners }: Persona): readonly Unprompted[] => manners.unprompted ?? usual

export const does = (persona: Persona, kind: KnockKind): boolean => doesFirst(persona).includes(names[kind])
