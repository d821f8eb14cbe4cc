/*
 * How a process ends:
 *
 *   running ──first signal──▶ stopping ──work done──▶ disposing ──▶ gone
 *                                └──────────── 8 s ───────┘──────▶ exit
 *   any second signal: exit at once; the first may be a key instead (`leave`)
 *
 * stopping:  no new work; the engine finishes open turns, or hands them back within 5 s.
 * disposing: resources go in the reverse of the order in which they came, each in a bounded time.
 *
 * What is cut off is no loss: everything that was accepted is durable, and leases run out.
 */

/** How long open turns and, after them, all resources together have before the process is ended. */
const endMs = 8000
/** How long one resource has. */
const disposeOneMs = 2000

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const
export type StopSignal = keyof typeof exitCodes

export interface SignalWatch extends Disposable {
  /**
   * The person leaves without a signal, by a key or a word: as the first one, so that the next ends the
   * process at once. In a terminal in raw mode Ctrl-C is a key.
   */
  leave(): void
}

/**
 * Aborts `controller` at the first SIGINT or SIGTERM. Ends the process with 130 or 143 at the second,
 * or when it is still there after all its time. Disposing it takes the listeners away, and with them the limit.
 */
export function stopOnSignals(
  controller: AbortController,
  options: { readonly endMs: number } = { endMs },
): SignalWatch {
  let timer: NodeJS.Timeout | undefined
  let received: StopSignal | undefined

  const onSignal = (signal: StopSignal): void => {
    if (received !== undefined) process.exit(exitCodes[signal])
    received = signal
    const exit = (): never => process.exit(exitCodes[signal])
    // It must not keep a process alive that has nothing more to do.
    timer = setTimeout(exit, options.endMs).unref()
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    leave() {
      if (received === undefined) onSignal('SIGINT')
    },
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      clearTimeout(timer)
    },
  }
}

export interface ResourceStack extends AsyncDisposable {
  /** Takes charge of a resource and hands it back. */
  use<Resource extends AsyncDisposable | Disposable>(name: string, resource: Resource): Resource
}

export interface ResourceStackOptions {
  readonly disposeOneMs?: number
  /** Told of every resource that fails to end (`error`) or does not end in its time (undefined). */
  readonly onProblem: (name: string, error: unknown) => void
}

/**
 * Disposes in the reverse of the order of `use`, all of them whatever single ones do. Never throws.
 * `onProblem` gets undefined for a resource that was given up after its time.
 */
export function createResourceStack(options: ResourceStackOptions): ResourceStack {
  const oneMs = options.disposeOneMs ?? disposeOneMs
  const resources: { readonly name: string; readonly resource: AsyncDisposable | Disposable }[] = []
  return {
    use(name, resource) {
      resources.push({ name, resource })
      return resource
    },
    async [Symbol.asyncDispose]() {
      for (let last = resources.pop(); last !== undefined; last = resources.pop()) {
        const { name, resource } = last
        try {
          const ended = await within(oneMs, async () => {
            if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
            else resource[Symbol.dispose]()
          })
          if (!ended) options.onProblem(name, undefined)
        } catch (error) {
          options.onProblem(name, error)
        }
      }
    },
  }
}

/** False when the work was not done in time. What it throws later is nobody's concern any more. */
async function within(ms: number, work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([work().then(() => true as const), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
