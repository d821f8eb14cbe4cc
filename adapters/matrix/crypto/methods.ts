import { randomUUID } from 'node:crypto'
import type { OlmMachine, RoomKeyInfo } from '@matrix-org/matrix-sdk-crypto-wasm'
import { createBackup } from './backup.ts'
import { createCrossSigning } from './cross-signing.ts'
import { toPlainError } from './errors.ts'
import { accepted, recordOf, type SendRequest } from './homeserver.ts'
import { createIdentity } from './identity.ts'
import { createLocks } from './locks.ts'
import type { KeptSecrets } from './luggage.ts'
import { createOutgoing, type SendInRoom } from './outgoing.ts'
import type { CryptoMethods, CryptoNews } from './protocol.ts'
import { createRooms } from './rooms.ts'
import { createSecretStorage } from './secret-storage.ts'
import { readStatus } from './status.ts'
import { receiveSync } from './sync.ts'
import { createVerification } from './verification.ts'

/** Everything that the crypto thread does, around one machine. */
export function createMethods(
  machine: OlmMachine,
  request: SendRequest,
  sendInRoom: SendInRoom,
  tell: (news: CryptoNews) => void,
  kept: KeptSecrets,
): CryptoMethods {
  const { signal } = new AbortController()
  const locks = createLocks()
  const outgoing = createOutgoing(machine, request, locks, sendInRoom, signal)
  const rooms = createRooms(machine, outgoing, locks)
  const crossSigning = createCrossSigning(machine, outgoing, request, signal)
  const backup = createBackup(machine, outgoing, request, signal)
  const storage = createSecretStorage(machine.userId.toString(), request, signal)
  const identity = createIdentity(crossSigning, backup, storage, kept)
  const verification = createVerification(machine, outgoing, tell)
  const verify = (work: () => Promise<void>) => locks.run('verification', work)
  /** Identity and backup change one at a time; the uploads of keys wait for them. */
  const alone = <T>(work: () => Promise<T>) => locks.run('identity', work)

  let backupFails = false
  const keepUp = async () => {
    try {
      await alone(backup.keepUp)
      backupFails = false
    } catch (cause) {
      const error = toPlainError(cause)
      if (backupFails || error.retryable || error.code === 'matrix-signed-out') return
      backupFails = true
      tell({ kind: 'backup-failed', error })
    }
  }

  machine.registerRoomKeyUpdatedCallback(async (keys: RoomKeyInfo[]) => {
    tell({
      kind: 'keys-came',
      sessions: keys.map(({ roomId, sessionId }) => ({ room: roomId.toString(), session: sessionId })),
    })
  })

  return {
    ...rooms,
    async receiveSync(changes) {
      await receiveSync(machine, changes)
      // What follows from it need not hold up the sync; what fails now is due again after the next.
      void outgoing.sendDue().catch(() => undefined)
      void keepUp()
      void verify(verification.advance).catch(() => undefined)
    },
    expectVerification: (user) => verify(() => verification.expect(user)),
    receiveVerification: (event) =>
      verify(async () => {
        await verification.receive(event)
        await verification.advance()
      }),
    startVerification: (target) => verify(() => verification.start(target)),
    startVerificationInRoom: (target) =>
      verify(() =>
        verification.startInRoom(target, async (room, type, content) => {
          const transaction = randomUUID()
          const answer = await sendInRoom({ room, type, content: recordOf(content), transaction })
          return String(recordOf(accepted(answer, 'a request for a verification')).event_id)
        }),
      ),
    decideVerification: (decision) => verify(() => verification.decide(decision)),
    setUp: ({ password, recoveryKey }) => alone(() => identity.setUp(password, recoveryKey)),
    recover: ({ recoveryKey }) => alone(() => identity.recover(recoveryKey)),
    reset: ({ password }) => alone(() => identity.reset(password)),
    renewRecoveryKey: () => alone(identity.renewRecoveryKey),
    resetBackup: () => alone(identity.resetBackup),
    fetchKey: ({ room, session }) => backup.fetch(room, session),
    status: () => alone(() => readStatus(machine, crossSigning, backup, storage, request, signal)),
  }
}
