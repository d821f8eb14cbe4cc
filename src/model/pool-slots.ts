import type { GenerateOptions } from '../core/model.ts'
import { createHomes } from './pool-homes.ts'
import type { PoolHost } from './pool-host.ts'
import { createFairQueue } from './queue.ts'

interface SlotRequest extends Pick<GenerateOptions, 'stickiness' | 'fairness' | 'priority'> {
  readonly model: string
  /** Hosts that will not do for this call. */
  readonly excluded: ReadonlyMap<PoolHost, unknown>
}

/** The right to one reply on one host, until it is disposed of. */
interface Slot extends Disposable {
  readonly host: PoolHost
}

export interface Slots {
  readonly waiting: number
  /** Waits until a fitting host is free and it is this call's turn. Throws what the signal throws. */
  take(request: SlotRequest, signal: AbortSignal): Promise<Slot>
  /** Somebody who waits may be able to start: a host has recovered or fallen ill. */
  changed(): void
}

interface Ticket extends SlotRequest {
  /** The hosts that had the model when the call began to wait; it finds out itself if one has lost it. */
  readonly able: readonly PoolHost[]
  readonly start: (host: PoolHost) => void
}

export function createSlots(hosts: readonly PoolHost[]): Slots {
  const queue = createFairQueue<Ticket>()
  const homes = createHomes<PoolHost>()

  /** Where a call may go: its home while that is well, else any well host, else, at the worst, an ill one. */
  function fits({ able, stickiness }: Ticket, host: PoolHost): boolean {
    if (!able.includes(host)) return false
    const home = homes.get(stickiness)
    if (home?.well && able.includes(home)) return home === host
    return host.well || !able.some(({ well }) => well)
  }

  const load = (host: PoolHost): number => host.running / host.parallel
  const byLoad = (a: PoolHost, b: PoolHost): number =>
    load(a) - load(b) || homes.countOn(a) / a.parallel - homes.countOn(b) / b.parallel

  function startNext(): boolean {
    const free = hosts.filter((host) => host.running < host.parallel).sort(byLoad)
    for (const host of free) {
      const ticket = queue.take((waits) => fits(waits, host))
      if (ticket === undefined) continue
      host.running++
      homes.set(ticket.stickiness, host)
      ticket.start(host)
      return true
    }
    return false
  }

  function changed(): void {
    while (queue.length > 0 && startNext());
  }

  return {
    get waiting() {
      return queue.length
    },
    changed,
    take(request, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const onAbort = (): void => {
          if (queue.remove(ticket)) reject(signal.reason)
        }
        const ticket: Ticket = {
          ...request,
          able: hosts.filter(
            (host) => host.known(request.model) !== undefined && !request.excluded.has(host),
          ),
          start(host) {
            signal.removeEventListener('abort', onAbort)
            let held = true
            resolve({
              host,
              [Symbol.dispose]() {
                if (!held) return
                held = false
                host.running--
                queue.finish(ticket)
                changed()
              },
            })
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        queue.add(ticket)
        changed()
      })
    },
  }
}
