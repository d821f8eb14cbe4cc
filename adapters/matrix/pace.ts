/** A homeserver takes far more in a minute; people read no faster. */
const leastMs = 1_000
const mostMs = 5_000
/** Up to here a reply is edited as often as it may be. */
const shortCharacters = 500

/**
 * How long a reply rests between two edits. Each edit carries the whole text, and stays in the room's history:
 * with pauses that grow with the reply, what is sent for it grows with its length, not with its square.
 */
export const editPauseMs = (characters: number): number =>
  Math.min(mostMs, leastMs * Math.max(1, characters / shortCharacters))
