import type { OlmMachine, OutgoingRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import { identityLocked, identityMissing, passwordNeeded } from './errors.ts'
import { accepted, recordOf, type SendRequest } from './homeserver.ts'
import type { Outgoing } from './outgoing.ts'
import type { Secrets } from './secret-storage.ts'

/** The account's identity: three keys, of which one signs its devices. */
export interface CrossSigning {
  /** `locked`: it has an identity, whose keys are not here. */
  state(): Promise<'none' | 'locked' | 'ours'>
  /** Makes the identity where there is none, and signs this device. Throws `identity-locked`. */
  setUp(password: string | undefined): Promise<void>
  /** Takes the identity up again from its keys, and signs this device. Throws `identity-locked` where they are not its keys. */
  adopt(secrets: Partial<Secrets>): Promise<void>
  /** A new identity in place of the old one. */
  replace(password: string | undefined): Promise<void>
  /** The three private keys, for the secret storage. */
  exportKeys(): Promise<Omit<Secrets, 'backup'>>
  deviceIsSigned(): Promise<boolean>
}

export function createCrossSigning(
  machine: OlmMachine,
  outgoing: Outgoing,
  request: SendRequest,
  signal: AbortSignal,
): CrossSigning {
  const refresh = async () => {
    await outgoing.sendDue()
    await outgoing.send(machine.queryKeysForUsers([machine.userId]))
  }

  const state: CrossSigning['state'] = async () => {
    await refresh()
    if ((await machine.getIdentity(machine.userId)) === undefined) return 'none'
    const { hasMaster, hasSelfSigning, hasUserSigning } = await machine.crossSigningStatus()
    return hasMaster && hasSelfSigning && hasUserSigning ? 'ours' : 'locked'
  }

  const deviceIsSigned = async () =>
    (await machine.getDevice(machine.userId, machine.deviceId))?.isCrossSignedByOwner() ?? false

  const publish = async (reset: boolean, password: string | undefined) => {
    const requests = await machine.bootstrapCrossSigning(reset)
    const keys = requests.uploadKeysRequest as OutgoingRequest | undefined
    if (keys) await outgoing.send(keys)
    await uploadSigningKeys(
      request,
      signal,
      machine.userId.toString(),
      requests.uploadSigningKeysRequest.body,
      password,
    )
    await outgoing.send(requests.uploadSignaturesRequest)
    await refresh()
  }

  const signDevice = async () => {
    const device = await machine.getDevice(machine.userId, machine.deviceId)
    if (device === undefined) throw identityMissing()
    if (!device.isCrossSignedByOwner()) await outgoing.send(await device.verify())
    await refresh()
  }

  return {
    state,
    deviceIsSigned,

    async setUp(password) {
      const found = await state()
      if (found === 'locked') throw identityLocked()
      // A process that died half-way through has made the keys; then these are published, not others.
      if (found === 'none') await publish(false, password)
      else await signDevice()
    },

    async adopt({ master, selfSigning, userSigning }) {
      const found = await state()
      if (found === 'none') throw identityMissing()
      const { hasMaster, hasSelfSigning, hasUserSigning } = await machine
        .importCrossSigningKeys(master, selfSigning, userSigning)
        .catch(() => {
          throw identityLocked()
        })
      if (!hasMaster || !hasSelfSigning || !hasUserSigning) throw identityLocked()
      const identity = await machine.getIdentity(machine.userId)
      if (identity !== undefined && !identity.isVerified()) await outgoing.send(await identity.verify())
      await signDevice()
    },

    async replace(password) {
      await refresh()
      await publish(true, password)
    },

    async exportKeys() {
      const keys = await machine.exportCrossSigningKeys()
      const { masterKey: master, self_signing_key: selfSigning, userSigningKey: userSigning } = keys ?? {}
      if (master === undefined || selfSigning === undefined || userSigning === undefined)
        throw identityLocked()
      return { master, selfSigning, userSigning }
    },
  }
}

/** With the interactive authentication of the specification, as far as a password or nothing is asked for. */
async function uploadSigningKeys(
  request: SendRequest,
  signal: AbortSignal,
  user: string,
  keys: string,
  password: string | undefined,
): Promise<void> {
  const upload = (auth?: unknown) => {
    const body = { ...recordOf(JSON.parse(keys)), ...(auth === undefined ? {} : { auth }) }
    return request('POST', '/_matrix/client/v3/keys/device_signing/upload', body, signal)
  }
  const first = await upload()
  if (first.status !== 401) {
    accepted(first, 'the identity keys')
    return
  }
  const { session, flows } = recordOf(first.body)
  const stages = Array.isArray(flows)
    ? flows.map((flow: unknown) => JSON.stringify(recordOf(flow).stages))
    : []
  const auth = stages.includes('["m.login.dummy"]')
    ? { type: 'm.login.dummy', session }
    : password === undefined || !stages.includes('["m.login.password"]')
      ? undefined
      : { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password, session }
  if (auth === undefined) throw passwordNeeded()
  const second = await upload(auth)
  if (second.status === 401) throw passwordNeeded()
  accepted(second, 'the identity keys')
}
