import { expect, it, vi } from 'vitest'
import type { Answer, SendRequest } from '../../../adapters/matrix/crypto/homeserver.ts'
import type { MatrixCrypto } from '../../../adapters/matrix/crypto/open.ts'
import type { Rooms } from '../../../adapters/matrix/rooms.ts'
import { createSender } from '../../../adapters/matrix/sender.ts'

vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }))

const signal = new AbortController().signal

it('sends nothing in the clear that was tried before the room was encrypted', async () => {
  let encrypted = false
  const crypto = {
    rooms: { rotation: async () => (encrypted ? {} : undefined) },
    encrypt: async () => ({ ciphertext: 'sealed' }),
  } as unknown as MatrixCrypto
  const rooms = { find: async () => ({ members: () => [] }) } as unknown as Rooms
  const sent: { readonly path: string; readonly body: unknown }[] = []
  const send: SendRequest = async (_, path, body): Promise<Answer> => {
    sent.push({ path, body })
    if (sent.length > 2) return { status: 200, body: { event_id: '$event:home' } }
    // While the homeserver asks for patience, somebody turns encryption on.
    if (sent.length === 2) encrypted = true
    return { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1 } }
  }
  const loggedInAt = new Date(0)
  const sender = createSender({ self: '@mira:home', loggedInAt, rooms, crypto, send, request: send })
  const key = { id: 'key', firstTriedAt: new Date() }
  await sender.send('!room:home', 'm.room.message', { body: 'SECRET' }, key, signal)
  expect(sent.map(({ body }) => JSON.stringify(body).includes('SECRET'))).toEqual([true, true, false])
  expect(sent.at(-1)?.path).toContain('/send/m.room.encrypted/')
  expect(sent.at(-1)?.body).toMatchObject({ ciphertext: 'sealed' })
})
