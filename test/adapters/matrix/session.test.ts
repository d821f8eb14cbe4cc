import { describe, expect, it } from 'vitest'
import { matrixAccountId, readSession, writeSession } from '../../../adapters/matrix/session.ts'
import { memoryRecords } from '../../support/matrix/records.ts'

const homeserver = 'https://matrix.home'
const session = (deviceId: string) => ({
  homeserver,
  userId: '@mira:home',
  deviceId,
  accessToken: `token of ${deviceId}`,
  loggedInAt: '2026-01-02T03:04:05.000Z',
})

describe('an account’s session', () => {
  const account = matrixAccountId('mira')
  async function signedIn(...devices: readonly string[]) {
    const records = memoryRecords()
    for (const device of devices) {
      await writeSession(records, session(device))
      // Those in capitals came so far that they had keys.
      if (device !== device.toUpperCase()) continue
      await records.write(account, [
        { collection: `crypto ${device}`, key: 'shape', value: new Uint8Array(1) },
        { collection: 'sync', key: 'token', value: new Uint8Array(1) },
      ])
    }
    return { records, read: () => readSession(records, 'mira', 'http://elsewhere.home') }
  }

  it('is read back, with the address that the configuration has now', async () => {
    const { read } = await signedIn('ONE')
    expect(await read()).toEqual({ ...session('ONE'), homeserver: 'http://elsewhere.home' })
  })

  it.each([
    [['ONE', 'TWO'], 'ONE'],
    [['ONE', 'two'], 'ONE'],
    [['ONE', 'two', 'three'], 'ONE'],
    [['ONE', 'two', 'THREE'], 'ONE'],
    [['ONE', 'TWO', 'three'], 'TWO'],
    [['ONE', 'TWO', 'TWO'], 'ONE'],
    [['one', 'two'], undefined],
  ])('after the logins %j has the keys of %s to take along', async (devices, previous) => {
    const { read } = await signedIn(...devices)
    expect((await read())?.previousDeviceId).toBe(previous)
  })

  it('begins the stream anew on a new device, and on no other', async () => {
    const { records } = await signedIn('ONE')
    await writeSession(records, session('ONE'))
    expect((await records.read(account, 'sync')).size).toBe(1)
    await writeSession(records, session('TWO'))
    expect((await records.read(account, 'sync')).size).toBe(0)
  })
})
