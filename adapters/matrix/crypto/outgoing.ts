import { type OlmMachine, type OutgoingRequest, RequestType } from '@matrix-org/matrix-sdk-crypto-wasm'
import { accepted, type Method, type SendRequest } from './homeserver.ts'
import type { Locks } from './locks.ts'

/** What the machine wants to have sent. */
export interface Outgoing {
  /** Sends one request and tells the machine. Throws what the homeserver or the way to it has against it. */
  send(request: OutgoingRequest): Promise<void>
  /** Everything that is due now. One that fails does not hold up the others; the first failure is thrown. */
  sendDue(): Promise<void>
}

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
    case RequestType.RoomMessage: {
      const {
        room_id: room,
        event_type: type,
        txn_id: transaction,
      } = request as {
        room_id: string
        event_type: string
        txn_id: string
      }
      const path = `${client}/rooms/${encodeURIComponent(room)}/send/${encodeURIComponent(type)}/${encodeURIComponent(transaction)}`
      return { method: 'PUT', path, what: 'a message' }
    }
    default:
      throw new TypeError('a request of a kind that is not known')
  }
}

export function createOutgoing(
  machine: OlmMachine,
  request: SendRequest,
  locks: Locks,
  signal: AbortSignal,
): Outgoing {
  const send = async (outgoing: OutgoingRequest): Promise<void> => {
    const { method, path, what } = callOf(outgoing)
    const body: unknown = JSON.parse(outgoing.body)
    const said = accepted(await request(method, path, body, signal), what)
    if (outgoing.id !== undefined)
      await machine.markRequestAsSent(outgoing.id, outgoing.type, JSON.stringify(said))
  }
  return {
    send,
    sendDue: () =>
      locks.run('outgoing', async () => {
        const failures: unknown[] = []
        for (const due of await machine.outgoingRequests()) {
          await send(due).catch((error: unknown) => failures.push(error))
        }
        if (failures.length > 0) throw failures[0]
      }),
  }
}
