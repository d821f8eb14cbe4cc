import type { Answer, SendRequest } from '../../../adapters/matrix/crypto/homeserver.ts'
import { recordOf } from '../../../adapters/matrix/crypto/homeserver.ts'
import { type CryptoOptions, type MatrixCrypto, openCrypto } from '../../../adapters/matrix/crypto/open.ts'
import type { Decryption } from '../../../adapters/matrix/crypto/protocol.ts'
import { accountId } from '../../../src/core/ids.ts'
import type { AccountRecords } from '../../../src/core/store.ts'

/** An account's session, as a login gives it. */
export interface Session {
  readonly url: string
  readonly user: string
  readonly device: string
  readonly token: string
}

const forever = new AbortController().signal

/** Calls of the client-server API with nothing but fetch. */
export function requestOf(url: string, token: string | undefined): SendRequest {
  return async (method, path, body, signal): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    })
    return { status: response.status, body: await response.json().catch(() => ({})) }
  }
}

export async function logIn(url: string, user: string, password: string): Promise<Session> {
  const { status, body } = await requestOf(url, undefined)(
    'POST',
    '/_matrix/client/v3/login',
    { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password },
    forever,
  )
  if (status !== 200) throw new Error(`login: ${status} ${JSON.stringify(body)}`)
  const { user_id, device_id, access_token } = recordOf(body)
  return { url, user: String(user_id), device: String(device_id), token: String(access_token) }
}

export interface Received {
  readonly room: string
  readonly event: Readonly<Record<string, unknown>>
  readonly decryption: Decryption | undefined
}

/** The smallest thing that could call itself an adapter: it syncs, decrypts, and sends. */
export interface BareAccount extends AsyncDisposable {
  readonly crypto: MatrixCrypto
  readonly session: Session
  /** Every room event that came, in order. */
  readonly received: Received[]
  api(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Record<string, unknown>>
  /** One sync. */
  sync(timeoutMs?: number): Promise<void>
  /** Syncs until the event is there; throws after a while. */
  until(what: (received: Received) => boolean, timeoutMs?: number): Promise<Received>
  /** Encrypts where the room is encrypted. The event's id. */
  send(room: string, text: string, transaction?: string): Promise<string>
  members(room: string): Promise<readonly string[]>
}

let transactions = 0

export function openBareAccount(
  session: Session,
  records: AccountRecords,
  options: Partial<CryptoOptions> = {},
  account = accountId('bare'),
): BareAccount {
  const request = requestOf(session.url, session.token)
  const crypto = openCrypto({
    account,
    user: session.user,
    device: session.device,
    records,
    request,
    ...options,
  })
  const received: Received[] = []
  let since: string | undefined
  const api: BareAccount['api'] = async (method, path, body) => {
    const answer = await request(method, `/_matrix/client/v3${path}`, body, forever)
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return recordOf(answer.body)
  }

  const take = async (room: string, event: Readonly<Record<string, unknown>>) => {
    if (event.type === 'm.room.encryption') await crypto.rooms.note(room, event.content)
    const decryption =
      event.type === 'm.room.encrypted' ? await crypto.decrypt(room, event, forever) : undefined
    if (decryption === undefined) await crypto.noteClear({ room, event }, forever)
    received.push({ room, event, decryption })
  }

  const self: BareAccount = {
    crypto,
    session,
    received,
    api,
    async sync(timeoutMs = 0) {
      const stored = await records.read(account, 'sync')
      since ??= stored.has('since') ? Buffer.from(stored.get('since') ?? []).toString() : undefined
      const body = await api(
        'GET',
        `/sync?timeout=${timeoutMs}${since === undefined ? '' : `&since=${since}`}`,
      )
      const lists = recordOf(body.device_lists)
      await crypto.receiveSync(
        {
          toDevice: (recordOf(body.to_device).events as unknown[] | undefined) ?? [],
          changedUsers: (lists.changed as string[] | undefined) ?? [],
          leftUsers: (lists.left as string[] | undefined) ?? [],
          oneTimeKeys: recordOf(body.device_one_time_keys_count) as Record<string, number>,
          unusedFallbackKeys: body.device_unused_fallback_key_types as string[] | undefined,
        },
        forever,
      )
      const rooms = recordOf(body.rooms)
      for (const [room, invited] of Object.entries(recordOf(rooms.invite))) {
        if (invited !== undefined) await api('POST', `/join/${encodeURIComponent(room)}`, {})
      }
      for (const [room, joined] of Object.entries(recordOf(rooms.join))) {
        const { state, timeline } = recordOf(joined)
        for (const part of [state, timeline]) {
          for (const event of (recordOf(part).events as Record<string, unknown>[] | undefined) ?? []) {
            await take(room, event)
          }
        }
      }
      since = String(body.next_batch)
      await records.write(account, [{ collection: 'sync', key: 'since', value: Buffer.from(since) }])
    },
    async until(what, timeoutMs = 20_000) {
      const end = Date.now() + timeoutMs
      for (;;) {
        const found = received.find(what)
        if (found !== undefined) return found
        if (Date.now() > end) throw new Error('what was waited for did not come')
        await self.sync(500)
      }
    },
    async members(room) {
      const { joined } = await api('GET', `/rooms/${encodeURIComponent(room)}/joined_members`)
      return Object.keys(recordOf(joined))
    },
    async send(room, text, transaction = `t${process.pid}.${transactions++}`) {
      const content = { msgtype: 'm.text', body: text }
      const encrypted = (await crypto.rooms.rotation(room, forever)) !== undefined
      const body = encrypted
        ? await crypto.encrypt(room, 'm.room.message', content, await self.members(room), forever)
        : content
      const type = encrypted ? 'm.room.encrypted' : 'm.room.message'
      const sent = await api('PUT', `/rooms/${encodeURIComponent(room)}/send/${type}/${transaction}`, body)
      return String(sent.event_id)
    },
    [Symbol.asyncDispose]: () => crypto[Symbol.asyncDispose](),
  }
  return self
}

export const textOf = ({ decryption, event }: Received): string | undefined => {
  const content = recordOf(
    decryption === undefined ? event.content : decryption.readable ? decryption.event.content : {},
  )
  return typeof content.body === 'string' ? content.body : undefined
}
