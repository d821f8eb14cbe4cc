import { setTimeout as sleep } from 'node:timers/promises'
import type { Adapter, AdapterLimits } from '../../src/core/adapter.ts'
import { platformError } from '../../src/core/errors.ts'
import { accountId, externalId } from '../../src/core/ids.ts'

export const letterboxAccount = { id: accountId('letterbox'), platform: 'matrix' } as const

const defaultLimits: AdapterLimits = {
  messageChars: 2_000,
  canEdit: true,
  graceMs: 40,
  editPauseMs: () => 10,
  bursts: false,
  operator: false,
  answersAlone: false,
}

/** The adapter of the letterbox platform. */
export function letterboxAdapter(url: string, limits: Partial<AdapterLimits> = {}): Adapter {
  async function post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    try {
      const response = await fetch(url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      })
      return (await response.json()) as T
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      throw platformError('The letterbox does not answer.', {
        code: 'letterbox-away',
        retryable: true,
        cause,
      })
    }
  }

  return {
    account: letterboxAccount,
    limits: { ...defaultLimits, ...limits },
    async start(onEvent, signal) {
      const sender = { externalId: externalId('ada'), displayName: 'Ada' }
      while (!signal.aborted) {
        const events = await post<{ id: string; kind: string; room: string; text: string }[]>('/poll', {})
        for (const event of events) {
          const base = {
            room: { externalId: externalId(event.room), kind: 'direct' as const },
            sender,
            at: new Date(),
          }
          if (event.kind === 'message') {
            await onEvent({ ...base, kind: 'message', externalId: externalId(event.id), text: event.text })
          } else {
            await onEvent({ ...base, kind: 'command', name: event.kind === 'retry' ? 'retry' : 'stop' })
          }
          await post('/acknowledge', { id: event.id })
        }
        if (events.length === 0) await sleep(5)
      }
    },
    async send(room, content, key, signal) {
      const body = { key: key.id, room: room.externalId, ...content, final: String(content.final) }
      return externalId((await post<{ id: string }>('/send', body, signal)).id)
    },
    async edit(_room, message, content, key, signal) {
      await post('/edit', { key: key.id, id: message, ...content, final: String(content.final) }, signal)
    },
    async remove(_room, message, _key, signal) {
      await post('/remove', { id: message }, signal)
    },
    async signalTyping(room, signal) {
      await post('/typing', { room: room.externalId }, signal)
    },
    async [Symbol.asyncDispose]() {},
  }
}
