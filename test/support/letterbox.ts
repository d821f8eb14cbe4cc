import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Posted {
  readonly id: string
  readonly room: string
  text: string
  kind: 'reply' | 'notice'
  final: boolean
  removed: boolean
}

/**
 * A chat platform that keeps its promises as Matrix and Discord do, over real HTTP so that the other
 * side can be killed: events are delivered again until they are acknowledged, a send with a key that
 * was used before shows nothing new and returns the first id, and an edit key counts once.
 */
export interface Letterbox extends AsyncDisposable {
  readonly url: string
  say(room: string, text: string): string
  command(room: string, name: 'retry' | 'stop'): void
  /** All that was ever posted by the other side, in order. */
  readonly posted: readonly Posted[]
  readonly edits: number
  /** What people see now. */
  visible(room?: string): readonly Posted[]
  onChange(listener: () => void): void
  /** Waits until the condition holds; checks it after every call of the other side. */
  until(condition: () => boolean, timeoutMs: number): Promise<void>
}

interface QueuedEvent {
  readonly id: string
  readonly kind: 'message' | 'retry' | 'stop'
  readonly room: string
  readonly text: string
}

export async function openLetterbox(): Promise<Letterbox> {
  const queue: QueuedEvent[] = []
  const posted: Posted[] = []
  const byKey = new Map<string, Posted>()
  const editKeys = new Set<string>()
  const listeners = new Set<() => void>()
  let count = 0
  let edits = 0

  function handle(path: string, body: Record<string, string>): unknown {
    switch (path) {
      case '/poll':
        return queue[0] === undefined ? [] : [...queue]
      case '/acknowledge': {
        const at = queue.findIndex(({ id }) => id === body.id)
        if (at >= 0) queue.splice(at, 1)
        return {}
      }
      case '/send': {
        const known = byKey.get(body.key ?? '')
        if (known !== undefined) return { id: known.id }
        const message: Posted = {
          id: `p${posted.length}`,
          room: body.room ?? '',
          text: body.text ?? '',
          kind: body.kind === 'notice' ? 'notice' : 'reply',
          final: body.final === 'true',
          removed: false,
        }
        byKey.set(body.key ?? '', message)
        posted.push(message)
        return { id: message.id }
      }
      case '/edit': {
        const message = posted.find(({ id }) => id === body.id)
        if (message === undefined || editKeys.has(body.key ?? '')) return {}
        editKeys.add(body.key ?? '')
        edits++
        message.text = body.text ?? ''
        message.final = body.final === 'true'
        return {}
      }
      case '/remove': {
        const message = posted.find(({ id }) => id === body.id)
        if (message !== undefined) message.removed = true
        return {}
      }
      default:
        return {}
    }
  }

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const result = JSON.stringify(handle(request.url ?? '', body))
      // A caller that was killed gets no answer, but what it asked for has happened: as in life.
      response.end(result)
      for (const listener of [...listeners]) listener()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    posted,
    get edits() {
      return edits
    },
    say(room, text) {
      const id = `e${count++}`
      queue.push({ id, kind: 'message', room, text })
      return id
    },
    command(room, name) {
      queue.push({ id: `e${count++}`, kind: name, room, text: '' })
    },
    visible: (room) => posted.filter((each) => !each.removed && (room === undefined || each.room === room)),
    onChange: (listener) => void listeners.add(listener),
    until(condition, timeoutMs) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!condition()) return
          clearTimeout(timer)
          listeners.delete(check)
          resolve()
        }
        const timer = setTimeout(() => {
          listeners.delete(check)
          reject(new Error(`not within ${timeoutMs} ms; posted: ${JSON.stringify(posted.slice(-5))}`))
        }, timeoutMs)
        listeners.add(check)
        check()
      })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read(request: IncomingMessage): Promise<Record<string, string>> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
}
