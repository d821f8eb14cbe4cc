import { randomBytes } from 'node:crypto'
import { recoveryKeyWrong, secretStorageMissing } from './errors.ts'
import { accepted, recordOf, type SendRequest } from './homeserver.ts'
import { parseRecoveryKey } from './recovery-key.ts'
import { describeKey, isKeyOf, openSecret, sealSecret } from './secret-box.ts'

const algorithm = 'm.secret_storage.v1.aes-hmac-sha2'
const defaultKey = 'm.secret_storage.default_key'
const keyIdBytes = 16

export const secretNames = {
  master: 'm.cross_signing.master',
  selfSigning: 'm.cross_signing.self_signing',
  userSigning: 'm.cross_signing.user_signing',
  backup: 'm.megolm_backup.v1',
} as const

export type Secrets = Readonly<Record<keyof typeof secretNames, string>>

/** The account's secrets on the homeserver, under the recovery key. */
export interface SecretStorage {
  exists(): Promise<boolean>
  /** Puts the secrets under the recovery key. Throws `recovery-key-malformed`. */
  create(secrets: Secrets, recoveryKey: string): Promise<void>
  /** Whether they are under this one now. */
  isUnder(recoveryKey: string): Promise<boolean>
  /** Throws `recovery-key-malformed`, `recovery-key-wrong` or `secret-storage-missing`. */
  open(recoveryKey: string): Promise<Partial<Secrets>>
}

export function createSecretStorage(user: string, request: SendRequest, signal: AbortSignal): SecretStorage {
  const path = (type: string) =>
    `/_matrix/client/v3/user/${encodeURIComponent(user)}/account_data/${encodeURIComponent(type)}`
  const read = async (type: string) => {
    const answer = await request('GET', path(type), undefined, signal)
    return answer.status === 404 ? undefined : recordOf(accepted(answer, "the account's data"))
  }
  const write = async (type: string, content: unknown) => {
    accepted(await request('PUT', path(type), content, signal), "a change of the account's data")
  }
  const readKeyId = async () => {
    const key = (await read(defaultKey))?.key
    return typeof key === 'string' && key !== '' ? key : undefined
  }

  return {
    exists: async () => (await readKeyId()) !== undefined,

    async create(secrets, recoveryKey) {
      const key = parseRecoveryKey(recoveryKey)
      const id = randomBytes(keyIdBytes).toString('base64url')
      await write(`m.secret_storage.key.${id}`, { name: 'Hearth', algorithm, ...describeKey(key) })
      for (const [which, name] of Object.entries(secretNames)) {
        const sealed = sealSecret(key, name, secrets[which as keyof Secrets])
        await write(name, { encrypted: { [id]: sealed } })
      }
      // Last: whoever finds a default key finds everything under it.
      await write(defaultKey, { key: id })
    },

    async isUnder(recoveryKey) {
      const id = await readKeyId()
      if (id === undefined) return false
      return isKeyOf(parseRecoveryKey(recoveryKey), await read(`m.secret_storage.key.${id}`)) === true
    },

    async open(recoveryKey) {
      const key = parseRecoveryKey(recoveryKey)
      const id = await readKeyId()
      const description = id === undefined ? undefined : await read(`m.secret_storage.key.${id}`)
      if (id === undefined || description === undefined) throw secretStorageMissing()
      if (description.algorithm !== algorithm || isKeyOf(key, description) === false) throw recoveryKeyWrong()
      const secrets: Partial<Record<keyof Secrets, string>> = {}
      for (const [which, name] of Object.entries(secretNames)) {
        const sealed = recordOf((await read(name))?.encrypted)[id]
        if (sealed === undefined) continue
        const secret = openSecret(key, name, sealed)
        if (secret === undefined) throw recoveryKeyWrong()
        secrets[which as keyof Secrets] = secret
      }
      return secrets
    },
  }
}
