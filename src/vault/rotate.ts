import { failure, masterKeyRotated } from './errors.ts'
import { createKeyFile, nextKeyFile, promoteNextKey, removeNextKey } from './key-file.ts'
import type { KeyRepository } from './key-repository.ts'
import { type MasterKey, type MasterKeySource, makeKeyCommand, nameSource } from './master-key.ts'
import { readMasterKey } from './read-master-key.ts'
import { inspect, settleKeyFile } from './start-check.ts'
import { masterRow, provesMaster, rewrapDataKey } from './wrap.ts'

export interface Rotation {
  /** Ids of the old and the new master key. */
  readonly from: string
  readonly to: string
  /** How many data keys were wrapped anew. */
  readonly dataKeys: number
}

async function currentKey(
  repository: KeyRepository,
  source: MasterKeySource,
  signal: AbortSignal,
): Promise<MasterKey> {
  const finding = await inspect(repository, source, signal)
  if (finding.state === 'new') {
    throw failure(
      'master-key-missing',
      'There is nothing to rotate: the database has no master key yet.',
      'Make one with: npx hearth keys init',
    )
  }
  if ('file' in source) await settleKeyFile(repository, source.file, finding, signal)
  return finding.master
}

async function rewrapAll(
  repository: KeyRepository,
  from: MasterKey,
  makeNext: () => Promise<MasterKey>,
  signal: AbortSignal,
): Promise<Rotation> {
  let to = from.id
  let dataKeys = 0
  await repository.changeMaster(async (current) => {
    if (!current || !provesMaster(from, current)) throw masterKeyRotated()
    const next = await makeNext()
    to = next.id
    dataKeys = 0
    return {
      master: masterRow(next),
      rewrap: (row) => {
        dataKeys++
        return rewrapDataKey(from, next, row)
      },
    }
  }, signal)
  return { from: from.id, to, dataKeys }
}

/**
 * The first half of a rotation: a new key, durable in `<file>.new`, and then the database wrapped
 * with it. The new file is written while the keyring is locked, so that no other process takes it
 * for one that nobody needs. After an error it stays where it is: whether the database has taken
 * the key may not be known, and the next start finds out.
 */
export async function commitNextKey(
  repository: KeyRepository,
  file: string,
  signal: AbortSignal,
): Promise<Rotation> {
  const from = await currentKey(repository, { file }, signal)
  const makeNext = async (): Promise<MasterKey> => {
    // Safe here: the database still has the old key, and while it is locked nobody else rotates.
    await removeNextKey(file)
    const next = await createKeyFile(nextKeyFile(file))
    if (next) return next
    throw failure(
      'master-key-unwritable',
      `The file ${nextKeyFile(file)} came into being while the key was being rotated.`,
      'See who else writes there, then rotate again.',
    )
  }
  return rewrapAll(repository, from, makeNext, signal)
}

/**
 * Gives the database a new master key and puts it into the key file. Content is not encrypted again.
 * Cut off at any point it leaves a key file, or one beside it, that opens the database; `unlock`
 * tells which. Processes that run with the old key must be restarted.
 *
 * Throws what `unlock` throws, and `master-key-rotated` when another process rotates at the same time.
 */
export async function rotateKeyFile(
  repository: KeyRepository,
  file: string,
  signal: AbortSignal,
): Promise<Rotation> {
  const rotation = await commitNextKey(repository, file, signal)
  await promoteNextKey(file, rotation.to)
  return rotation
}

/**
 * The same with a new key that the operator provides, for keys that Hearth does not keep itself and
 * for moving to another place. Afterwards the operator changes the configuration to `next`; until
 * then a start says that the key is wrong.
 */
export async function rotateTo(
  repository: KeyRepository,
  source: MasterKeySource,
  next: MasterKeySource,
  signal: AbortSignal,
): Promise<Rotation> {
  const to = await readMasterKey(next, signal)
  if (!to) {
    throw failure(
      'master-key-missing',
      `There is no new master key: ${nameSource(next)} is not there.`,
      `Make one with: ${makeKeyCommand}; keep a copy of it, and put it there.`,
    )
  }
  const from = await currentKey(repository, source, signal)
  if (to.id === from.id) {
    throw failure(
      'master-key-same',
      `The new key in ${nameSource(next)} is the one that the database has already.`,
      `Make another with: ${makeKeyCommand}`,
    )
  }
  return rewrapAll(repository, from, async () => to, signal)
}
