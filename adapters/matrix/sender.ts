import type { DeliveryKey } from '../../src/core/adapter.ts'
import { type ExternalId, externalId } from '../../src/core/ids.ts'
import { isId } from './address.ts'
import { recordOf, type SendRequest, untilAnswered } from './crypto/homeserver.ts'
import type { MatrixCrypto } from './crypto/open.ts'
import { type Content, keyField, keyMark, transactionId } from './encode.ts'
import { refused } from './errors.ts'
import type { Rooms } from './rooms.ts'

/** Homeservers remember transaction ids for half an hour and more; Synapse may forget them when it restarts. */
const rememberedMs = 20 * 60_000
/** A page of our own messages, and how many pages a search goes back. */
const page = { events: 100, most: 10 }
/** Our clock and the homeserver's are two. */
const clockSlackMs = 120_000

export interface SenderOptions {
  readonly self: string
  /** Transaction ids belong to a session: those of an earlier one mean nothing in this. */
  readonly loggedInAt: Date
  readonly rooms: Rooms
  readonly crypto: MatrixCrypto
  /** As it is; and with patience. */
  readonly send: SendRequest
  readonly request: SendRequest
}

/** Puts events into rooms, each once. All methods throw `HearthError`, or what the aborted signal throws. */
export interface Sender {
  send(
    room: string,
    type: string,
    content: Content,
    key: DeliveryKey,
    signal: AbortSignal,
  ): Promise<ExternalId>
  edit(room: string, content: Content, key: string, signal: AbortSignal): Promise<void>
  redact(room: string, event: string, key: string, signal: AbortSignal): Promise<void>
}

export function createSender(options: SenderOptions): Sender {
  const { self, loggedInAt, rooms, crypto, request } = options
  const pathTo = (room: string) => `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`

  /** Encrypted where the room is, or was at any time. The relation stays readable: the homeserver needs it. */
  async function wrap(room: string, type: string, content: Content, signal: AbortSignal) {
    const encrypted = (await crypto.rooms.rotation(room, signal)) !== undefined
    if (!encrypted) return { type, content }
    const members = (await rooms.find(room, signal)).readers()
    const sealed = await crypto.encrypt(room, type, content, members, signal)
    const relation = content['m.relates_to']
    const outer = relation === undefined ? sealed : { ...sealed, 'm.relates_to': relation }
    return { type: 'm.room.encrypted', content: outer }
  }

  /** `more`: stands outside of what is encrypted. Wrapped anew for each try: the room may be encrypted by then. */
  async function put(
    room: string,
    message: { readonly type: string; readonly content: Content; readonly more: Content },
    transaction: string,
    signal: AbortSignal,
  ): Promise<string> {
    let tries = 0
    const answer = await untilAnswered(async () => {
      if (tries++ > 0) crypto.rooms.doubt()
      const { type, content } = await wrap(room, message.type, message.content, signal)
      const path = `${pathTo(room)}/send/${type}/${transaction}`
      return await options.send('PUT', path, { ...content, ...message.more }, signal)
    }, signal)
    const { event_id: event } = recordOf(answer.body)
    if (answer.status !== 200 || !isId(event)) throw refused('write in a room', answer)
    return event
  }

  /** Among our own latest messages: by the mark of the key, which stands outside of what is encrypted. */
  async function findSent(room: string, key: DeliveryKey, signal: AbortSignal): Promise<string | undefined> {
    const mark = keyMark(key.id)
    const earliestMs = key.firstTriedAt.getTime() - clockSlackMs
    const filter = JSON.stringify({ senders: [self], types: ['m.room.message', 'm.room.encrypted'] })
    let from: unknown
    for (let pages = 0; pages < page.most; pages++) {
      const query = new URLSearchParams({ dir: 'b', limit: String(page.events), filter })
      if (typeof from === 'string') query.set('from', from)
      const answer = await request('GET', `${pathTo(room)}/messages?${query}`, undefined, signal)
      if (answer.status !== 200) throw refused('look through a room', answer)
      const { chunk, end } = recordOf(answer.body)
      const events = (Array.isArray(chunk) ? chunk : []).map(recordOf)
      const found = events.find(({ content }) => recordOf(content)[keyField] === mark)?.event_id
      if (isId(found)) return found
      const oldest = events.at(-1)?.origin_server_ts
      if (typeof end !== 'string' || (typeof oldest === 'number' && oldest < earliestMs)) return undefined
      from = end
    }
    return undefined
  }

  return {
    async send(room, type, content, key, signal) {
      const old = Date.now() - key.firstTriedAt.getTime() > rememberedMs || key.firstTriedAt < loggedInAt
      const sent = old ? await findSent(room, key, signal) : undefined
      if (sent !== undefined) return externalId(sent)
      const message = { type, content, more: { [keyField]: keyMark(key.id) } }
      return externalId(await put(room, message, transactionId('send', key.id), signal))
    },
    async edit(room, content, key, signal) {
      const message = { type: 'm.room.message', content, more: {} }
      await put(room, message, transactionId('edit', key), signal)
    },
    async redact(room, event, key, signal) {
      const transaction = transactionId('removal', key)
      const path = `${pathTo(room)}/redact/${encodeURIComponent(event)}/${transaction}`
      const answer = await request('PUT', path, {}, signal)
      if (answer.status !== 200) throw refused('take a message back', answer)
    },
  }
}
