import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const tagBytes = 16

/**
 * Random nonces of 96 bits under one key are safe for 2^32 sealings (NIST SP 800-38D, 8.3). Each
 * person has a key of their own, and nobody says four billion things.
 */
const nonceBytes = 12

export const keyBytes = 32

/** How much longer sealed bytes are than their header and content. */
export const overheadBytes = nonceBytes + tagBytes

/** header, nonce, ciphertext, tag. `associated` must itself contain the header. */
export function encrypt(
  key: KeyObject,
  header: Uint8Array,
  associated: Uint8Array,
  content: Uint8Array,
): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(associated)
  const ciphertext = cipher.update(content)
  cipher.final()
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()])
}

/** The content, or `undefined` when the key, the associated data or a single bit is not the same. */
export function decrypt(
  key: KeyObject,
  headerBytes: number,
  associated: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  const tagAt = sealed.length - tagBytes
  const textAt = headerBytes + nonceBytes
  if (tagAt < textAt) return undefined
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(headerBytes, textAt), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.subarray(tagAt))
  const content = decipher.update(sealed.subarray(textAt, tagAt))
  try {
    decipher.final()
  } catch {
    // Whatever was decrypted is not genuine and must not leave this function.
    content.fill(0)
    return undefined
  }
  return content
}
