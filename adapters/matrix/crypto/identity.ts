import type { Backup } from './backup.ts'
import type { CrossSigning } from './cross-signing.ts'
import { backupForeign, identityMissing } from './errors.ts'
import type { KeptSecrets } from './luggage.ts'
import { newRecoveryKey } from './recovery-key.ts'
import type { SecretStorage } from './secret-storage.ts'

/** What an account needs besides its device: an identity, a backup of its room keys, and both under a recovery key. */
export interface Identity {
  /**
   * Makes what is missing. May be cut off anywhere and done again with the same recovery key, which is given
   * back where it is the account's by now: one that has another already keeps that.
   */
  setUp(
    password: string | undefined,
    recoveryKey: string,
  ): Promise<{ readonly recoveryKey: string | undefined }>
  /** On a new device, with the recovery key alone: the same identity, and every room key of the backup. */
  recover(recoveryKey: string): Promise<{ readonly keys: number }>
  /** Another identity, another backup, another recovery key. */
  reset(password: string | undefined): Promise<{ readonly recoveryKey: string }>
  /** The same secrets under another recovery key, where the old one was lost or seen. */
  renewRecoveryKey(): Promise<{ readonly recoveryKey: string }>
  /** Another backup; since its key is under the recovery key, another one of those too. */
  resetBackup(): Promise<{ readonly recoveryKey: string }>
}

export function createIdentity(
  crossSigning: CrossSigning,
  backup: Backup,
  storage: SecretStorage,
  kept: KeptSecrets,
): Identity {
  const putUnder = async (recoveryKey: string) => {
    const key = await backup.exportKey()
    if (key === undefined) throw identityMissing()
    await storage.create({ ...(await crossSigning.exportKeys()), backup: key }, recoveryKey)
    return { recoveryKey }
  }
  const renewRecoveryKey = () => putUnder(newRecoveryKey())
  return {
    renewRecoveryKey,

    async setUp(password, recoveryKey) {
      const secrets = kept.read()
      if (secrets !== undefined && (await crossSigning.state()) === 'locked')
        await crossSigning.adopt(secrets)
      await crossSigning.setUp(password)
      kept.forget()
      await backup.ensure()
      if (!(await storage.exists())) return putUnder(recoveryKey)
      return { recoveryKey: (await storage.isUnder(recoveryKey)) ? recoveryKey : undefined }
    },

    async recover(recoveryKey) {
      const secrets = await storage.open(recoveryKey)
      await crossSigning.adopt(secrets)
      kept.forget()
      if (secrets.backup === undefined) throw backupForeign()
      const restored = await backup.restore(secrets.backup)
      await backup.upload()
      return restored
    },

    async reset(password) {
      await crossSigning.replace(password)
      kept.forget()
      await backup.replace()
      return renewRecoveryKey()
    },

    async resetBackup() {
      await backup.replace()
      await backup.upload()
      return renewRecoveryKey()
    },
  }
}
