/**
 * Why a worker stops in the middle of a turn:
 *
 * changed:  a further message, an edit or a redaction came before anything was shown: begin again.
 * stop:     the person has heard enough: what was shown is the reply.
 * lost:     the lease has gone to another worker: touch nothing any more.
 * shutdown: this process ends: hand the turn back.
 */
export type Why = 'changed' | 'stop' | 'lost' | 'shutdown'

export class Interruption extends Error {
  readonly why: Why

  constructor(why: Why) {
    super(`interrupted: ${why}`)
    this.name = 'AbortError'
    this.why = why
  }
}

export interface TurnControl {
  /** Ends everything that is done for the turn. */
  readonly signal: AbortSignal
  /** Ends the model's work alone: what is there already can still be delivered. */
  readonly generating: AbortSignal
  interrupt(why: Why): void
}

export function createTurnControl(): TurnControl {
  const everything = new AbortController()
  const generation = new AbortController()
  return {
    signal: everything.signal,
    generating: generation.signal,
    interrupt(why) {
      const interruption = new Interruption(why)
      generation.abort(interruption)
      if (why === 'lost' || why === 'shutdown') everything.abort(interruption)
    },
  }
}
