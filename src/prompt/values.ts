import type { RoomKind } from '../core/conversation.ts'
import type { Persona } from '../core/persona.ts'
import type { HistoryMessage } from '../core/store.ts'
import { expandMacros, type MacroValues } from './macros.ts'

/** What the macros of a persona's texts can ask for. */
export interface ValuesInput {
  readonly persona: Persona
  readonly roomKind: RoomKind
  /** The name of the person who is answered. */
  readonly userName: string
  /** In a group the names of the personas that are heard there, this one's among them, in an order that stays. */
  readonly companions?: readonly string[]
  /** What that person says of themselves. */
  readonly selfDescription: string | undefined
  /** Up to and with the new messages, of which there is at least one. */
  readonly history: readonly HistoryMessage[]
  /** Of what came before the history. */
  readonly summary: string | undefined
  readonly now: Date
  /** Of this turn: another try at it makes the same choices. */
  readonly seed: string
  /** Of this persona in this room. */
  readonly roomSeed: string
}

const hourMs = 3_600_000

/**
 * For what stands before the history. Whatever changes every turn would cost the prefix cache each time: so chance
 * is drawn once for a room, the clock goes by whole hours, and who or what was last is empty or the people in
 * general. In a group whoever spoke last would change the prompt's beginning with every turn.
 */
export function headValues(input: ValuesInput): MacroValues {
  const { persona, roomKind, userName, selfDescription, now, roomSeed, summary } = input
  const user = roomKind === 'direct' ? userName : 'the people in the room'
  return withTexts(persona, {
    char: persona.name,
    user,
    ...groupOf(input, user),
    seed: roomSeed,
    roomSeed,
    now: new Date(Math.floor(now.getTime() / hourMs) * hourMs),
    ...(summary !== undefined && { summary }),
    ...(roomKind === 'direct' && selfDescription !== undefined && { selfDescription }),
  })
}

/** For what stands behind the history, and changes every turn anyway. */
export function tailValues(input: ValuesInput): MacroValues {
  const { persona, userName, selfDescription, now, seed, roomSeed, summary, history } = input
  const last = history.at(-1)
  const before = history.at(-2)
  return withTexts(persona, {
    char: persona.name,
    user: userName,
    ...groupOf(input, userName),
    seed,
    roomSeed,
    now,
    ...(summary !== undefined && { summary }),
    ...(selfDescription !== undefined && { selfDescription }),
    ...(last !== undefined && { lastMessage: last.text }),
    ...(last !== undefined &&
      before !== undefined && { idleMs: Math.max(0, last.saidAt.getTime() - before.saidAt.getTime()) }),
  })
}

function groupOf({ persona, companions }: ValuesInput, user: string): Pick<MacroValues, 'group' | 'notChar'> {
  if (companions === undefined) return {}
  const others = companions.filter((name) => name !== persona.name)
  return { group: companions.join(', '), notChar: [...others, user].join(', ') }
}

/** With the persona's texts, which the others may ask for by `{{description}}` and the like. */
function withTexts({ description, personality, scenario }: Persona, values: MacroValues): MacroValues {
  const [told, how, where] = [description, personality, scenario].map((text) => expandMacros(text, values))
  return { ...values, description: told ?? '', personality: how ?? '', scenario: where ?? '' }
}
