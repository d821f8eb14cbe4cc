import {
  EventId,
  type OlmMachine,
  OtherUserIdentity,
  type OutgoingRequest,
  RoomId,
  Sas,
  UserId,
  VerificationMethod,
  type VerificationRequest,
  VerificationRequestPhase,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import { deviceUnknown } from './errors.ts'
import type { Outgoing } from './outgoing.ts'
import type { CryptoNews, RoomEvent, VerificationName } from './protocol.ts'
import { userIds } from './rooms.ts'

const methods = () => [VerificationMethod.SasV1]
/** Flows that are over are told once, and then forgotten with the oldest. */
const endedMost = 100

/**
 * Two people compare seven emoji, here and there; where they are the same, nobody stands in between. Only
 * with users for whom it was asked: what others begin is left to run out.
 *
 *   requested → ready → started → emoji shown → decided here and there → done, or cancelled at any point
 */
export interface Verification {
  /** Waits for these users from now on: answers what they begin. */
  expect(user: string): Promise<void>
  /** A request or a step of one, out of a room. */
  receive(event: RoomEvent): Promise<void>
  /** Goes on with everything that has moved. */
  advance(): Promise<void>
  /** Begins one with a device; or, where a room is named, with whoever holds the user's identity. */
  start(target: { readonly user: string; readonly device: string }): Promise<void>
  startInRoom(
    target: { readonly user: string; readonly room: string },
    send: (room: string, type: string, content: unknown) => Promise<string>,
  ): Promise<void>
  /** What whoever compared the emoji says. */
  decide(decision: VerificationName & { readonly match: boolean }): Promise<void>
}

export function createVerification(
  machine: OlmMachine,
  outgoing: Outgoing,
  tell: (news: CryptoNews) => void,
): Verification {
  const users = new Set<string>()
  const shown = new Set<string>()
  const ended = new Set<string>()
  /** Those under way. The machine forgets one that is over with the next sync, which may come before we look. */
  const underWay = new Map<string, VerificationRequest>()

  const send = async (requests: readonly (OutgoingRequest | undefined)[]) => {
    for (const request of requests) if (request !== undefined) await outgoing.send(request)
  }

  const end = (name: VerificationName, outcome: 'done' | 'cancelled') => {
    ended.add(name.flow)
    shown.delete(name.flow)
    underWay.delete(name.flow)
    for (const oldest of ended) if (ended.size > endedMost) ended.delete(oldest)
    tell({ kind: 'verification-ended', ...name, outcome })
  }

  const advanceSas = async (sas: Sas, name: VerificationName) => {
    if (!sas.weStarted() && !sas.hasBeenAccepted()) await send([sas.accept()])
    const emoji = sas.canBePresented() && !shown.has(name.flow) ? sas.emoji() : undefined
    if (emoji === undefined) return
    shown.add(name.flow)
    const pictures = emoji.map(({ symbol, description }) => ({ symbol, description }))
    tell({ kind: 'emoji', ...name, device: sas.otherDeviceId.toString(), emoji: pictures })
  }

  const advanceOne = async (request: VerificationRequest) => {
    const name = { user: request.otherUserId.toString(), flow: request.flowId }
    if (ended.has(name.flow)) return
    switch (request.phase()) {
      case VerificationRequestPhase.Requested:
        if (!request.weStarted()) await send([request.acceptWithMethods(methods())])
        return
      case VerificationRequestPhase.Ready: {
        // Whoever asked also starts, so that the two do not do it at the same moment.
        const started = request.weStarted() ? await request.startSas() : undefined
        return await send([started?.[1]])
      }
      case VerificationRequestPhase.Transitioned: {
        const sas = request.getVerification()
        return sas instanceof Sas ? await advanceSas(sas, name) : undefined
      }
      case VerificationRequestPhase.Done:
        return end(name, 'done')
      case VerificationRequestPhase.Cancelled:
        return end(name, 'cancelled')
      default:
        return
    }
  }

  const identityOf = async (user: string) => {
    await machine.updateTrackedUsers(userIds([user]))
    await outgoing.sendDue()
    const identity = await machine.getIdentity(new UserId(user))
    if (!(identity instanceof OtherUserIdentity)) throw deviceUnknown(user)
    return identity
  }

  return {
    async expect(user) {
      if (users.has(user)) return
      users.add(user)
      // A step from a device that is not known yet would be passed over.
      await machine.updateTrackedUsers(userIds([user]))
      await outgoing.sendDue()
    },

    async receive({ room, event }) {
      await machine.receiveVerificationEvent(JSON.stringify(event), new RoomId(room))
    },

    async advance() {
      // Some steps need no decision, and the machine has them ready.
      await outgoing.sendDue()
      for (const user of users) {
        for (const request of machine.getVerificationRequests(new UserId(user))) {
          if (!underWay.has(request.flowId)) underWay.set(request.flowId, request)
        }
      }
      for (const request of [...underWay.values()]) await advanceOne(request)
    },

    async start({ user, device: id }) {
      await this.expect(user)
      const devices = await machine.getUserDevices(new UserId(user))
      const device = devices.devices().find(({ deviceId }) => deviceId.toString() === id)
      if (device === undefined) throw deviceUnknown(user)
      await send([device.requestVerification(methods())[1]])
    },

    async startInRoom({ user, room }, sendEvent) {
      users.add(user)
      const identity = await identityOf(user)
      const content: unknown = JSON.parse(identity.verificationRequestContent(methods()))
      const event = await sendEvent(room, 'm.room.message', content)
      identity.requestVerification(new RoomId(room), new EventId(event), methods())
    },

    async decide({ user, flow, match }) {
      const sas = machine.getVerification(new UserId(user), flow)
      if (!(sas instanceof Sas)) return
      await send(match ? await sas.confirm() : [sas.cancelWithCode('m.mismatched_sas')])
      await this.advance()
    },
  }
}
