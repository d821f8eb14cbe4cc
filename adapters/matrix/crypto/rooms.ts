import {
  CollectStrategy,
  DecryptionErrorCode,
  DecryptionSettings,
  EncryptionSettings,
  MegolmDecryptionError,
  type OlmMachine,
  OtherUserIdentity,
  RoomId,
  ShieldStateCode,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import { recordOf } from './homeserver.ts'
import type { Locks } from './locks.ts'
import type { Outgoing } from './outgoing.ts'
import type { Decryption, EncryptOrder, Rotation, UnreadableReason } from './protocol.ts'

export interface Rooms {
  encrypt(order: EncryptOrder): Promise<Record<string, unknown>>
  decrypt(order: { readonly room: string; readonly event: unknown }): Promise<Decryption>
  trackMembers(users: readonly string[]): Promise<void>
}

/** The library takes the objects that it is given, so each call needs new ones. Ids that are none are left out. */
export function userIds(users: readonly string[]): UserId[] {
  return users.flatMap((user) => {
    try {
      return [new UserId(user)]
    } catch {
      return []
    }
  })
}

function settingsFor({ messages, periodMs }: Rotation): EncryptionSettings {
  const settings = new EncryptionSettings()
  // MSC4153: keys go to devices that their owner has signed, and to no others.
  settings.sharingStrategy = CollectStrategy.identityBasedStrategy()
  if (messages !== undefined) settings.rotationPeriodMessages = BigInt(messages)
  if (periodMs !== undefined) settings.rotationPeriod = BigInt(periodMs) * 1_000n
  return settings
}

export function createRooms(machine: OlmMachine, outgoing: Outgoing, locks: Locks): Rooms {
  /** Two claims at once would use up two one-time keys of a device, and leave two sessions with it. */
  const claimMissing = (members: readonly string[]) =>
    locks.run('claim', async () => {
      const claim = await machine.getMissingSessions(userIds(members))
      if (claim) await outgoing.send(claim)
    })

  /**
   * Somebody who was verified and has a new identity since then stops the library from sharing with anybody in
   * the room. That they were verified says nothing any more, and is taken back.
   */
  async function share(room: string, members: readonly string[], rotation: Rotation) {
    const shareOnce = () => machine.shareRoomKey(new RoomId(room), userIds(members), settingsFor(rotation))
    try {
      return await shareOnce()
    } catch (error) {
      const violations = await withdrawViolations(members)
      if (violations === 0) throw error
      return await shareOnce()
    }
  }

  async function withdrawViolations(members: readonly string[]): Promise<number> {
    let withdrawn = 0
    for (const user of userIds(members)) {
      const identity = await machine.getIdentity(user)
      if (identity instanceof OtherUserIdentity && identity.hasVerificationViolation()) {
        await identity.withdrawVerification()
        withdrawn++
      }
    }
    return withdrawn
  }

  return {
    /**
     * Under one lock a room: the session is made, shared and used by one at a time. The library panics
     * when it is asked to encrypt with a session that has expired, so it is shared before every message;
     * where nobody is new that sends nothing.
     */
    encrypt: ({ room, type, content, members, rotation }) =>
      locks.run(`room ${room}`, async () => {
        await machine.updateTrackedUsers(userIds(members))
        await outgoing.sendDue()
        await claimMissing(members)
        const shares = await share(room, members, rotation)
        for (const share of shares) await outgoing.send(share)
        const encrypted = await machine.encryptRoomEvent(new RoomId(room), type, JSON.stringify(content))
        return { ...recordOf(JSON.parse(encrypted)) }
      }),

    async decrypt({ room, event }) {
      const first = await decryptOnce(machine, room, event)
      if (first.readable || first.reason !== 'unsigned-device') return first
      // Perhaps the sender's devices are not known yet, or have changed and the news of it are on their way.
      const { sender } = recordOf(event)
      if (typeof sender === 'string') await machine.updateTrackedUsers(userIds([sender]))
      await outgoing.sendDue()
      return decryptOnce(machine, room, event)
    },

    async trackMembers(users) {
      await machine.updateTrackedUsers(userIds(users))
      await outgoing.sendDue()
    },
  }
}

async function decryptOnce(machine: OlmMachine, room: string, event: unknown): Promise<Decryption> {
  const { session_id: id } = recordOf(recordOf(event).content)
  const session = typeof id === 'string' ? id.slice(0, 100) : ''
  const unreadable = (reason: UnreadableReason): Decryption => ({ readable: false, reason, session })
  let roomId: RoomId
  try {
    roomId = new RoomId(room)
  } catch {
    return unreadable('malformed')
  }
  try {
    const settings = new DecryptionSettings(TrustRequirement.Untrusted)
    const decrypted = await machine.decryptRoomEvent(JSON.stringify(event), roomId, settings)
    const shield = decrypted.shieldState(false)
    const readable = (sender: 'cross-signed' | 'unauthenticated'): Decryption => ({
      readable: true,
      event: recordOf(JSON.parse(decrypted.event)),
      session,
      sender,
    })
    switch (shield.code) {
      case undefined:
        return readable('cross-signed')
      case ShieldStateCode.AuthenticityNotGuaranteed:
        return readable('unauthenticated')
      case ShieldStateCode.MismatchedSender:
        return unreadable('malformed')
      default:
        return unreadable('unsigned-device')
    }
  } catch (error) {
    return unreadable(reasonOf(error))
  }
}

function reasonOf(error: unknown): UnreadableReason {
  if (!(error instanceof MegolmDecryptionError)) return 'malformed'
  switch (error.code) {
    case DecryptionErrorCode.MissingRoomKey:
    case DecryptionErrorCode.UnknownMessageIndex:
      return error.withheldCode === undefined ? 'missing-key' : 'withheld'
    case DecryptionErrorCode.UnknownSenderDevice:
    case DecryptionErrorCode.UnsignedSenderDevice:
    case DecryptionErrorCode.SenderIdentityVerificationViolation:
      return 'unsigned-device'
    default:
      return 'malformed'
  }
}
