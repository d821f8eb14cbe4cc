import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { recordOf } from './homeserver.ts'

/** `m.secret_storage.v1.aes-hmac-sha2`: a secret under the recovery key. All three are base64. */
export interface SealedSecret {
  readonly iv: string
  readonly ciphertext: string
  readonly mac: string
}

const keyBytes = 32
const ivBytes = 16

/** Base64 without padding, as Matrix writes it. */
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

function keysFor(key: Uint8Array, name: string): { readonly aes: Buffer; readonly mac: Buffer } {
  const derived = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(keyBytes), name, 2 * keyBytes))
  return { aes: derived.subarray(0, keyBytes), mac: derived.subarray(keyBytes) }
}

function seal(key: Uint8Array, name: string, content: Uint8Array, iv: Buffer): SealedSecret {
  const { aes, mac } = keysFor(key, name)
  const cipher = createCipheriv('aes-256-ctr', aes, iv)
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()])
  return {
    iv: base64(iv),
    ciphertext: base64(ciphertext),
    mac: base64(createHmac('sha256', mac).update(ciphertext).digest()),
  }
}

function newIv(): Buffer {
  const iv = randomBytes(ivBytes)
  // As the specification asks: some implementations count with 63 bits.
  iv[8] = (iv[8] ?? 0) & 0x7f
  return iv
}

export function sealSecret(key: Uint8Array, name: string, secret: string): SealedSecret {
  return seal(key, name, Buffer.from(secret), newIv())
}

/** Undefined where it was sealed with another key, was changed, or is none. */
export function openSecret(key: Uint8Array, name: string, sealed: unknown): string | undefined {
  const { iv, ciphertext, mac } = recordOf(sealed)
  if (typeof iv !== 'string' || typeof ciphertext !== 'string' || typeof mac !== 'string') return undefined
  const keys = keysFor(key, name)
  const bytes = Buffer.from(ciphertext, 'base64')
  const right = createHmac('sha256', keys.mac).update(bytes).digest()
  const told = Buffer.from(mac, 'base64')
  const nonce = Buffer.from(iv, 'base64')
  if (told.length !== right.length || !timingSafeEqual(told, right) || nonce.length !== ivBytes)
    return undefined
  const decipher = createDecipheriv('aes-256-ctr', keys.aes, nonce)
  return Buffer.concat([decipher.update(bytes), decipher.final()]).toString()
}

/** What stands beside a key in the account's data, so that a wrong one is known without a secret. */
export function describeKey(key: Uint8Array): { readonly iv: string; readonly mac: string } {
  const { iv, mac } = seal(key, '', Buffer.alloc(keyBytes), newIv())
  return { iv, mac }
}

/** `undefined` where the description does not tell. */
export function isKeyOf(key: Uint8Array, description: unknown): boolean | undefined {
  const { iv, mac } = recordOf(description)
  if (typeof iv !== 'string' || typeof mac !== 'string') return undefined
  const nonce = Buffer.from(iv, 'base64')
  if (nonce.length !== ivBytes) return undefined
  return seal(key, '', Buffer.alloc(keyBytes), nonce).mac === mac.replaceAll('=', '')
}
