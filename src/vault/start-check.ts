import { failure, keyringMissing } from './errors.ts'
import { hasNextKey, nextKeyFile, promoteNextKey, readKeyFile, removeNextKey } from './key-file.ts'
import type { KeyRepository, MasterRow } from './key-repository.ts'
import { lookupOwner } from './keyring.ts'
import { type MasterKey, type MasterKeySource, makeKeyCommand, nameSource } from './master-key.ts'
import { readMasterKey } from './read-master-key.ts'
import { provesMaster } from './wrap.ts'

/**
 * - new: an empty database; `master` is the key that lies ready for it, if one does
 * - ready: the key is the database's
 * - half-rotated: a rotation was cut off after the database had taken the new key (`master`) and
 *   before the key file was replaced
 */
export type Finding =
  | { readonly state: 'new'; readonly master: MasterKey | undefined }
  | { readonly state: 'ready' | 'half-rotated'; readonly master: MasterKey }

const absence = (source: MasterKeySource): string =>
  `${nameSource(source)} ${'file' in source ? 'does not exist' : 'is not set'}`

function missing(source: MasterKeySource): Error {
  return failure(
    'master-key-missing',
    `The database is sealed and ${absence(source)}.`,
    'Restore the master key from your copy of it; without it nothing in the database can be read.',
  )
}

export function missingForNew(source: MasterKeySource): Error {
  return failure(
    'master-key-missing',
    `There is no master key for this empty database: ${absence(source)}.`,
    'file' in source
      ? 'Make one with: npx hearth keys init'
      : `Make one with: ${makeKeyCommand}; keep a copy of it, and put it there.`,
  )
}

export function wrongKey(source: MasterKeySource, master: MasterKey, row: MasterRow): Error {
  return failure(
    'master-key-wrong',
    `The key in ${nameSource(source)} (${master.id}) is not the one of this database (${row.id}).`,
    'Restore the right key from your copy of it, or name the right database. If the key was rotated from another machine, take it from there.',
  )
}

async function findKey(
  source: MasterKeySource,
  master: MasterKey | undefined,
  row: MasterRow,
): Promise<Finding | undefined> {
  if (master && provesMaster(master, row)) return { state: 'ready', master }
  const next = 'file' in source ? await readKeyFile(nextKeyFile(source.file)) : undefined
  return next && provesMaster(next, row) ? { state: 'half-rotated', master: next } : undefined
}

/** Reads how the master key and the database stand to each other. Writes nothing; throws what `unlock` throws. */
export async function inspect(
  repository: KeyRepository,
  source: MasterKeySource,
  signal: AbortSignal,
): Promise<Finding> {
  const master = await readMasterKey(source, signal)
  // After the key: a rotation that ends between the two readings leaves the next key, or a newer file.
  const { master: row, holdsContent } = await repository.readState(signal)
  if (!row) {
    if (holdsContent) throw keyringMissing()
    return { state: 'new', master }
  }
  const finding = (await findKey(source, master, row)) ?? (await findKey(source, await readAgain(), row))
  if (!finding) throw master ? wrongKey(source, master, row) : missing(source)
  // A keyring that was restored in part: new lookups would find nobody who is here already.
  if (holdsContent && (await repository.findByOwners([lookupOwner], signal)).length === 0)
    throw keyringMissing()
  return finding

  async function readAgain(): Promise<MasterKey | undefined> {
    return 'file' in source ? readMasterKey(source, signal) : undefined
  }
}

/**
 * Brings the key file to the end of a rotation that was cut off: takes the next key where the
 * database has it, and removes one that the database never took.
 */
export async function settleKeyFile(
  repository: KeyRepository,
  file: string,
  { state, master }: { readonly state: Finding['state']; readonly master: MasterKey },
  signal: AbortSignal,
): Promise<void> {
  if (state === 'half-rotated') {
    await promoteNextKey(file, master.id)
    return
  }
  if (!(await hasNextKey(file))) return
  // Inside the lock: a rotation in another process may be about to need that very file.
  await repository.changeMaster(async (current) => {
    if (current && provesMaster(master, current)) await removeNextKey(file)
    return undefined
  }, signal)
}
