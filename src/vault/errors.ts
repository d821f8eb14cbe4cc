import { type HearthError, vaultError } from '../core/errors.ts'

/** The stable codes of everything that the vault throws; `docs/vault.md` tells the operator what each means. */
export type VaultErrorCode =
  | 'master-key-missing'
  | 'master-key-unreadable'
  | 'master-key-exposed'
  | 'master-key-malformed'
  | 'master-key-unwritable'
  | 'master-key-wrong'
  | 'master-key-rotated'
  | 'master-key-same'
  | 'keyring-missing'
  | 'key-destroyed'
  | 'cannot-open'
  | 'vault-closed'

export function failure(code: VaultErrorCode, message: string, mend?: string, cause?: unknown): HearthError {
  return vaultError(message, { code, ...(mend === undefined ? {} : { mend }), cause })
}

/** The errno name of what the file system or `spawn` threw: `ENOENT`. Their messages may quote arguments. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown error'
}

/** Names the column alone: a row may be called by something that a person said. */
export function cannotOpen(table: string, column: string): HearthError {
  return failure(
    'cannot-open',
    `Sealed content in ${table}.${column} cannot be opened: it was changed, cut or moved.`,
    'Restore the row from a backup, or delete it.',
  )
}

export function keyDestroyed(keyId: string): HearthError {
  return failure(
    'key-destroyed',
    `Data key ${keyId} is not in the keyring: its owner was erased, or the keyring was restored without it.`,
    'If nobody was erased, restore the schema "keyring" from your copy of it. If a backup from before their erasure was restored: npx hearth person erase-unreadable',
  )
}

export function masterKeyRotated(): HearthError {
  return vaultError('The master key was rotated while this process was running.', {
    code: 'master-key-rotated' satisfies VaultErrorCode,
    mend: 'Restart this process.',
    // What was accepted waits for the restart.
    retryable: true,
  })
}

export function keyringMissing(): HearthError {
  return failure(
    'keyring-missing',
    'The database holds sealed content, but the keys for it are not in its schema "keyring".',
    'Restore that schema from your copy of it; without it the content cannot be read, and only an empty database will start.',
  )
}

export function vaultClosed(): HearthError {
  return failure('vault-closed', 'The vault is closed already.')
}
