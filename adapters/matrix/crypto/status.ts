import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Backup } from './backup.ts'
import type { CrossSigning } from './cross-signing.ts'
import type { SecretStorage } from './secret-storage.ts'

/** What the homeserver and the machine say about the account, for the operator. Holds no secret. */
export interface IdentityStatus {
  readonly user: string
  readonly device: string
  /** The device's fingerprint, as other clients show it. */
  readonly fingerprint: string
  readonly identity: 'none' | 'locked' | 'ours'
  readonly deviceSigned: boolean
  readonly secretStorage: boolean
  readonly backupVersion: string | undefined
  readonly roomKeys: number
  readonly roomKeysBackedUp: number
}

export async function readStatus(
  machine: OlmMachine,
  crossSigning: CrossSigning,
  backup: Backup,
  storage: SecretStorage,
): Promise<IdentityStatus> {
  const identity = await crossSigning.state()
  const { total, backedUp } = await machine.roomKeyCounts()
  return {
    user: machine.userId.toString(),
    device: machine.deviceId.toString(),
    fingerprint: machine.identityKeys.ed25519.toBase64(),
    identity,
    deviceSigned: await crossSigning.deviceIsSigned(),
    secretStorage: await storage.exists(),
    backupVersion: (await machine.isBackupEnabled()) ? await backup.version() : undefined,
    roomKeys: total,
    roomKeysBackedUp: backedUp,
  }
}
