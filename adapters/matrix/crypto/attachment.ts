import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { recordOf } from './homeserver.ts'

const algorithm = 'aes-256-ctr'
const keyBytes = 32
const blockBytes = 16
const counterBytes = 8

/** What opens an encrypted file: all of an `EncryptedFile` but where it lies. */
export interface FileKey {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  /** Of the encrypted bytes. */
  readonly sha256: Uint8Array
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** Fresh for each file: under the same key and counter two files would show each other. */
export function encryptAttachment(content: Uint8Array): {
  readonly encrypted: Buffer
  readonly fileKey: FileKey
} {
  const key = randomBytes(keyBytes)
  // The counter begins at nothing, so that it runs over in no implementation.
  const iv = Buffer.concat([randomBytes(blockBytes - counterBytes), Buffer.alloc(counterBytes)])
  const cipher = createCipheriv(algorithm, key, iv)
  const encrypted = Buffer.concat([cipher.update(content), cipher.final()])
  return { encrypted, fileKey: { key, iv, sha256: sha256(encrypted) } }
}

/** Undefined where the bytes are not those that the hash was made of: they are not even decrypted then. */
export function decryptAttachment(encrypted: Uint8Array, fileKey: FileKey): Buffer | undefined {
  if (!timingSafeEqual(sha256(encrypted), fileKey.sha256)) return undefined
  const decipher = createDecipheriv(algorithm, fileKey.key, fileKey.iv)
  return Buffer.concat([decipher.update(encrypted), decipher.final()])
}

/** Undefined where it is no `EncryptedFile` of version 2, as the specification has it. */
export function readFileKey(file: unknown): FileKey | undefined {
  const { v: version, key: anyKey, iv: anyIv, hashes } = recordOf(file)
  const { kty, alg, ext, k, key_ops: operations } = recordOf(anyKey)
  const isKey = kty === 'oct' && alg === 'A256CTR' && ext === true
  if (version !== 'v2' || !isKey || !Array.isArray(operations) || !operations.includes('decrypt'))
    return undefined
  const key = bytesOf(k, keyBytes)
  const iv = bytesOf(anyIv, blockBytes)
  const hash = bytesOf(recordOf(hashes).sha256, keyBytes)
  return key && iv && hash && { key, iv, sha256: hash }
}

/** In Base64 of either alphabet, with padding or without. */
function bytesOf(text: unknown, length: number): Buffer | undefined {
  if (typeof text !== 'string' || text.length > 2 * length) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length ? bytes : undefined
}

export function writeFileKey({ key, iv, sha256: hash }: FileKey): Readonly<Record<string, unknown>> {
  const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  return {
    v: 'v2',
    key: {
      kty: 'oct',
      alg: 'A256CTR',
      ext: true,
      key_ops: ['encrypt', 'decrypt'],
      k: Buffer.from(key).toString('base64url'),
    },
    iv: unpadded(iv),
    hashes: { sha256: unpadded(hash) },
  }
}
