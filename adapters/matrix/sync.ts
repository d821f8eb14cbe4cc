import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError, isAbort } from '../../src/core/errors.ts'
import type { AccountId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import type { Since } from './catch-up.ts'
import { homeserverUnreachable, signedOut } from './crypto/errors.ts'
import { type Answer, recordOf, refusalOf, type SendRequest } from './crypto/homeserver.ts'
import { refused } from './errors.ts'
import type { TellNews } from './news.ts'

/** How long the homeserver holds a sync open in which nothing happens. */
const longPollMs = 30_000
const backoff = { firstMs: 500, mostMs: 60_000 }
const collection = 'sync'
const tokenKey = 'token'

/** Typing, receipts and presence are left out: nothing of ours reads them. */
const filter = JSON.stringify({
  presence: { types: [] },
  account_data: { types: [] },
  room: {
    ephemeral: { types: [] },
    account_data: { types: [] },
    state: { lazy_load_members: true },
    timeline: { limit: 50, lazy_load_members: true },
  },
})

export interface SyncOptions {
  readonly account: AccountId
  readonly records: AccountRecords
  readonly request: SendRequest
  /** Resolves when all that the sync brought is durable; only then is its token stored. */
  readonly take: (sync: Readonly<Record<string, unknown>>, since: Since) => Promise<void>
  /** Told of every sync whether it could be had and taken. */
  readonly tell: TellNews
}

/**
 * Follows the account's stream until the signal aborts: the SDK's own loop stores its token before what came
 * with it is durable. Goes on by itself whatever the network and the homeserver do.
 * Throws `HearthError` (`matrix-signed-out`) when the session has ended.
 */
export async function followSync(options: SyncOptions, signal: AbortSignal): Promise<void> {
  const { account, records, request, take, tell } = options
  let token = await readPlace(records, account)
  let forgotten = false
  let failures = 0
  while (!signal.aborted) {
    try {
      const answer = await request('GET', pathOf(token, failures), undefined, signal).catch(unreachable)
      if (isStale(answer, token)) {
        // The homeserver was reset or has forgotten: what is missing is caught up on from the rooms.
        token = undefined
        forgotten = true
        continue
      }
      const sync = bodyOf(answer)
      await take(sync, token !== undefined ? { token } : forgotten ? 'forgotten' : 'nowhere')
      forgotten = false
      token = String(sync.next_batch)
      await records.write(account, [{ collection, key: tokenKey, value: Buffer.from(token) }])
      failures = 0
      tell({ kind: 'answering' })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof HearthError && error.code === 'matrix-signed-out') throw error
      tell({ kind: 'troubled', error: isAbort(error) ? homeserverUnreachable(undefined) : error })
      const waitMs = Math.min(backoff.firstMs * 2 ** failures, backoff.mostMs)
      failures++
      await sleep(error instanceof LimitExceeded ? error.retryAfterMs : waitMs, undefined, { signal }).catch(
        () => undefined,
      )
    }
  }
}

/** What `fetch` throws says no more than that. */
function unreachable(error: unknown): never {
  throw isAbort(error) || error instanceof HearthError ? error : homeserverUnreachable(undefined)
}

/**
 * One sync that takes nothing of the rooms: what happened there is still to be read. For who does not serve the
 * account. Throws `HearthError`.
 */
export async function syncWithoutRooms(
  request: SendRequest,
  since: string | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const query = new URLSearchParams({ filter: noRooms, set_presence: 'offline', timeout: String(timeoutMs) })
  if (since !== undefined) query.set('since', since)
  const answer = await request('GET', `/_matrix/client/v3/sync?${query}`, undefined, signal).catch(
    unreachable,
  )
  return isStale(answer, since)
    ? await syncWithoutRooms(request, undefined, timeoutMs, signal)
    : bodyOf(answer)
}

const noRooms = JSON.stringify({
  presence: { types: [] },
  account_data: { types: [] },
  room: { rooms: [] },
})

/** Up to where the account's stream has been taken; undefined at first. */
export async function readPlace(records: AccountRecords, account: AccountId): Promise<string | undefined> {
  const value = (await records.read(account, collection)).get(tokenKey)
  return value === undefined ? undefined : Buffer.from(value).toString()
}

function pathOf(token: string | undefined, failures: number): string {
  const query = new URLSearchParams({ filter, set_presence: 'offline' })
  if (token !== undefined) query.set('since', token)
  // After a failure the first sign of life matters, not the next message.
  query.set('timeout', String(token === undefined || failures > 0 ? 0 : longPollMs))
  return `/_matrix/client/v3/sync?${query}`
}

/** 400 to a token that it gave out itself: the homeserver does not know it any more. */
const isStale = ({ status }: Answer, token: string | undefined): boolean =>
  token !== undefined && status === 400

class LimitExceeded extends Error {
  readonly retryAfterMs: number
  constructor(retryAfterMs: number) {
    super('the homeserver asks for patience')
    this.retryAfterMs = Math.min(retryAfterMs, backoff.mostMs)
  }
}

function bodyOf(answer: Answer): Readonly<Record<string, unknown>> {
  const { status, body } = answer
  const { errcode, retryAfterMs } = refusalOf(answer)
  if (status === 401 && errcode === 'M_UNKNOWN_TOKEN') throw signedOut()
  if (status === 429) throw new LimitExceeded(retryAfterMs ?? 1_000)
  if (status >= 500) throw homeserverUnreachable(status)
  if (status !== 200) throw refused('follow its rooms', answer)
  const sync = recordOf(body)
  if (typeof sync.next_batch !== 'string' || sync.next_batch.length > 10_000)
    throw homeserverUnreachable(status)
  return sync
}
