import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { newUuid } from '../core/ids.ts'
import { decrypt, encrypt, keyBytes } from './aead.ts'
import { cannotOpen } from './errors.ts'
import { encodeFields } from './fields.ts'
import type { DataKeyRow, MasterRow, StoredOwner } from './key-repository.ts'
import type { MasterKey } from './master-key.ts'

const version = 1
const header = Uint8Array.of(version)
const proofContent = Buffer.from('hearth')

const proofPlace = (masterId: string): Buffer => encodeFields(['master-key-proof', masterId], header)

/** The owner is bound to the key, so that exchanging two owners' keys in the database is noticed. */
const keyPlace = (keyId: string, owner: StoredOwner): Buffer =>
  encodeFields(['data-key', keyId, owner.kind, owner.id], header)

export function masterRow(master: MasterKey): MasterRow {
  return {
    id: master.id,
    proof: encrypt(master.wrapping, header, proofPlace(master.id), proofContent),
  }
}

/** True when this is the key that the database has. */
export function provesMaster(master: MasterKey, row: MasterRow): boolean {
  if (row.id !== master.id || row.proof[0] !== version) return false
  return decrypt(master.wrapping, header.length, proofPlace(row.id), row.proof)?.equals(proofContent) ?? false
}

/** A new random data key, wrapped: version (1 byte), nonce (12), ciphertext (32), tag (16). */
export function newDataKeyRow(master: MasterKey, owner: StoredOwner): DataKeyRow {
  const id = newUuid()
  const key = randomBytes(keyBytes)
  const wrapped = encrypt(master.wrapping, header, keyPlace(id, owner), key)
  key.fill(0)
  return { id, owner, masterId: master.id, wrapped }
}

function unwrap(master: MasterKey, row: DataKeyRow): Buffer {
  const key =
    row.wrapped[0] === version
      ? decrypt(master.wrapping, header.length, keyPlace(row.id, row.owner), row.wrapped)
      : undefined
  if (key?.length !== keyBytes) throw cannotOpen('data_keys', 'wrapped')
  return key
}

/**
 * The data key. Throws `cannot-open` when the row was changed.
 *
 * A `KeyObject`, not its bytes: handed bytes, each single operation of node:crypto makes such an
 * object of its own, which takes four times as long as the work itself and leaves another copy of
 * the key for the garbage collector. This way there is one, outside of the JavaScript heap, and
 * Node zeroes it when it is collected; nothing can zero it earlier.
 */
export function unwrapDataKey(master: MasterKey, row: DataKeyRow): KeyObject {
  const bytes = unwrap(master, row)
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

/** Throws `cannot-open` when the row was changed. */
export function rewrapDataKey(from: MasterKey, to: MasterKey, row: DataKeyRow): Uint8Array {
  const key = unwrap(from, row)
  const wrapped = encrypt(to.wrapping, header, keyPlace(row.id, row.owner), key)
  key.fill(0)
  return wrapped
}
