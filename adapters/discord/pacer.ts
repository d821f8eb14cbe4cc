import { setTimeout as sleep } from 'node:timers/promises'

/** Discord allows fifty requests in any second, and a 429 counts against a bot. */
const most = 50
/** With a little to spare for what is cancelled while it is on its way. */
const secondMs = 1_050
const pollMs = 20

/** Of those, for what can wait: the rest stays free for replies. */
const patientPart = 0.8

/**
 * Lets requests out in the order in which they came, and never too many in a second of Discord's: when a request
 * has arrived there nobody here knows before its answer is back, so that its second begins with that.
 */
export interface Pacer {
  /**
   * Resolves when the next one may go, with what is to be called when it is over. One that is `patient` lets all
   * others go first. Throws what the aborted signal throws.
   */
  next(signal: AbortSignal, patient?: boolean): Promise<() => void>
  /** For what goes out without asking: it counts all the same. */
  count(): () => void
}

/** `processes`: how many share what Discord allows the bot. */
export function createPacer(processes: () => number = () => 1): Pacer {
  /** When the latest were over, the oldest first. */
  const overMs: number[] = []
  let underWay = 0
  /** Of those that are not patient. */
  let waiting = 0
  const lines = { others: Promise.resolve<unknown>(undefined), patient: Promise.resolve<unknown>(undefined) }

  function count(): () => void {
    underWay++
    return () => {
      underWay--
      overMs.push(performance.now())
    }
  }

  async function wait(signal: AbortSignal, patient: boolean): Promise<() => void> {
    for (;;) {
      signal.throwIfAborted()
      const nowMs = performance.now()
      while (overMs[0] !== undefined && overMs[0] <= nowMs - secondMs) overMs.shift()
      const givesWay = patient && waiting > 0
      const share = (most / processes()) * (patient ? patientPart : 1)
      if (!givesWay && underWay + overMs.length < Math.max(1, Math.floor(share))) return count()
      const [oldest] = overMs
      const restMs = givesWay || oldest === undefined ? pollMs : oldest + secondMs - nowMs
      await sleep(restMs, undefined, { signal }).catch(() => undefined)
    }
  }

  return {
    count,
    next(signal, patient = false) {
      const line = patient ? 'patient' : 'others'
      if (!patient) waiting++
      const mine = lines[line]
        .then(() => wait(signal, patient))
        .finally(() => {
          if (!patient) waiting--
        })
      lines[line] = mine.catch(() => undefined)
      return mine
    },
  }
}
