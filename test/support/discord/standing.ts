import { sentAt } from '../../../adapters/discord/snowflake.ts'
import type { Adapter } from '../../../src/core/adapter.ts'
import type { ExternalId } from '../../../src/core/ids.ts'
import type { StandingMessages } from '../../../src/core/store.ts'

/** What should stand on Discord, as a store knows it that took what the watched adapters brought, and sent by them. */
export function memoryStanding() {
  const rooms = new Map<ExternalId, Set<ExternalId>>()
  const of = (room: { readonly externalId: ExternalId }): Set<ExternalId> => {
    const ids = rooms.get(room.externalId) ?? new Set()
    rooms.set(room.externalId, ids)
    return ids
  }
  const standing: StandingMessages = {
    since: async (_account, room, since) =>
      [...of(room)].filter((id) => id.startsWith('talk') || sentAt(id) >= since),
  }
  const watch = (adapter: Adapter): Adapter => ({
    ...adapter,
    start: (onEvent, signal) =>
      adapter.start(async (event) => {
        await onEvent(event)
        if (event.kind === 'message') of(event.room).add(event.externalId)
        if (event.kind === 'redaction') of(event.room).delete(event.target)
      }, signal),
    async send(room, content, key, signal) {
      const id = await adapter.send(room, content, key, signal)
      if (content.kind === 'reply') of(room).add(id)
      return id
    },
    async remove(room, message, key, signal) {
      await adapter.remove(room, message, key, signal)
      of(room).delete(message)
    },
  })
  return { standing, watch }
}
