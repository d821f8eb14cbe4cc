import { nextOf, type Rank, ranks } from './ranks.ts'

/** Discord allows fifty requests in any second, and a 429 counts against a bot. */
const most = 50
/** What is answered has arrived before; with a little to spare, since two clocks do not go alike. */
const secondMs = 1_010
/** What is cancelled, or breaks off, may still be on its way. */
const unansweredMs = 1_050

/** It is over, and Discord has answered it or not. */
type Over = (answered: boolean) => void

/**
 * Lets requests out by their rank (`nextOf`), then in the order in which they came, and never too many in a second of
 * Discord's: when a request has arrived there nobody here knows before its answer is back, so that its second
 * begins with that.
 */
export interface Pacer {
  /** Resolves when the next one may go, with what is to be called when it is over. Throws what the aborted signal throws. */
  next(signal: AbortSignal, rank?: Rank): Promise<Over>
  /** For what goes out without asking: it counts all the same. */
  count(): Over
}

interface Waiting {
  readonly start: () => void
  readonly sinceMs: number
}

/** `processes`: how many share what Discord allows the bot. */
export function createPacer(processes: () => number = () => 1): Pacer {
  /** When the latest count no more, in the order in which they were over. */
  const untilMs: number[] = []
  let underWay = 0
  const waiting: Readonly<Record<Rank, Set<Waiting>>> = {
    first: new Set(),
    needed: new Set(),
    growing: new Set(),
    patient: new Set(),
    idle: new Set(),
  }
  let turn = 0
  let timer: NodeJS.Timeout | undefined

  function count(): Over {
    underWay++
    return (answered) => {
      underWay--
      untilMs.push(performance.now() + (answered ? secondMs : unansweredMs))
      if (timer === undefined) letOut()
    }
  }

  const hasRoom = (part: number): boolean =>
    underWay + untilMs.length < Math.max(1, Math.floor((most / processes()) * part))

  function letOut(): void {
    clearTimeout(timer)
    timer = undefined
    const nowMs = performance.now()
    while (untilMs[0] !== undefined && untilMs[0] <= nowMs) untilMs.shift()
    for (;;) {
      const next = nextOf(waitedMs(nowMs), turn)
      const [head] = next === undefined ? [] : waiting[next.rank]
      if (next === undefined || head === undefined) return
      if (!hasRoom(next.part)) {
        wakeUpAt(untilMs[0], nowMs)
        return
      }
      turn++
      waiting[next.rank].delete(head)
      head.start()
    }
  }

  function waitedMs(nowMs: number): Partial<Record<Rank, number>> {
    const waited: Partial<Record<Rank, number>> = {}
    for (const rank of ranks) {
      const [head] = waiting[rank]
      if (head !== undefined) waited[rank] = nowMs - head.sinceMs
    }
    return waited
  }

  /** Where all are still under way, the end of the next one does it. */
  function wakeUpAt(firstMs: number | undefined, nowMs: number): void {
    if (firstMs !== undefined) timer = setTimeout(letOut, Math.ceil(firstMs - nowMs))
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
          waiting[rank].delete(mine)
          reject(signal.reason)
        }
        const mine = { start, sinceMs: performance.now() }
        signal.addEventListener('abort', leave, { once: true })
        waiting[rank].add(mine)
        letOut()
      })
    },
  }
}
