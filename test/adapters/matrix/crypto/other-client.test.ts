import { ClientEvent, createClient, type MatrixClient } from 'matrix-js-sdk'
import { decodeRecoveryKey } from 'matrix-js-sdk/lib/crypto-api/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newRecoveryKey } from '../../../../adapters/matrix/crypto/recovery-key.ts'
import { type BareAccount, openBareAccount, textOf } from '../../../support/matrix/bare-account.ts'
import { hasSynapse, makePerson, makeSession, signInAgain } from '../../../support/matrix/house.ts'
import type { MatrixPerson } from '../../../support/matrix/person.ts'
import { memoryRecords } from '../../../support/matrix/records.ts'

const signal = () => AbortSignal.timeout(60_000)
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet }

describe.runIf(hasSynapse())('another client of the account', () => {
  let ada: MatrixPerson
  let mira: BareAccount
  let other: MatrixClient
  let recoveryKey: string
  let keys: number
  beforeAll(async () => {
    ada = await makePerson('ada')
    mira = openBareAccount(await makeSession('mira'), memoryRecords())
    recoveryKey =
      (await mira.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal()))
        .recoveryKey ?? ''
    const room = await ada.makeRoom([mira.session.user], { encrypted: true })
    await mira.sync()
    await mira.sync()
    await ada.until(
      () => ada.client.getRoom(room)?.getMember(mira.session.user)?.membership === 'join',
      'the account in the room',
    )
    await ada.say(room, 'Hello.')
    await mira.until((each) => textOf(each) === 'Hello.')
    await mira.send(room, 'Hello, Ada.')
    for (let tries = 0; tries < 20; tries++) {
      await mira.sync(100)
      const status = await mira.crypto.call('status', undefined, signal())
      keys = status.roomKeys
      if (keys > 0 && status.roomKeysBackedUp === keys) break
    }
    const session = await signInAgain(mira.session)
    other = createClient({
      baseUrl: session.url,
      userId: session.user,
      deviceId: session.device,
      accessToken: session.token,
      logger: quiet,
      cryptoCallbacks: {
        getSecretStorageKey: async ({ keys: known }) => [
          Object.keys(known)[0] ?? '',
          decodeRecoveryKey(recoveryKey) as Uint8Array<ArrayBuffer>,
        ],
      },
    })
    await other.initRustCrypto({ useIndexedDB: false })
    await other.startClient({ initialSyncLimit: 1 })
    await new Promise<void>((resolve) => other.once(ClientEvent.Sync, () => resolve()))
    await other.getCrypto()?.userHasCrossSigningKeys(session.user, true)
  })
  afterAll(async () => {
    other?.stopClient()
    ada?.[Symbol.dispose]()
    await mira?.[Symbol.asyncDispose]()
  })

  it('opens the secret storage with the recovery key, and is signed with what it finds', async () => {
    const crypto = other.getCrypto()!
    await crypto.bootstrapCrossSigning({})
    expect(await crypto.getCrossSigningStatus()).toMatchObject({
      publicKeysOnDevice: true,
      privateKeysInSecretStorage: true,
      privateKeysCachedLocally: { masterKey: true, selfSigningKey: true, userSigningKey: true },
    })
    expect(
      (await crypto.getDeviceVerificationStatus(mira.session.user, mira.session.device))?.signedByOwner,
    ).toBe(true)
    expect(await crypto.isSecretStorageReady()).toBe(true)
  })

  it('trusts the key backup, and restores every room key of it', async () => {
    const crypto = other.getCrypto()!
    const check = await crypto.checkKeyBackupAndEnable()
    expect(check?.trustInfo.trusted).toBe(true)
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage()
    expect(keys).toBeGreaterThan(1)
    expect(await crypto.restoreKeyBackup()).toMatchObject({ imported: keys, total: keys })
  })
})
