import { once } from 'node:events'

import { type RawData, WebSocket } from 'ws'

import type { Discord } from './discord.ts'

interface Payload {
  readonly op: number
  readonly t?: string | null
  readonly s?: number | null
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came.
  readonly d: any
}

/** A connection without a library, for what discord.js never does. */
export interface RawGateway extends AsyncDisposable {
  readonly received: readonly Payload[]
  readonly hello: Payload
  send(payload: unknown): void
  /** The next that has this op or, as a name, this event; it may have come already. */
  next(what: number | string): Promise<Payload>
  /** The code that the connection is closed with. */
  readonly closed: Promise<number>
  readonly socket: WebSocket
}

export async function openRaw(discord: Discord, query = '?v=10&encoding=json'): Promise<RawGateway> {
  const socket = new WebSocket(discord.gatewayUrl + query)
  const received: Payload[] = []
  const taken = new Set<Payload>()
  const waiting = new Set<() => void>()
  socket.on('message', (data: RawData) => {
    received.push(JSON.parse(String(data)) as Payload)
    for (const look of [...waiting]) look()
  })
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'open')

  function next(what: number | string): Promise<Payload> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = received.find((each) => !taken.has(each) && (each.op === what || each.t === what))
        if (found === undefined) return
        taken.add(found)
        waiting.delete(look)
        clearTimeout(timer)
        resolve(found)
      }
      const timer = setTimeout(() => reject(new Error(`No ${what} among ${JSON.stringify(received)}`)), 3000)
      waiting.add(look)
      look()
    })
  }

  const hello = await Promise.race([next(10), closed.then(() => ({ op: -1, d: {} }))])
  return {
    received,
    hello,
    next,
    closed,
    socket,
    send: (payload) => socket.send(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    async [Symbol.asyncDispose]() {
      socket.terminate()
      await closed
    },
  }
}
