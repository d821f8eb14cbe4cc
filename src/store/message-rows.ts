import type { SQL } from 'drizzle-orm'
import type { Room } from '../core/conversation.ts'
import type { ExternalId } from '../core/ids.ts'
import type { Place } from '../vault/seal.ts'
import type { StoreContext } from './context.ts'
import { sql } from './drizzle.ts'
import { now } from './time.ts'

export const recalledPlace = (row: string): Place => ({ table: 'messages', column: 'recalled', row })
export const madePlace = (row: string): Place => ({ table: 'messages', column: 'made', row })
export const contentPlace = (row: string): Place => ({ table: 'messages', column: 'content', row })
export const externalIdPlace = (row: string): Place => ({ table: 'messages', column: 'external_id', row })

export function messageLookup({ vault }: StoreContext, room: Room, externalId: ExternalId): Uint8Array {
  return vault.lookup({ kind: 'message', account: room.namedBy, room: room.externalId, externalId })
}

/** Platforms' clocks are not ours: what is no time at all becomes the time at which it came. */
export function saidAt(at: Date): SQL {
  return Number.isNaN(at.getTime()) ? now : sql`${at.toISOString()}`
}
