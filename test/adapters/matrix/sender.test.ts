import { expect, it, vi } from 'vitest'
import { createEncryptedRooms } from '../../../adapters/matrix/crypto/encrypted-rooms.ts'
import type { Answer, SendRequest } from '../../../adapters/matrix/crypto/homeserver.ts'
import type { MatrixCrypto } from '../../../adapters/matrix/crypto/open.ts'
import type { Rooms } from '../../../adapters/matrix/rooms.ts'
import { createSender } from '../../../adapters/matrix/sender.ts'
import { accountId } from '../../../src/core/ids.ts'
import { memoryRecords } from '../../support/matrix/records.ts'

vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }))

const signal = new AbortController().signal
const room = '!room:home'

/** A sender, and the homeserver that it writes to: with a room that is plain until somebody changes it. */
function makeSender() {
  const home = { encrypted: false, refusals: 0, asked: 0, onRefusal: () => {} }
  const sent: { readonly path: string; readonly body: unknown }[] = []
  const request: SendRequest = async (method, path, body): Promise<Answer> => {
    if (method === 'GET') {
      home.asked++
      return home.encrypted
        ? { status: 200, body: { algorithm: 'm.megolm.v1.aes-sha2' } }
        : { status: 404, body: { errcode: 'M_NOT_FOUND' } }
    }
    sent.push({ path, body })
    if (home.refusals-- <= 0) return { status: 200, body: { event_id: '$event:home' } }
    home.onRefusal()
    return { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1 } }
  }
  const crypto = {
    rooms: createEncryptedRooms(accountId('mira'), memoryRecords(), request),
    encrypt: async () => ({ ciphertext: 'sealed' }),
  } as unknown as MatrixCrypto
  const rooms = { find: async () => ({ readers: () => [] }) } as unknown as Rooms
  const loggedInAt = new Date(0)
  const sender = createSender({ self: '@mira:home', loggedInAt, rooms, crypto, send: request, request })
  const say = (body: string) =>
    sender.send(room, 'm.room.message', { body }, { id: body, firstTriedAt: new Date() }, signal)
  return { home, sent, crypto, say }
}

it('sends nothing in the clear that was tried before the room was encrypted', async () => {
  const { home, sent, say } = makeSender()
  await say('plain')
  home.refusals = 2
  home.onRefusal = () => {
    // While the homeserver asks for patience, somebody turns encryption on.
    home.encrypted = home.refusals === 0
  }
  await say('SECRET')
  const secrets = sent.slice(1)
  expect(secrets.map(({ body }) => JSON.stringify(body).includes('SECRET'))).toEqual([true, true, false])
  expect(secrets.at(-1)?.path).toContain('/send/m.room.encrypted/')
  expect(secrets.at(-1)?.body).toMatchObject({ ciphertext: 'sealed' })
})

it('asks once whether a room is plain, and again where the news that it is not may be late', async () => {
  const { home, sent, crypto, say } = makeSender()
  await say('one')
  await say('two')
  expect(home.asked).toBe(1)
  home.encrypted = true
  crypto.rooms.doubt()
  await say('three')
  expect(home.asked).toBe(2)
  expect(sent.at(-1)?.body).toMatchObject({ ciphertext: 'sealed' })
})
