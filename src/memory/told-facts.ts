import type { KnownFact } from '../core/fact.ts'
import type { PersonaId } from '../core/ids.ts'
import type { PlacedFact } from '../core/memory.ts'
import type { Slice } from '../core/recall.ts'

/**
 * What is true, as far as all that it was made of was said in these parts of rooms; with what people have had
 * written down, where they are `alone` with the persona: that one, or each where it was said to none.
 */
export function toldFacts(
  placed: readonly PlacedFact[],
  audience: readonly Slice[],
  alone: PersonaId | undefined,
): readonly KnownFact[] {
  const rooms = Map.groupBy(audience, ({ room }) => room)
  return placed
    .filter(({ fact, places, toldTo }) => {
      if (fact.superseded) return false
      if (fact.sources.length === 0) return alone !== undefined && (toldTo === undefined || toldTo === alone)
      // Where it is not known of each where it was said, something of it has come or gone meanwhile.
      if (places.length < fact.sources.length) return false
      return places.every(({ room, position }) =>
        rooms.get(room)?.some((slice) => position >= slice.from && position <= slice.to),
      )
    })
    .map(({ fact }) => fact)
}
