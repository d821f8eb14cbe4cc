import { diceFor } from '../core/dice.ts'
import type { PersonaId } from '../core/ids.ts'
import { namedAt } from '../core/named.ts'
import type { Cue } from '../core/store.ts'

/** A persona that has heard something in a group, and may answer. */
export interface Listener {
  readonly id: PersonaId
  readonly name: string
  /** How readily it speaks unasked, from 0 (never) to 1 (always). */
  readonly talkativeness: number
  /** The higher, the later it was that it spoke there last; 0: not lately. */
  readonly spokeAt: number
}

/** Something that was said in a group. */
export interface Utterance {
  readonly text: string
  /** Undefined: a person. */
  readonly by: PersonaId | undefined
  /** False: somebody is asked already, and nobody else speaks unasked. */
  readonly toAll: boolean
  /** The same for the same words in the same place, so that the choice can be made again. */
  readonly seed: string
}

export interface NextSpeaker {
  readonly persona: PersonaId
  readonly cue: Cue
}

/**
 * Who answers what was said in a group, in this order; often nobody. Whoever is named does. Otherwise those who
 * have been silent longest are asked first whether they feel like it, and the first who does speaks alone. Nobody
 * answers themselves. How many may speak before a person does again is not decided here.
 */
export function whoSpeaks(
  { text, by, toAll, seed }: Utterance,
  present: readonly Listener[],
): readonly NextSpeaker[] {
  const others = present.filter(({ id }) => id !== by)
  const named = others
    .flatMap(({ id, name }) => {
      const place = namedAt(text, [name])
      return place === undefined ? [] : [{ id, place }]
    })
    .sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1))
  if (named.length > 0)
    return named.map(({ id }) => ({ persona: id, cue: by === undefined ? 'addressed' : 'persona' }))
  if (!toAll) return []
  const inTurn = others
    .map((each) => ({ ...each, lot: diceFor(seed, 'turn', each.id) }))
    .sort((a, b) => a.spokeAt - b.spokeAt || a.lot - b.lot)
  const willing = inTurn.find(({ id, talkativeness }) => diceFor(seed, 'talk', id) < talkativeness)
  return willing === undefined ? [] : [{ persona: willing.id, cue: by === undefined ? 'unasked' : 'persona' }]
}
