/** Discord allows fifty requests in any second, and a 429 counts against a bot. */
const most = 50
/** With a little to spare for what is cancelled while it is on its way. */
const secondMs = 1_050

/**
 * Who goes first, where not all can go:
 *
 * first:   what somebody waits for who sees nothing yet.
 * needed:  a reply that is whole, and whatever people do or ask for.
 * growing: a reply that is being written, and is shown again in a moment.
 * patient: what was missed in an absence.
 * idle:    typing, and buttons that nobody needs any more: only while there is little to do.
 */
export type Rank = keyof typeof parts

/** How much of what Discord allows is theirs: the rest stays free for those before them. */
const parts = { first: 1, needed: 1, growing: 0.8, patient: 0.8, idle: 0.2 } as const
const ranks = Object.keys(parts) as readonly Rank[]

/**
 * Lets requests out by their rank, then in the order in which they came, and never too many in a second of
 * Discord's: when a request has arrived there nobody here knows before its answer is back, so that its second
 * begins with that.
 */
export interface Pacer {
  /** Resolves when the next one may go, with what is to be called when it is over. Throws what the aborted signal throws. */
  next(signal: AbortSignal, rank?: Rank): Promise<() => void>
  /** For what goes out without asking: it counts all the same. */
  count(): () => void
}

/** `processes`: how many share what Discord allows the bot. */
export function createPacer(processes: () => number = () => 1): Pacer {
  /** When the latest were over, the oldest first. */
  const overMs: number[] = []
  let underWay = 0
  const waiting: Readonly<Record<Rank, Set<() => void>>> = {
    first: new Set(),
    needed: new Set(),
    growing: new Set(),
    patient: new Set(),
    idle: new Set(),
  }
  let timer: NodeJS.Timeout | undefined

  function count(): () => void {
    underWay++
    return () => {
      underWay--
      overMs.push(performance.now())
      if (timer === undefined) letOut()
    }
  }

  const hasRoom = (rank: Rank): boolean =>
    underWay + overMs.length < Math.max(1, Math.floor((most / processes()) * parts[rank]))

  function letOut(): void {
    clearTimeout(timer)
    timer = undefined
    const nowMs = performance.now()
    while (overMs[0] !== undefined && overMs[0] <= nowMs - secondMs) overMs.shift()
    for (const rank of ranks) {
      for (const start of waiting[rank]) {
        if (!hasRoom(rank)) {
          wakeUpAt(overMs[0], nowMs)
          return
        }
        waiting[rank].delete(start)
        start()
      }
    }
  }

  /** Where all are still under way, the end of the next one does it. */
  function wakeUpAt(oldestMs: number | undefined, nowMs: number): void {
    if (oldestMs !== undefined) timer = setTimeout(letOut, Math.ceil(oldestMs + secondMs - nowMs))
  }

  return {
    count,
    async next(signal, rank = 'needed') {
      signal.throwIfAborted()
      return await new Promise((resolve, reject) => {
        const start = (): void => {
          signal.removeEventListener('abort', leave)
          resolve(count())
        }
        const leave = (): void => {
          waiting[rank].delete(start)
          reject(signal.reason)
        }
        signal.addEventListener('abort', leave, { once: true })
        waiting[rank].add(start)
        letOut()
      })
    },
  }
}
