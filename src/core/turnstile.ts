export interface Turnstile {
  /** Begins when there is room; those who wait come in the order in which they came. */
  enter<T>(work: () => Promise<T>): Promise<T>
  /** Begins at once, and takes room all the same: what was begun goes before what waits. */
  goOn<T>(work: () => Promise<T>): Promise<T>
  /** What somebody inside waits for elsewhere: meanwhile their place is another's. */
  stepOut<T>(work: () => Promise<T>): Promise<T>
}

/** Lets so many in at once. */
export function createTurnstile(most: number): Turnstile {
  let inside = 0
  const waiting: (() => void)[] = []

  async function goOn<T>(work: () => Promise<T>): Promise<T> {
    inside++
    return await takingPlace(work)
  }

  async function takingPlace<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      leave()
    }
  }

  function leave(): void {
    inside--
    // Whoever waits takes the place over.
    const next = inside < most ? waiting.shift() : undefined
    if (next !== undefined) {
      inside++
      next()
    }
  }

  return {
    goOn,
    async stepOut(work) {
      leave()
      try {
        return await work()
      } finally {
        inside++
      }
    },
    async enter(work) {
      if (inside < most) return await goOn(work)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return await takingPlace(work)
    },
  }
}
