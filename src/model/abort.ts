/** A signal that is aborted with the first of several; to be disposed of, since those may live for months. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal
}

export function linkSignals(...signals: readonly AbortSignal[]): LinkedSignal {
  const controller = new AbortController()
  const links = signals.map((signal) => {
    const onAbort = (): void => controller.abort(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    return { signal, onAbort }
  })
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const { signal, onAbort } of links) signal.removeEventListener('abort', onAbort)
    },
  }
}

/** Waits for `promise`, or throws what the signal is aborted with; the promise goes on without us. */
export async function until<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
