import { HearthError } from '../../src/core/errors.ts'
import type { AccountId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import type { MatrixCrypto } from './crypto/open.ts'
import { newRecoveryKey } from './crypto/recovery-key.ts'
import type { TellNews } from './news.ts'

const collection = 'recovery'
/** Of a recovery key that the operator has not seen yet, and of one that may become it. */
const recordKey = 'key'
const draftKey = 'draft'

/**
 * Makes what the account lacks: an identity, a key backup, a recovery key. May be cut off anywhere and done
 * again. The recovery key, where one was made: it stands here until `forgetRecoveryKey`. Throws `HearthError`.
 */
export async function setUpIdentity(
  account: AccountId,
  crypto: MatrixCrypto,
  records: AccountRecords,
  password: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const draft = (await records.read(account, collection)).get(draftKey)
  const recoveryKey = draft === undefined ? newRecoveryKey() : Buffer.from(draft).toString()
  const value = Buffer.from(recoveryKey)
  if (draft === undefined) await records.write(account, [{ collection, key: draftKey, value }])
  const made = (await crypto.call('setUp', { password, recoveryKey }, signal)).recoveryKey
  const gone = { collection, key: draftKey, value: undefined }
  await records.write(account, made === undefined ? [gone] : [gone, { collection, key: recordKey, value }])
  return made
}

/**
 * Makes what other people's clients want to see before they trust the account: an identity that signs its
 * device, and a backup of its room keys. Tried at each call until it has succeeded once; what cannot be
 * mended by trying again is told, and the account goes on without.
 *
 * A recovery key that was made is kept, sealed, until the operator has taken it.
 */
export function createIdentityKeeper(
  account: AccountId,
  crypto: MatrixCrypto,
  records: AccountRecords,
  tell: TellNews,
): (signal: AbortSignal) => Promise<void> {
  let done = false
  return async (signal) => {
    if (done) return
    try {
      await setUpIdentity(account, crypto, records, undefined, signal)
      done = true
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof HearthError) || error.code === 'matrix-signed-out') throw error
      if (error.retryable) return
      done = true
      tell({ kind: 'unsigned', error })
    }
  }
}

/** The recovery key that was made and not shown yet. */
export async function readRecoveryKey(
  account: AccountId,
  records: AccountRecords,
): Promise<string | undefined> {
  const value = (await records.read(account, collection)).get(recordKey)
  return value === undefined ? undefined : Buffer.from(value).toString()
}

/** To be called when the operator has it: from then on it is nowhere but with them. */
export async function forgetRecoveryKey(account: AccountId, records: AccountRecords): Promise<void> {
  await records.write(account, [{ collection, key: recordKey, value: undefined }])
}
