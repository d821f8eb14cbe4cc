import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Backup } from './backup.ts'
import type { CrossSigning } from './cross-signing.ts'
import { accepted, recordOf, type SendRequest } from './homeserver.ts'
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
  /** On the homeserver, for those who write to the account for the first time. */
  readonly oneTimeKeys: number
  readonly roomKeys: number
  readonly roomKeysBackedUp: number
}

export async function readStatus(
  machine: OlmMachine,
  crossSigning: CrossSigning,
  backup: Backup,
  storage: SecretStorage,
  request: SendRequest,
  signal: AbortSignal,
): Promise<IdentityStatus> {
  const identity = await crossSigning.state()
  const { total, backedUp } = await machine.roomKeyCounts()
  // Uploading none tells how many there are.
  const uploaded = accepted(
    await request('POST', '/_matrix/client/v3/keys/upload', {}, signal),
    'one-time keys',
  )
  const { signed_curve25519: oneTimeKeys } = recordOf(recordOf(uploaded).one_time_key_counts)
  return {
    user: machine.userId.toString(),
    device: machine.deviceId.toString(),
    fingerprint: machine.identityKeys.ed25519.toBase64(),
    identity,
    deviceSigned: await crossSigning.deviceIsSigned(),
    secretStorage: await storage.exists(),
    backupVersion: (await machine.isBackupEnabled()) ? await backup.version() : undefined,
    oneTimeKeys: typeof oneTimeKeys === 'number' ? oneTimeKeys : 0,
    roomKeys: total,
    roomKeysBackedUp: backedUp,
  }
}
