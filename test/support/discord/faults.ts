import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What goes wrong on the way to a server, in it, and on the way back. */

export interface Fault {
  /** Such as `POST /channels/:channel/messages`; undefined: any. */
  readonly route?: string
  readonly times?: number
  /**
   * An HTTP status of 500 and above; `reset`: the connection breaks; `hang`: no answer until the caller
   * gives up; `slow`: an answer, but late.
   */
  readonly kind: number | 'reset' | 'hang' | 'slow'
  /** `after`: the work was done all the same, and a caller that tries again does it twice. */
  readonly when?: 'before' | 'after'
  readonly lateMs?: number
}

export interface Faults {
  /** Nobody answers: every connection breaks. */
  away: boolean
  /** What comes next fails so; without `times` once. */
  next(fault: Fault): void
  clear(): void
}

interface Pending extends Fault {
  left: number
}

export interface FaultPlan extends Faults {
  take(route: string): Fault | undefined
}

export function createFaults(): FaultPlan {
  let pending: Pending[] = []
  return {
    away: false,
    next: (fault) => void pending.push({ ...fault, left: fault.times ?? 1 }),
    clear() {
      pending = []
    },
    take(route) {
      const fault = pending.find((each) => each.left > 0 && (each.route ?? route) === route)
      if (fault !== undefined) fault.left--
      return fault
    },
  }
}

const gatewayErrors: Readonly<Record<number, string>> = {
  500: '500: Internal Server Error',
  502: '<html><head><title>502 Bad Gateway</title></head></html>',
  503: 'upstream connect error or disconnect/reset before headers. reset reason: connection termination',
  504: '<html><head><title>504 Gateway Time-out</title></head></html>',
}

/** True where the fault was the whole answer. */
export async function fail(fault: Fault, response: ServerResponse, gone: AbortSignal): Promise<boolean> {
  if (fault.kind === 'slow') {
    await sleep(fault.lateMs ?? 500, undefined, { signal: gone })
    return false
  }
  if (fault.kind === 'hang') await sleep(600_000, undefined, { signal: gone, ref: false })
  else if (fault.kind === 'reset') reset(response)
  else response.writeHead(fault.kind, { 'content-type': 'text/html' }).end(gatewayErrors[fault.kind] ?? '')
  return true
}

export function reset(response: ServerResponse): void {
  // A plain `destroy` would end the connection politely.
  response.socket?.resetAndDestroy()
}
