import { randomBytes } from 'node:crypto'
import { recoveryKeyMalformed } from './errors.ts'

/** A recovery key as the specification writes it: two bytes before the key, one of parity after it, in base58. */
const prefix = [0x8b, 0x01]
const keyBytes = 32
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const base = BigInt(alphabet.length)
/** Nothing honest is longer; what is longer must not be reckoned with. */
const charsMost = 64

const parityOf = (bytes: Uint8Array): number => bytes.reduce((parity, byte) => parity ^ byte, 0)

export const newRecoveryKey = (): string => formatRecoveryKey(randomBytes(keyBytes))

/** In groups of four characters, so that it can be written down. */
export function formatRecoveryKey(key: Uint8Array): string {
  const bytes = Uint8Array.from([...prefix, ...key])
  let number = BigInt(`0x${Buffer.from([...bytes, parityOf(bytes)]).toString('hex')}`)
  let text = ''
  while (number > 0n) {
    text = alphabet.charAt(Number(number % base)) + text
    number /= base
  }
  return text.match(/.{1,4}/g)?.join(' ') ?? ''
}

/** Throws `recovery-key-malformed` where a character is missing, wrong or exchanged. */
export function parseRecoveryKey(text: string): Uint8Array {
  const characters = text.replaceAll(/\s/g, '')
  if (characters.length > charsMost) throw recoveryKeyMalformed()
  let number = 0n
  for (const character of characters) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) throw recoveryKeyMalformed()
    number = number * base + BigInt(digit)
  }
  const length = prefix.length + keyBytes + 1
  const bytes = Buffer.from(number.toString(16).padStart(2 * length, '0'), 'hex')
  const right =
    bytes.length === length && bytes[0] === prefix[0] && bytes[1] === prefix[1] && parityOf(bytes) === 0
  if (!right) throw recoveryKeyMalformed()
  return new Uint8Array(bytes.subarray(prefix.length, prefix.length + keyBytes))
}
