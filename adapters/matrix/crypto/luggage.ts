import { BackupDecryptionKey, type OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { forgetDatabases } from './indexed-db.ts'
import type { Journal } from './journal.ts'
import { type Owner, openMachine, restoreStores } from './machine.ts'
import type { Secrets } from './secret-storage.ts'

const luggageKey = 'luggage'

/** What an account takes along from a device that is no more, so that its new one need not ask for the recovery key. */
interface Luggage {
  readonly secrets: Partial<Secrets>
  readonly backupVersion: string | undefined
  readonly roomKeys: string
}

/** The identity keys, until they are taken up again: the library wants to see the homeserver's word first. */
export interface KeptSecrets {
  read(): Partial<Secrets> | undefined
  forget(): void
}

/**
 * Opens the old device's keys, once more, and leaves nothing of them in this thread. Undefined where there
 * is nothing, or where it is damaged: then the recovery key has to help.
 */
export async function pack(
  owner: Owner,
  records: ReadonlyMap<string, Uint8Array>,
): Promise<Luggage | undefined> {
  if (records.size === 0) return undefined
  try {
    await restoreStores(records, () => undefined)
    const old = await openMachine(owner)
    const {
      masterKey: master,
      self_signing_key: selfSigning,
      userSigningKey: userSigning,
    } = (await old.exportCrossSigningKeys()) ?? {}
    const { decryptionKey, backupVersion } = await old.getBackupKeys()
    const found = { master, selfSigning, userSigning, backup: decryptionKey?.toBase64() }
    const roomKeys = await old.exportRoomKeys(() => true)
    old.close()
    const secrets = Object.fromEntries(Object.entries(found).filter(([, secret]) => secret !== undefined))
    // A device that was let go before it had taken up what it was given.
    return { secrets: { ...readSecrets(records), ...secrets }, backupVersion, roomKeys }
  } catch {
    return undefined
  } finally {
    forgetDatabases()
  }
}

/** In the same write as the new device's own first keys: either both are durable or neither. */
export async function unpack(machine: OlmMachine, luggage: Luggage, journal: Journal): Promise<void> {
  const { secrets, backupVersion, roomKeys } = luggage
  await machine.importExportedRoomKeys(roomKeys, () => undefined)
  if (secrets.backup !== undefined && backupVersion !== undefined) {
    await machine.saveBackupDecryptionKey(BackupDecryptionKey.fromBase64(secrets.backup), backupVersion)
  }
  journal.put(luggageKey, Buffer.from(JSON.stringify(secrets)))
}

export function keptSecrets(
  records: ReadonlyMap<string, Uint8Array>,
  luggage: Luggage | undefined,
  journal: Journal,
): KeptSecrets {
  let secrets = luggage?.secrets ?? readSecrets(records)
  return {
    read: () => secrets,
    forget() {
      if (secrets === undefined) return
      secrets = undefined
      journal.put(luggageKey, undefined)
    },
  }
}

function readSecrets(records: ReadonlyMap<string, Uint8Array>): Partial<Secrets> | undefined {
  const kept = records.get(luggageKey)
  return kept === undefined ? undefined : (JSON.parse(Buffer.from(kept).toString()) as Partial<Secrets>)
}
