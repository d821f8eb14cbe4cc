import { keyringMissing } from './errors.ts'
import { createKeyFile } from './key-file.ts'
import type { KeyRepository, MasterRow } from './key-repository.ts'
import { makeKeyring } from './keyring.ts'
import type { MasterKey, MasterKeySource } from './master-key.ts'
import { openVault } from './open-vault.ts'
import { readMasterKey } from './read-master-key.ts'
import { type Finding, inspect, missingForNew, settleKeyFile, wrongKey } from './start-check.ts'
import type { Vault } from './vault.ts'
import { masterRow, provesMaster } from './wrap.ts'

export interface KeyStatus {
  readonly state: Finding['state']
  /** Undefined for an empty database for which no key has been made. */
  readonly masterId: string | undefined
}

/**
 * How the master key and the database stand to each other; writes nothing. Throws what `unlock`
 * throws, save that a key that is missing for an empty database is no error.
 */
export async function readKeyStatus(
  repository: KeyRepository,
  source: MasterKeySource,
  signal: AbortSignal,
): Promise<KeyStatus> {
  const { state, master } = await inspect(repository, source, signal)
  return { state, masterId: master?.id }
}

/**
 * Whether an empty database can be locked by this source, before anything is written for it: where the key is
 * no file, it has to be there already. Throws `master-key-missing`, `-unreadable`, `-exposed` or `-malformed`.
 */
export async function checkKeyForNew(source: MasterKeySource, signal: AbortSignal): Promise<void> {
  const master = await readMasterKey(source, signal)
  if (master === undefined && !('file' in source)) throw missingForNew(source)
}

async function makeFirstKey(
  source: MasterKeySource,
  createIfMissing: boolean,
  signal: AbortSignal,
): Promise<MasterKey> {
  if (!createIfMissing || !('file' in source)) throw missingForNew(source)
  // Undefined: another process that starts at the same time has made it.
  const master = (await createKeyFile(source.file)) ?? (await readMasterKey(source, signal))
  if (!master) throw missingForNew(source)
  return master
}

async function claimDatabase(
  repository: KeyRepository,
  source: MasterKeySource,
  master: MasterKey,
  signal: AbortSignal,
): Promise<void> {
  let quicker: MasterRow | undefined
  await repository.changeMaster(async (current) => {
    quicker = current
    if (current) return undefined
    const rewrap = (): never => {
      throw keyringMissing()
    }
    return { master: masterRow(master), rewrap }
  }, signal)
  if (quicker && !provesMaster(master, quicker)) throw wrongKey(source, master, quicker)
}

/**
 * The vault of this database, after a check that the master key is its own; until then nothing is
 * written. An empty database takes the key that is there or, with `createIfMissing`, a new key file.
 * Finishes or clears away what a rotation left behind that was cut off.
 *
 * Throws `master-key-missing`, `-unreadable`, `-exposed`, `-malformed`, `-unwritable`, `-wrong`, or
 * `keyring-missing`.
 */
export async function unlock(
  repository: KeyRepository,
  source: MasterKeySource,
  { createIfMissing }: { readonly createIfMissing: boolean },
  signal: AbortSignal,
): Promise<Vault> {
  const { state, master: found } = await inspect(repository, source, signal)
  const master = found ?? (await makeFirstKey(source, createIfMissing, signal))
  if (state === 'new') await claimDatabase(repository, source, master, signal)
  if ('file' in source) await settleKeyFile(repository, source.file, { state, master }, signal)
  return openVault(makeKeyring(repository, master), signal)
}
