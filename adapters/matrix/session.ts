import { type AccountId, accountId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { recordOf } from './crypto/homeserver.ts'
import { hasKeys } from './crypto/key-store.ts'

/** One device of one account, as the homeserver has let it in. */
export interface MatrixSession {
  /** `https://matrix.home`, without a slash at its end. */
  readonly homeserver: string
  readonly userId: string
  readonly deviceId: string
  /** The device before this one: its keys are taken along. */
  readonly previousDeviceId?: string
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

/** `homeserver` as the configuration names it now: it may have moved since the login. */
export async function readSession(
  records: AccountRecords,
  user: string,
  homeserver: string,
): Promise<MatrixSession | undefined> {
  const value = (await records.read(matrixAccountId(user), collection)).get(recordKey)
  if (value === undefined) return undefined
  const { userId, deviceId, previousDeviceId, accessToken, loggedInAt } = recordOf(
    JSON.parse(Buffer.from(value).toString()),
  )
  return {
    homeserver,
    userId: String(userId),
    deviceId: String(deviceId),
    ...(typeof previousDeviceId === 'string' && { previousDeviceId }),
    accessToken: String(accessToken),
    loggedInAt: String(loggedInAt),
  }
}

/**
 * Another device has other keys. Those of the one before are kept until they have been taken along, also past
 * a device that came to nothing; its place in the stream means nothing to the new one.
 */
export async function writeSession(records: AccountRecords, session: MatrixSession): Promise<void> {
  const account = matrixAccountId(session.userId)
  const before = await readSession(records, session.userId, session.homeserver)
  const isNew = before !== undefined && before.deviceId !== session.deviceId
  const previousDeviceId =
    isNew && (await hasKeys(account, records, before.deviceId)) ? before.deviceId : before?.previousDeviceId
  const value = Buffer.from(JSON.stringify({ ...session, previousDeviceId }))
  const places = isNew ? [...(await records.read(account, 'sync')).keys()] : []
  const gone = places.map((key) => ({ collection: 'sync', key, value: undefined }))
  await records.write(account, [...gone, { collection, key: recordKey, value }])
}
