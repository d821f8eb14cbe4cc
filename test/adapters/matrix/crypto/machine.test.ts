import type { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newRecoveryKey } from '../../../../adapters/matrix/crypto/recovery-key.ts'
import { storeError } from '../../../../src/core/errors.ts'
import { accountId } from '../../../../src/core/ids.ts'
import type { AccountRecords } from '../../../../src/core/store.ts'
import { type BareAccount, openBareAccount, requestOf, textOf } from '../../../support/matrix/bare-account.ts'
import { hasSynapse, makePerson, makeSession } from '../../../support/matrix/house.ts'
import type { MatrixPerson } from '../../../support/matrix/person.ts'
import { memoryRecords } from '../../../support/matrix/records.ts'

const signal = () => AbortSignal.timeout(60_000)

describe.runIf(hasSynapse())('an account’s encryption', () => {
  let ada: MatrixPerson
  const open: BareAccount[] = []
  beforeAll(async () => {
    ada = await makePerson('ada')
  })
  afterEach(async () => {
    for (const each of open.splice(0)) await each[Symbol.asyncDispose]()
  })
  afterAll(() => ada?.[Symbol.dispose]())

  async function arrive(name: string, records: AccountRecords = memoryRecords()) {
    const account = openBareAccount(await makeSession(name), records, {}, accountId(name))
    open.push(account)
    await account.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal())
    const room = await ada.makeRoom([account.session.user], { encrypted: true })
    await account.sync()
    await account.sync()
    await ada.until(
      () => ada.client.getRoom(room)?.getMember(account.session.user)?.membership === 'join',
      'the account in the room',
    )
    const says = async (text: string) => {
      await account.send(room, text)
      await ada.until(() => ada.seen(room, account.session.user).some((seen) => seen.text === text), text)
    }
    return { account, room, says }
  }

  it('that dies in its thread is started anew, and takes nobody else with it', async () => {
    const threads: Worker[] = []
    const note = (thread: Worker) => threads.push(thread)
    process.on('worker', note)
    const [mira, pascoe] = [await arrive('mira'), await arrive('pascoe')]
    process.off('worker', note)
    await mira.says('Before.')
    const dying = mira.account.crypto.call('status', undefined, signal())
    // As a panic of the library ends it: at once, in the middle of something.
    await threads[0]?.terminate()
    await expect(dying).rejects.toMatchObject({ code: 'crypto-panicked', retryable: true })
    await pascoe.says('Nothing happened here.')
    await mira.says('After.')
    await ada.say(mira.room, 'Are you well?')
    await mira.account.until((each) => textOf(each) === 'Are you well?')
  })

  it('sends nothing that rests on keys which could not be written down', async () => {
    const memory = memoryRecords()
    let broken = false
    const records: AccountRecords = {
      read: (...all) => memory.read(...all),
      async write(...all) {
        if (broken) throw storeError('The disk is full.', { code: 'disk-full', retryable: true })
        await memory.write(...all)
      },
    }
    const { account, room, says } = await arrive('mira', records)
    await says('Before.')
    broken = true
    await expect(account.send(room, 'Lost.')).rejects.toMatchObject({ code: 'disk-full' })
    await expect(account.send(room, 'Lost, too.')).rejects.toMatchObject({ code: 'disk-full' })
    broken = false
    await says('After.')
    expect(ada.seen(room, account.session.user).map(({ text }) => text)).toEqual(['Before.', 'After.'])
    const sessions = ada
      .events(room)
      .filter((event) => event.getSender() === account.session.user && event.isEncrypted())
    expect(new Set(sessions.map((event) => event.getWireContent().ciphertext)).size).toBe(2)
  })

  it('replaces a room’s session when it is used up, and goes on', async () => {
    const { account, room } = await arrive('mira')
    await account.send(room, 'The first takes the keys to everybody.')
    for (let n = 0; n < 105; n += 15) {
      await Promise.all(Array.from({ length: 15 }, (_, index) => account.send(room, `n${n + index}`)))
    }
    await ada.until(() => ada.seen(room, account.session.user).length === 106, 'all of them')
    const sessions = ada
      .events(room)
      .map((event) => event.getWireContent().session_id)
      .filter(Boolean)
    expect(new Set(sessions).size).toBe(2)
  })

  it('is not given up because a homeserver says that the room is plain now', async () => {
    const records = memoryRecords()
    const { account, room, says } = await arrive('mira', records)
    await says('Encrypted.')
    await account[Symbol.asyncDispose]()
    const real = requestOf(account.session.url, account.session.token)
    const lying = openBareAccount(
      account.session,
      records,
      {
        request: async (method, path, body, ended) =>
          path.includes('/state/m.room.encryption')
            ? { status: 404, body: { errcode: 'M_NOT_FOUND' } }
            : real(method, path, body, ended),
      },
      accountId('mira'),
    )
    open.push(lying)
    await lying.send(room, 'Still encrypted.')
    const shown = await ada.until(
      () => ada.seen(room, account.session.user).find(({ text }) => text === 'Still encrypted.'),
      'the message',
    )
    expect(shown.encrypted).toBe(true)
  })

  it('sends nothing where the homeserver does not say whether a room is encrypted', async () => {
    const { account } = await arrive('mira')
    await expect(account.send('!elsewhere:home.test', 'Hello.')).rejects.toMatchObject({
      code: 'room-state-unreadable',
    })
  })
})
