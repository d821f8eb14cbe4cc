import { type AccountId, accountId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { recordOf } from './crypto/homeserver.ts'

/** One device of one account, as the homeserver has let it in. */
export interface MatrixSession {
  /** `https://matrix.home`, without a slash at its end. */
  readonly homeserver: string
  readonly userId: string
  readonly deviceId: string
  readonly accessToken: string
  /** ISO 8601. */
  readonly loggedInAt: string
}

const collection = 'session'
const recordKey = 'session'

/** By the name on its homeserver: `mira` and `@mira:home` are the same account. */
export function matrixAccountId(user: string): AccountId {
  const name = localpartOf(user)
  // Characters that Matrix allows and an account's name does not; two of them never become the same.
  const safe = name.replace(/[^a-z0-9-]/g, (each) => `_${each.codePointAt(0)?.toString(16)}_`)
  return accountId(`matrix-${safe}`.slice(0, 63))
}

export const localpartOf = (user: string): string => user.replace(/^@/, '').split(':')[0] ?? user

export async function readSession(records: AccountRecords, user: string): Promise<MatrixSession | undefined> {
  const value = (await records.read(matrixAccountId(user), collection)).get(recordKey)
  if (value === undefined) return undefined
  const { homeserver, userId, deviceId, accessToken, loggedInAt } = recordOf(
    JSON.parse(Buffer.from(value).toString()),
  )
  return {
    homeserver: String(homeserver),
    userId: String(userId),
    deviceId: String(deviceId),
    accessToken: String(accessToken),
    loggedInAt: String(loggedInAt),
  }
}

/**
 * Another device has other keys: what the old one had read stays in Hearth's own store, but the machine that
 * encrypts begins anew, and so does the account's place in the stream.
 */
export async function writeSession(records: AccountRecords, session: MatrixSession): Promise<void> {
  const account = matrixAccountId(session.userId)
  const before = await readSession(records, session.userId)
  const value = Buffer.from(JSON.stringify(session))
  const stale = before === undefined || before.deviceId === session.deviceId ? [] : ['crypto', 'sync']
  const old = await Promise.all(
    stale.map(async (each) =>
      [...(await records.read(account, each)).keys()].map((key) => ({
        collection: each,
        key,
        value: undefined,
      })),
    ),
  )
  await records.write(account, [...old.flat(), { collection, key: recordKey, value }])
}
