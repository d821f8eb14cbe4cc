import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { keyBytes } from './aead.ts'
import { failure } from './errors.ts'

/** Where the operator keeps the master key. */
export type MasterKeySource =
  | { readonly file: string }
  /** The name of an environment variable that holds the key's line. */
  | { readonly env: string }
  /** A command that prints the key's line on standard output within 30 s. It gets no standard input. */
  | { readonly command: string }

/**
 * The operator's key. The 32 bytes themselves are gone once both of these have been derived from
 * them; a `KeyObject` shows nothing when it is logged.
 */
export interface MasterKey {
  /** Tells keys apart and gives nothing away: 8 bytes of an HMAC, in hex. */
  readonly id: string
  /** Wraps data keys. */
  readonly wrapping: KeyObject
}

const prefix = 'hearth-master-1:'
const linePattern = /^hearth-master-1:([A-Za-z0-9_-]{43})$/
const idBytes = 8

/** A key can be made anywhere; this is how without Hearth. */
export const makeKeyCommand = `node -p "'${prefix}' + crypto.randomBytes(32).toString('base64url')"`

/** A new key as it is written down: one line without its end, `hearth-master-1:` and 43 characters of base64url. */
export function newMasterKeyLine(): string {
  return prefix + randomBytes(keyBytes).toString('base64url')
}

function derive(bytes: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', bytes).update(`hearth master key: ${purpose}`).digest()
}

/** For messages. Of a command only the program's name: its arguments may be secrets. */
export function nameSource(source: MasterKeySource): string {
  if ('file' in source) return `the master key file ${source.file}`
  if ('env' in source) return `the environment variable ${source.env}`
  const program = /^[\w./\\-]+(?=\s|$)/.exec(source.command.trim())?.[0]
  return program ? `the master key command (${program} …)` : 'the command in masterKey.command'
}

/**
 * `text`: the key's line, with or without white space around it.
 * Throws `master-key-malformed`, which names the source and holds nothing of the text.
 */
export function parseMasterKey(text: string, source: MasterKeySource): MasterKey {
  const line = text.trim()
  const malformed = (what: string) =>
    failure(
      'master-key-malformed',
      `No master key in ${nameSource(source)}: ${what}.`,
      `Restore it from your copy. A key is one line, ${prefix} and 43 characters; for a new installation make one with: ${makeKeyCommand}`,
    )
  if (line === '') throw malformed('it is empty')
  if (/^hearth-master-\d+:/.test(line) && !line.startsWith(prefix)) {
    throw malformed('the key there is of another version of Hearth')
  }
  const encoded = linePattern.exec(line)?.[1]
  if (encoded === undefined) throw malformed('what is there is not a key, or only a part of one')
  const bytes = Buffer.from(encoded, 'base64url')
  // The last character carries two bits too many: only one spelling of each key counts.
  if (bytes.toString('base64url') !== encoded) throw malformed('the last character is wrong')
  const key = {
    id: derive(bytes, 'id').toString('hex', 0, idBytes),
    wrapping: createSecretKey(derive(bytes, 'wrap')),
  }
  bytes.fill(0)
  return key
}
