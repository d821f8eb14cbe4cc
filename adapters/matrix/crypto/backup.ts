import { BackupDecryptionKey, type OlmMachine, RoomId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { HearthError } from '../../../src/core/errors.ts'
import { backupForeign } from './errors.ts'
import { accepted, recordOf, refusalOf, type SendRequest } from './homeserver.ts'
import type { Outgoing } from './outgoing.ts'

const algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2'
/** Stands in the place of a backup's version until the homeserver has given it one. */
const notMade = 'not made yet'
const versionPath = '/_matrix/client/v3/room_keys/version'

/** The account's copy of its room keys on the homeserver, under the backup's own key. */
export interface Backup {
  /** Uses the backup that is there, or makes one. Throws `backup-foreign`. */
  ensure(): Promise<void>
  /** Uploads the keys that are not in it yet. */
  upload(): Promise<void>
  /** The same, and where it was deleted meanwhile, into another one. */
  keepUp(): Promise<void>
  /** Takes the backup's key from the secret storage, and every room key from the backup. */
  restore(key: string): Promise<{ readonly keys: number }>
  /** One session's key, where the backup has it. */
  fetch(room: string, session: string): Promise<boolean>
  /** A new one, with a new key, in place of whatever is there. */
  replace(): Promise<void>
  /** For the secret storage. */
  exportKey(): Promise<string | undefined>
  version(): Promise<string | undefined>
}

interface VersionInfo {
  readonly version: string
  readonly publicKey: string
}

export function createBackup(
  machine: OlmMachine,
  outgoing: Outgoing,
  request: SendRequest,
  signal: AbortSignal,
): Backup {
  const readVersion = async (): Promise<VersionInfo | undefined> => {
    const answer = await request('GET', versionPath, undefined, signal)
    if (answer.status === 404) return undefined
    const {
      version,
      algorithm: used,
      auth_data: authData,
    } = recordOf(accepted(answer, 'a look at the key backup'))
    const { public_key: publicKey } = recordOf(authData)
    if (typeof version !== 'string' || used !== algorithm || typeof publicKey !== 'string')
      throw backupForeign()
    return { version, publicKey }
  }

  const use = async (key: BackupDecryptionKey, version: string) => {
    const publicKey = key.megolmV1PublicKey.publicKeyBase64
    await machine.saveBackupDecryptionKey(key, version)
    await machine.enableBackupV1(publicKey, version)
  }

  const create = async (key: BackupDecryptionKey) => {
    const publicKey = key.megolmV1PublicKey.publicKeyBase64
    // Durable before the homeserver has it: whoever is killed in between knows the backup for its own.
    await machine.saveBackupDecryptionKey(key, notMade)
    const signatures = await machine.sign(JSON.stringify({ public_key: publicKey }))
    const body = {
      algorithm,
      auth_data: { public_key: publicKey, signatures: JSON.parse(signatures.asJSON()) as unknown },
    }
    const made = recordOf(accepted(await request('POST', versionPath, body, signal), 'a new key backup'))
    if (typeof made.version !== 'string') throw backupForeign()
    // What the old one had, this one has not.
    await machine.disableBackup()
    await use(key, made.version)
  }

  const ensure = async () => {
    const found = await readVersion()
    const { decryptionKey, backupVersion } = await machine.getBackupKeys()
    if (found === undefined) return create(decryptionKey ?? BackupDecryptionKey.createRandomKey())
    if (decryptionKey?.megolmV1PublicKey.publicKeyBase64 !== found.publicKey) {
      await machine.disableBackup()
      throw backupForeign()
    }
    if (backupVersion !== found.version) await machine.disableBackup()
    if (backupVersion !== found.version || !(await machine.isBackupEnabled()))
      await use(decryptionKey, found.version)
  }

  const importKeys = async (
    key: BackupDecryptionKey,
    version: string,
    rooms: Iterable<readonly [string, unknown]>,
  ): Promise<number> => {
    const opened = new Map<RoomId, Map<string, unknown>>()
    for (const [room, { sessions }] of Array.from(
      rooms,
      ([room, value]) => [room, recordOf(value)] as const,
    )) {
      const keys = Object.entries(recordOf(sessions)).flatMap(([session, sealed]) => {
        const content = openRoomKey(key, sealed)
        return content === undefined ? [] : [[session, content] as const]
      })
      if (keys.length > 0) opened.set(new RoomId(room), new Map(keys))
    }
    const { importedCount } = await machine.importBackedUpRoomKeys(opened, () => undefined, version)
    return importedCount
  }

  const upload = async () => {
    if (!(await machine.isBackupEnabled())) return
    for (;;) {
      const due = await machine.backupRoomKeys()
      if (due === undefined) return
      await outgoing.send(due)
    }
  }

  return {
    ensure,
    upload,

    async keepUp() {
      try {
        await upload()
      } catch (error) {
        if (!(error instanceof HearthError) || error.code !== 'homeserver-refused') throw error
        await ensure()
        await upload()
      }
    },

    async restore(text) {
      const key = BackupDecryptionKey.fromBase64(text)
      const found = await readVersion()
      if (found === undefined) {
        await create(key)
        return { keys: 0 }
      }
      if (key.megolmV1PublicKey.publicKeyBase64 !== found.publicKey) throw backupForeign()
      const path = `/_matrix/client/v3/room_keys/keys?version=${encodeURIComponent(found.version)}`
      const { rooms } = recordOf(
        accepted(await request('GET', path, undefined, signal), 'the keys of the backup'),
      )
      await use(key, found.version)
      return { keys: await importKeys(key, found.version, Object.entries(recordOf(rooms))) }
    },

    async fetch(room, session) {
      const { decryptionKey, backupVersion } = await machine.getBackupKeys()
      if (decryptionKey === undefined || backupVersion === undefined) return false
      const path = `/_matrix/client/v3/room_keys/keys/${encodeURIComponent(room)}/${encodeURIComponent(session)}?version=${encodeURIComponent(backupVersion)}`
      const answer = await request('GET', path, undefined, signal)
      if (answer.status === 404 || refusalOf(answer).errcode === 'M_WRONG_ROOM_KEYS_VERSION') return false
      const sessions = { [session]: accepted(answer, 'a key of the backup') }
      return (await importKeys(decryptionKey, backupVersion, [[room, { sessions }]])) > 0
    },

    async replace() {
      const found = await readVersion().catch(() => undefined)
      await create(BackupDecryptionKey.createRandomKey())
      if (found === undefined) return
      const path = `${versionPath}/${encodeURIComponent(found.version)}`
      accepted(await request('DELETE', path, undefined, signal), 'the end of the old key backup')
    },

    exportKey: async () => (await machine.getBackupKeys()).decryptionKey?.toBase64(),
    version: async () => (await machine.getBackupKeys()).backupVersion,
  }
}

/** Undefined where it was not sealed for this backup: whoever knows the public key can put things into it. */
function openRoomKey(key: BackupDecryptionKey, sealed: unknown): unknown {
  const { ephemeral, mac, ciphertext } = recordOf(recordOf(sealed).session_data)
  if (typeof ephemeral !== 'string' || typeof mac !== 'string' || typeof ciphertext !== 'string')
    return undefined
  try {
    return JSON.parse(key.decryptV1(ephemeral, mac, ciphertext))
  } catch {
    return undefined
  }
}
