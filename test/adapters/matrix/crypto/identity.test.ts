import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CryptoOptions } from '../../../../adapters/matrix/crypto/open.ts'
import type { CryptoNews } from '../../../../adapters/matrix/crypto/protocol.ts'
import { newRecoveryKey } from '../../../../adapters/matrix/crypto/recovery-key.ts'
import { readRecoveryKey, setUpIdentity } from '../../../../adapters/matrix/identity.ts'
import { accountId } from '../../../../src/core/ids.ts'
import type { AccountRecords } from '../../../../src/core/store.ts'
import {
  type BareAccount,
  openBareAccount,
  requestOf,
  type Session,
  textOf,
} from '../../../support/matrix/bare-account.ts'
import { hasSynapse, makePerson, makeSession, password, signInAgain } from '../../../support/matrix/house.ts'
import type { MatrixPerson } from '../../../support/matrix/person.ts'
import { memoryRecords } from '../../../support/matrix/records.ts'

const signal = () => AbortSignal.timeout(60_000)

describe.runIf(hasSynapse())('an account’s identity', () => {
  let ada: MatrixPerson
  const open: BareAccount[] = []
  beforeAll(async () => {
    ada = await makePerson('ada')
  })
  afterEach(async () => {
    for (const each of open.splice(0)) await each[Symbol.asyncDispose]()
  })
  afterAll(() => ada?.[Symbol.dispose]())

  function account(
    session: Session,
    records: AccountRecords = memoryRecords(),
    options: Partial<CryptoOptions> = {},
  ): BareAccount {
    const opened = openBareAccount(session, records, options)
    open.push(opened)
    return opened
  }

  async function setUp(name: string) {
    const session = await makeSession(name)
    const records = memoryRecords()
    const first = account(session, records)
    const { recoveryKey } = await first.crypto.call(
      'setUp',
      { password: undefined, recoveryKey: newRecoveryKey() },
      signal(),
    )
    return { session, records, first, recoveryKey: recoveryKey ?? '' }
  }

  /** What Element draws its shield from. */
  async function shieldOf(session: Session) {
    await ada.crypto.getUserDeviceInfo([session.user], true)
    return (await ada.crypto.getDeviceVerificationStatus(session.user, session.device))?.signedByOwner
  }

  async function talkWith(session: Session, first: BareAccount) {
    const room = await ada.makeRoom([session.user], { encrypted: true })
    await first.sync()
    await first.sync()
    await ada.until(
      () => ada.client.getRoom(room)?.getMember(session.user)?.membership === 'join',
      'the account in the room',
    )
    return room
  }

  it('signs its device, as another client judges it', async () => {
    const { session, first, recoveryKey } = await setUp('mira')
    expect(recoveryKey).toMatch(/^([1-9A-Za-z]{4} ?)+$/)
    // A client follows the devices of the people to whom it has written.
    await ada.say(await talkWith(session, first), 'Hello.')
    expect(await shieldOf(session)).toBe(true)
    expect(await first.crypto.call('status', undefined, signal())).toMatchObject({
      identity: 'ours',
      deviceSigned: true,
      secretStorage: true,
      backupVersion: expect.any(String),
    })
    expect(
      await first.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal()),
    ).toEqual({
      recoveryKey: undefined,
    })
  })

  it('comes back on a new machine with the recovery key alone: the same shield, and the old messages', async () => {
    const { session, first, recoveryKey } = await setUp('mira')
    const room = await talkWith(session, first)
    const old = await ada.say(room, 'Remember the lighthouse.')
    await first.until((each) => textOf(each) === 'Remember the lighthouse.')
    await first.send(room, 'I will.')
    await ada.until(() => ada.seen(room, session.user).some(({ text }) => text === 'I will.'), 'the answer')
    const masterBefore = await ada.crypto.getUserVerificationStatus(session.user)
    // What it has read is backed up with the next sync.
    await first.sync()
    await first.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal())
    await first[Symbol.asyncDispose]()

    const machine = await signInAgain(session)
    const next = account(machine)
    const { keys } = await next.crypto.call('recover', { recoveryKey }, signal())
    expect(keys).toBeGreaterThan(0)
    expect(await next.crypto.call('status', undefined, signal())).toMatchObject({
      identity: 'ours',
      deviceSigned: true,
    })
    expect(await shieldOf(machine)).toBe(true)
    const after = await ada.crypto.getUserVerificationStatus(session.user)
    expect(after.needsUserApproval).toBe(masterBefore.needsUserApproval)
    const event = await next.api('GET', `/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(old)}`)
    const decryption = await next.crypto.decrypt(room, event, signal())
    expect(decryption.readable && (decryption.event.content as { body: string }).body).toBe(
      'Remember the lighthouse.',
    )
    await next.sync()
    await next.send(room, 'I am back.')
    await ada.until(
      () => ada.seen(room, session.user).some(({ text }) => text === 'I am back.'),
      'the return',
    )
  })

  it('refuses a key that is none, and one that is another account’s', async () => {
    const { session } = await setUp('mira')
    const { recoveryKey: other } = await setUp('pascoe')
    const next = account(await signInAgain(session))
    await expect(
      next.crypto.call('recover', { recoveryKey: 'EsTW nonsense' }, signal()),
    ).rejects.toMatchObject({
      code: 'recovery-key-malformed',
    })
    await expect(next.crypto.call('recover', { recoveryKey: other }, signal())).rejects.toMatchObject({
      code: 'recovery-key-wrong',
      mend: expect.any(String),
    })
  })

  it('without the key it is locked until the operator decides to begin anew', async () => {
    const { session, first } = await setUp('mira')
    await ada.say(await talkWith(session, first), 'Hello.')
    const machine = await signInAgain(session)
    const next = account(machine)
    await expect(
      next.crypto.call('setUp', { password, recoveryKey: newRecoveryKey() }, signal()),
    ).rejects.toMatchObject({
      code: 'identity-locked',
      mend: expect.any(String),
    })
    expect(await shieldOf(machine)).toBe(false)
    const { recoveryKey } = await next.crypto.call('reset', { password }, signal())
    expect(await shieldOf(machine)).toBe(true)
    const third = account(await signInAgain(session))
    await third.crypto.call('recover', { recoveryKey }, signal())
  })

  it('is made to its end wherever it was cut off, and tells the recovery key that opens it', async () => {
    const session = await makeSession('mira')
    const records = memoryRecords()
    const id = accountId('bare')
    const done = new Set<string>()
    let recoveryKey: string | undefined
    for (let cuts = 0; recoveryKey === undefined; cuts++) {
      expect(cuts).toBeLessThan(30)
      const cut = Promise.withResolvers<undefined>()
      const real = requestOf(session.url, session.token)
      const attempt = account(session, records, {
        async request(method, path, body, life) {
          const answer = await real(method, path, body, life)
          const step = `${method} ${path.replace(/storage\.key\..*/, '')}`
          if (method === 'GET' || answer.status !== 200 || done.has(step)) return answer
          done.add(step)
          // The homeserver has taken it, and nobody here ever hears of that.
          cut.resolve(undefined)
          return new Promise(() => {})
        },
      })
      const made = setUpIdentity(id, attempt.crypto, records, undefined, signal())
      made.catch(() => {})
      recoveryKey = await Promise.race([made, cut.promise])
      await attempt[Symbol.asyncDispose]()
    }
    const steps = [...done].join()
    for (const step of ['device_signing/upload', 'room_keys/version', 'secret_storage.default_key'])
      expect(steps).toContain(step)
    expect(await readRecoveryKey(id, records)).toBe(recoveryKey)
    const next = account(await signInAgain(session))
    await next.crypto.call('recover', { recoveryKey }, signal())
    expect(await next.crypto.call('status', undefined, signal())).toMatchObject({
      identity: 'ours',
      deviceSigned: true,
      backupVersion: expect.any(String),
    })
    const again = account(session, records)
    expect(await setUpIdentity(id, again.crypto, records, undefined, signal())).toBeUndefined()
    expect(await readRecoveryKey(id, records)).toBe(recoveryKey)
  })

  it('says so, once, while the backup of its keys fails', async () => {
    const session = await makeSession('mira')
    const real = requestOf(session.url, session.token)
    const told: CryptoNews[] = []
    let broken = false
    const first = account(session, memoryRecords(), {
      request: async (method, path, body, life) =>
        broken && path.includes('/room_keys/')
          ? { status: 403, body: { errcode: 'M_FORBIDDEN' } }
          : real(method, path, body, life),
      tell: (news) => told.push(news),
    })
    await first.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal())
    const failures = () => told.filter(({ kind }) => kind === 'backup-failed')
    const status = () => first.crypto.call('status', undefined, signal())
    const room = await talkWith(session, first)
    for (const [fails, text] of [
      [false, 'One.'],
      [true, 'Two.'],
      [true, 'Three.'],
    ] as const) {
      broken = fails
      await first.send(room, text)
      await first.sync()
      await status()
    }
    expect(failures()).toHaveLength(0)
    // A new session has a key that is not in the backup.
    for (const fails of [true, true, false, true]) {
      broken = fails
      await ada.crypto.forceDiscardSession(room)
      const text = `A new key ${Math.random()}`
      await ada.say(room, text)
      await first.until((each) => textOf(each) === text)
      await first.sync()
      await status().catch(() => undefined)
    }
    expect(failures()).toHaveLength(2)
  })

  it('makes another backup where the old one was deleted', async () => {
    const { first, session } = await setUp('mira')
    const { backupVersion } = await first.crypto.call('status', undefined, signal())
    const deleted = await fetch(`${session.url}/_matrix/client/v3/room_keys/version/${backupVersion}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${session.token}` },
    })
    expect(deleted.ok).toBe(true)
    await first.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal())
    const after = await first.crypto.call('status', undefined, signal())
    expect(after.backupVersion).toEqual(expect.any(String))
    expect(after.backupVersion).not.toBe(backupVersion)
  })

  it('says so when its device was deleted', async () => {
    const { session, first } = await setUp('mira')
    await fetch(`${session.url}/_matrix/client/v3/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${session.token}` },
    })
    await expect(
      first.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal()),
    ).rejects.toMatchObject({
      code: 'matrix-signed-out',
      mend: expect.stringContaining('login'),
    })
  })

  it('finds that its store is damaged, and is itself again with the recovery key', async () => {
    const { session, records, first, recoveryKey } = await setUp('mira')
    await first[Symbol.asyncDispose]()
    const id = accountId('bare')
    const collection = `crypto ${session.device}`
    const stored = [...(await records.read(id, collection))]
    await records.write(
      id,
      stored.map(([key, value]) => ({
        collection,
        key,
        value: Buffer.from(value).reverse(),
      })),
    )
    const damaged = account(session, records)
    await expect(damaged.crypto.call('status', undefined, signal())).rejects.toMatchObject({
      code: 'crypto-store-corrupt',
      mend: expect.stringContaining('recover'),
    })
    // Nothing of it can be taken along, so the recovery key has to help.
    const next = account(await signInAgain(session), records, { previousDevice: session.device })
    await expect(
      next.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal()),
    ).rejects.toMatchObject({
      code: 'identity-locked',
    })
    await next.crypto.call('recover', { recoveryKey }, signal())
    expect(await next.crypto.call('status', undefined, signal())).toMatchObject({ deviceSigned: true })
  })

  it('takes identity and room keys along to a new device, without the recovery key, when its device was deleted', async () => {
    const { session, records, first } = await setUp('mira')
    const room = await talkWith(session, first)
    const old = await ada.say(room, 'Remember the lighthouse.')
    await first.until((each) => textOf(each) === 'Remember the lighthouse.')
    const before = await first.crypto.call('status', undefined, signal())
    await fetch(`${session.url}/_matrix/client/v3/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${session.token}` },
    })
    await first[Symbol.asyncDispose]()

    const machine = await signInAgain(session)
    const next = account(machine, records, { previousDevice: session.device })
    expect(
      await next.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal()),
    ).toEqual({
      recoveryKey: undefined,
    })
    const after = await next.crypto.call('status', undefined, signal())
    expect(after).toMatchObject({ identity: 'ours', deviceSigned: true, backupVersion: before.backupVersion })
    expect(after.fingerprint).not.toBe(before.fingerprint)
    expect(await shieldOf(machine)).toBe(true)
    const event = await next.api('GET', `/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(old)}`)
    expect(await next.crypto.decrypt(room, event, signal())).toMatchObject({ readable: true })
    await next.sync()
    await next.send(room, 'I am back.')
    await ada.until(
      () => ada.seen(room, session.user).some(({ text }) => text === 'I am back.'),
      'the return',
    )
    await next[Symbol.asyncDispose]()
    const again = account(machine, records, { previousDevice: session.device })
    expect(await again.crypto.call('status', undefined, signal())).toMatchObject({ identity: 'ours' })
    expect((await records.read(accountId('bare'), `crypto ${session.device}`)).size).toBe(0)
    expect((await records.read(accountId('bare'), `crypto ${machine.device}`)).has('luggage')).toBe(false)
  })
})
