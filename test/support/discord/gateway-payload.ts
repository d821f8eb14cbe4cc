import { GatewayCloseCodes } from 'discord-api-types/v10'
import type { RawData } from 'ws'

/** What a client may send, and how it is read. */

const maxPayloadBytes = 4096

export const tokenOf = (d: unknown): unknown => (d as { token?: unknown } | null)?.token

export interface Identify {
  readonly token: string
  readonly intents: number
  readonly shard?: readonly [number, number]
}

export interface Resume {
  readonly token: string
  readonly session_id: string
  readonly seq: number
}

export function unspeakable(query: URLSearchParams): GatewayCloseCodes | undefined {
  if (query.get('v') !== '10' && query.get('v') !== '9') return GatewayCloseCodes.InvalidAPIVersion
  const plain = (query.get('encoding') ?? 'json') === 'json' && !query.has('compress')
  return plain ? undefined : GatewayCloseCodes.DecodeError
}

/** Those that a client may send. Voice, presence, sounds and channel statuses are taken, and nothing comes of it. */
export const knownOpcodes = new Set<number>([3, 4, 8, 31, 43])

export function decode(data: RawData): { readonly op: number; readonly d: unknown } | undefined {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
  if (bytes.length > maxPayloadBytes) return undefined
  try {
    const payload = JSON.parse(bytes.toString()) as { op?: unknown; d?: unknown } | null
    return typeof payload?.op === 'number' ? { op: payload.op, d: payload.d } : undefined
  } catch {
    return undefined
  }
}
