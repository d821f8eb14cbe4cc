import {
  type OlmMachine,
  type OutgoingRequest,
  RequestType,
  type RoomMessageRequest,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import { olderCopy } from './errors.ts'
import { type Answer, accepted, type Method, recordOf, type SendRequest } from './homeserver.ts'
import type { Locks } from './locks.ts'
import type { RoomMessage } from './protocol.ts'

/** What the machine wants to have sent. */
export interface Outgoing {
  /** Sends one request and tells the machine. Throws what the homeserver or the way to it has against it. */
  send(request: OutgoingRequest): Promise<void>
  /** Everything that is due now. One that fails does not hold up the others; the first failure is thrown. */
  sendDue(): Promise<void>
}

/** Puts an event into a room, encrypted where the room is. */
export type SendInRoom = (message: RoomMessage) => Promise<Answer>

interface Call {
  readonly method: Method
  readonly path: string
  readonly what: string
}

const client = '/_matrix/client/v3'

function callOf(request: OutgoingRequest): Call {
  switch (request.type) {
    case RequestType.KeysUpload:
      return { method: 'POST', path: `${client}/keys/upload`, what: 'the device keys' }
    case RequestType.KeysQuery:
      return { method: 'POST', path: `${client}/keys/query`, what: 'a question for device keys' }
    case RequestType.KeysClaim:
      return { method: 'POST', path: `${client}/keys/claim`, what: 'a claim of one-time keys' }
    case RequestType.SignatureUpload:
      return { method: 'POST', path: `${client}/keys/signatures/upload`, what: 'signatures' }
    case RequestType.ToDevice: {
      const { event_type: type, txn_id: transaction } = request as { event_type: string; txn_id: string }
      const path = `${client}/sendToDevice/${encodeURIComponent(type)}/${encodeURIComponent(transaction)}`
      return { method: 'PUT', path, what: 'messages to devices' }
    }
    case RequestType.KeysBackup: {
      const { version } = request as { version: string }
      const path = `${client}/room_keys/keys?version=${encodeURIComponent(version)}`
      return { method: 'PUT', path, what: 'keys for the backup' }
    }
    default:
      throw new TypeError('a request of a kind that is not known')
  }
}

export function createOutgoing(
  machine: OlmMachine,
  request: SendRequest,
  locks: Locks,
  sendInRoom: SendInRoom,
  signal: AbortSignal,
): Outgoing {
  /** Messages for rooms that are being encrypted and sent. */
  const underWay = new Set<string>()

  const answerTo = async (outgoing: OutgoingRequest): Promise<unknown> => {
    const content = recordOf(JSON.parse(outgoing.body))
    if (outgoing.type === RequestType.RoomMessage) {
      const { room_id: room, event_type: type, txn_id: transaction } = outgoing as RoomMessageRequest
      return accepted(await sendInRoom({ room, type, content, transaction }), 'a message')
    }
    const { method, path, what } = callOf(outgoing)
    const answer = await request(method, path, content, signal)
    // It has keys under these ids already: what is here is a copy from before they were made.
    if (outgoing.type === RequestType.KeysUpload && answer.status === 400) throw olderCopy()
    return accepted(answer, what)
  }
  const send = async (outgoing: OutgoingRequest): Promise<void> => {
    const said = await answerTo(outgoing)
    if (outgoing.id !== undefined)
      await machine.markRequestAsSent(outgoing.id, outgoing.type, JSON.stringify(said))
  }
  return {
    send,
    async sendDue() {
      const failures: unknown[] = []
      const fail = (error: unknown) => void failures.push(error)
      const messages: OutgoingRequest[] = []
      await locks.run('outgoing', async () => {
        for (const due of await machine.outgoingRequests()) {
          if (due.type === RequestType.RoomMessage) messages.push(due)
          else await send(due).catch(fail)
        }
      })
      // To be encrypted they need what is due sent, so that they come after it, and not within it again.
      for (const due of messages.filter(({ id }) => id !== undefined && !underWay.has(id))) {
        underWay.add(due.id ?? '')
        await send(due)
          .catch(fail)
          .finally(() => underWay.delete(due.id ?? ''))
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
