import { type CryptoOptions, type MatrixCrypto, openCrypto } from '../../adapters/matrix/crypto/open.ts'
import { openHomeserver } from '../../adapters/matrix/homeserver.ts'
import { type MatrixSession, matrixAccountId } from '../../adapters/matrix/session.ts'
import { configError } from '../core/errors.ts'
import type { Storage } from '../storage.ts'

/**
 * Opens an account's encryption for a command. Not beside a running Hearth that serves the account: two
 * machines with one set of keys would use the same key for two messages.
 * Throws `HearthError`: `account-in-use`, and what `work` throws.
 */
export async function withMachine<T>(
  { database, store }: Storage,
  session: MatrixSession,
  work: (machine: MatrixCrypto) => Promise<T>,
  options: Pick<CryptoOptions, 'tell' | 'verifies'> = {},
): Promise<T> {
  const account = matrixAccountId(session.userId)
  await using seat = await database.lock(`account ${account}`)
  if (seat === undefined) {
    throw configError(`${session.userId} is being served by a running Hearth.`, {
      code: 'account-in-use',
      mend: 'Stop that one first.',
    })
  }
  await using machine = openCrypto({
    ...options,
    account,
    user: session.userId,
    device: session.deviceId,
    ...(session.previousDeviceId !== undefined && { previousDevice: session.previousDeviceId }),
    records: store.records,
    request: openHomeserver(session.homeserver, session.accessToken),
  })
  return await work(machine)
}
