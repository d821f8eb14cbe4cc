import type { AccountId } from '../../../src/core/ids.ts'
import type { AccountRecords } from '../../../src/core/store.ts'
import { createEncryptedRooms, type EncryptedRooms } from './encrypted-rooms.ts'
import { patiently, type SendRequest } from './homeserver.ts'
import type { Argument, CryptoMethod, CryptoNews, Decryption, Result, SyncChanges } from './protocol.ts'
import { createCryptoThread } from './thread.ts'

export interface CryptoOptions {
  readonly account: AccountId
  /** The Matrix ids that the account's access token belongs to. */
  readonly user: string
  readonly device: string
  readonly records: AccountRecords
  readonly request: SendRequest
  /** Told of what happens in the encryption by itself. */
  readonly tell?: (news: CryptoNews) => void
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
  /** Learns the devices of these people beforehand, so that the first message to them need not wait. */
  trackMembers(users: readonly string[], signal: AbortSignal): Promise<void>
  call<M extends CryptoMethod>(method: M, argument: Argument<M>, signal: AbortSignal): Promise<Result<M>>
}

const collection = 'crypto'

export function openCrypto(options: CryptoOptions): MatrixCrypto {
  const { account, user, device, records, request, tell = () => undefined } = options
  const patient = patiently(request)
  const thread = createCryptoThread({
    user,
    device,
    read: () => records.read(account, collection),
    write: (changes) =>
      records.write(
        account,
        changes.map(({ key, value }) => ({ collection, key, value })),
      ),
    request: patient,
    tell,
  })
  const rooms = createEncryptedRooms(account, records, patient)
  return {
    rooms,
    call: (method, argument, signal) => thread.call(method, argument, signal),
    receiveSync: (changes, signal) => thread.call('receiveSync', changes, signal),
    async encrypt(room, type, content, members, signal) {
      const rotation = await rooms.rotation(room, signal)
      if (rotation === undefined) throw new TypeError('the room is not encrypted')
      return thread.call('encrypt', { room, type, content, members, rotation }, signal)
    },
    decrypt: (room, event, signal) => thread.call('decrypt', { room, event }, signal),
    trackMembers: (users, signal) => thread.call('trackMembers', users, signal),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  }
}
