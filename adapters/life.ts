import type { HearthError } from '../src/core/errors.ts'

/** How long an adapter lives: until it is closed. */
export interface Life {
  readonly signal: AbortSignal
  /** Ends with the caller's signal, and when the adapter is closed. Throws what either of them has ended with. */
  of(callerSignal: AbortSignal): AbortSignal
  end(): void
}

/** `closed`: what is thrown by whatever is under way at its end, and asked of it afterwards. */
export function createLife(closed: () => HearthError): Life {
  const closing = new AbortController()
  return {
    signal: closing.signal,
    of(callerSignal) {
      callerSignal.throwIfAborted()
      if (closing.signal.aborted) throw closed()
      return AbortSignal.any([callerSignal, closing.signal])
    },
    end: () => closing.abort(closed()),
  }
}
