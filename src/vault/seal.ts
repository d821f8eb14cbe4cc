import type { KeyObject } from 'node:crypto'
import { decrypt, encrypt, overheadBytes } from './aead.ts'
import { cannotOpen } from './errors.ts'
import { encodeFields } from './fields.ts'

/**
 * Where sealed bytes belong. They open there and nowhere else, so that whoever can write to the
 * database cannot put one person's words into another's row.
 */
export interface Place {
  readonly table: string
  readonly column: string
  /** The row's key, in one fixed spelling. Never a key that changes: the content would be lost. */
  readonly row: string
}

const version = 1
const keyIdBytes = 16
const headerBytes = 1 + keyIdBytes

/** How much longer sealed bytes are than their content: version, key id, nonce, tag. */
export const sealedOverheadBytes = headerBytes + overheadBytes

function encodeHeader(keyId: string): Buffer {
  const header = Buffer.alloc(headerBytes)
  header[0] = version
  if (header.write(keyId.replaceAll('-', ''), 1, 'hex') !== keyIdBytes) {
    throw new TypeError(`not a data key id: ${JSON.stringify(keyId.slice(0, 80))}`)
  }
  return header
}

function associatedData(header: Uint8Array, place: Place): Buffer {
  return encodeFields([place.table, place.column, place.row], header)
}

/**
 * Version (1 byte), data key id (16), nonce (12), ciphertext (as long as the content), tag (16).
 * Text is UTF-8; a lone surrogate in it becomes U+FFFD. `keyId`: a UUID.
 */
export function seal(key: KeyObject, keyId: string, place: Place, content: string | Uint8Array): Buffer {
  const header = encodeHeader(keyId)
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  return encrypt(key, header, associatedData(header, place), bytes)
}

/** The UUID of the data key that opens these bytes. Throws `cannot-open` when they are not sealed bytes of ours. */
export function keyIdOf(sealed: Uint8Array, place: Place): string {
  if (sealed.length < sealedOverheadBytes || sealed[0] !== version)
    throw cannotOpen(place.table, place.column)
  const hex = Buffer.from(sealed.buffer, sealed.byteOffset + 1, keyIdBytes).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The same data key opens both; both are as long as sealed bytes are at least. */
export function haveSameKey(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length < sealedOverheadBytes || other.length < sealedOverheadBytes) return false
  for (let at = 0; at < headerBytes; at++) if (one[at] !== other[at]) return false
  return true
}

/** Throws `cannot-open` when anything was changed, cut, or moved away from its place. */
export function unseal(key: KeyObject, place: Place, sealed: Uint8Array): Buffer {
  const content =
    sealed.length < sealedOverheadBytes || sealed[0] !== version
      ? undefined
      : decrypt(key, headerBytes, associatedData(sealed.subarray(0, headerBytes), place), sealed)
  if (!content) throw cannotOpen(place.table, place.column)
  return content
}
