import type { AccountId } from '../../../src/core/ids.ts'
import type { AccountRecords } from '../../../src/core/store.ts'
import { createEncryptedRooms, type EncryptedRooms } from './encrypted-rooms.ts'
import { type Answer, accepted, patiently, recordOf, type SendRequest } from './homeserver.ts'
import { createKeyStore } from './key-store.ts'
import type {
  Argument,
  CryptoMethod,
  CryptoNews,
  Decryption,
  Result,
  RoomEvent,
  RoomMessage,
  SyncChanges,
} from './protocol.ts'
import { createCryptoThread } from './thread.ts'
import { isVerification, verifiersIn } from './verification-events.ts'

export interface CryptoOptions {
  readonly account: AccountId
  /** The Matrix ids that the account's access token belongs to. */
  readonly user: string
  readonly device: string
  /** The device that the account had before, whose keys are taken along. */
  readonly previousDevice?: string
  readonly records: AccountRecords
  readonly request: SendRequest
  /** Told of what happens in the encryption by itself. */
  readonly tell?: (news: CryptoNews) => void
  /** With whom a verification that they begin is answered. Nobody, where it is left out. */
  readonly verifies?: (user: string) => boolean
}

/**
 * One account's encryption. Everything that resolves is durable by then. Throws `HearthError`, and what
 * an aborted signal throws.
 */
export interface MatrixCrypto extends AsyncDisposable {
  readonly rooms: EncryptedRooms
  /** Every sync's part that concerns encryption. Only when it resolves may the sync's token be stored. */
  receiveSync(changes: SyncChanges, signal: AbortSignal): Promise<void>
  /** The content of the `m.room.encrypted` to send. Throws where the room is not encrypted. */
  encrypt(
    room: string,
    type: string,
    content: Readonly<Record<string, unknown>>,
    members: readonly string[],
    signal: AbortSignal,
  ): Promise<Record<string, unknown>>
  decrypt(room: string, event: unknown, signal: AbortSignal): Promise<Decryption>
  /** A room's event that came in the clear. `decrypt` does this with what it decrypts. */
  noteClear(event: RoomEvent, signal: AbortSignal): Promise<void>
  /** Learns the devices of these people beforehand, so that the first message to them need not wait. */
  trackMembers(users: readonly string[], signal: AbortSignal): Promise<void>
  call<M extends CryptoMethod>(method: M, argument: Argument<M>, signal: AbortSignal): Promise<Result<M>>
}

export function openCrypto(options: CryptoOptions): MatrixCrypto {
  const { account, user, device, records, tell = () => undefined, verifies = () => false } = options
  const request = patiently(options.request)
  const rooms = createEncryptedRooms(account, records, request)

  const encrypt: MatrixCrypto['encrypt'] = async (room, type, content, members, signal) => {
    const rotation = await rooms.rotation(room, signal)
    if (rotation === undefined) throw new TypeError('the room is not encrypted')
    return thread.call('encrypt', { room, type, content, members, rotation }, signal)
  }

  const sendInRoom = async (
    { room, type, content, transaction }: RoomMessage,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`
    const put = (as: string, body: unknown) =>
      request(
        'PUT',
        `${path}/send/${encodeURIComponent(as)}/${encodeURIComponent(transaction)}`,
        body,
        signal,
      )
    if ((await rooms.rotation(room, signal)) === undefined) return put(type, content)
    const answer = await request('GET', `${path}/joined_members`, undefined, signal)
    const { joined } = recordOf(accepted(answer, 'a look at the members of a room'))
    const members = Object.keys(recordOf(joined))
    return put('m.room.encrypted', await encrypt(room, type, content, members, signal))
  }

  const thread = createCryptoThread({
    user,
    device,
    ...createKeyStore(account, records, device, options.previousDevice),
    request,
    sendInRoom,
    tell,
  })

  const noteClear: MatrixCrypto['noteClear'] = async ({ room, event }, signal) => {
    const { sender } = event
    if (typeof sender !== 'string' || sender === user || !isVerification(event) || !verifies(sender)) return
    await thread.call('expectVerification', sender, signal)
    await thread.call('receiveVerification', { room, event }, signal)
  }

  return {
    rooms,
    encrypt,
    noteClear,
    call: (method, argument, signal) => thread.call(method, argument, signal),
    async receiveSync(changes, signal) {
      for (const sender of verifiersIn(changes.toDevice)) {
        if (verifies(sender)) await thread.call('expectVerification', sender, signal)
      }
      await thread.call('receiveSync', changes, signal)
    },
    async decrypt(room, event, signal) {
      const decryption = await thread.call('decrypt', { room, event }, signal)
      if (decryption.readable) await noteClear({ room, event: decryption.event }, signal)
      return decryption
    },
    trackMembers: (users, signal) => thread.call('trackMembers', users, signal),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  }
}
