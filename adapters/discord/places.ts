import type { RoomKind } from '../../src/core/conversation.ts'
import type { RoomReference } from '../../src/core/events.ts'
import { type AccountId, externalId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { isLater, isSnowflake } from './snowflake.ts'

const collection = 'places'

/** A channel in which something was said, and how far it has been taken. */
export interface Place {
  readonly channel: string
  /** Undefined: a direct conversation. */
  readonly guild: string | undefined
  /** The last message that was taken. */
  readonly last: string
}

/** Where each channel stands: Discord tells a bot of no direct conversation, and of nothing twice. */
export interface Places {
  readonly all: readonly Place[]
  last(channel: string): string | undefined
  /** To be called when everything up to this message is durable. */
  advance(place: Place): Promise<void>
  forget(channel: string): Promise<void>
}

export async function readPlaces(account: AccountId, records: AccountRecords): Promise<Places> {
  const known = new Map(
    [...(await records.read(account, collection))].flatMap(([channel, value]) => {
      const { guild, last } = JSON.parse(Buffer.from(value).toString()) as Partial<Place>
      return last !== undefined && isSnowflake(last) ? [[channel, { channel, guild, last }] as const] : []
    }),
  )
  return {
    get all() {
      return [...known.values()]
    },
    last: (channel) => known.get(channel)?.last,
    async advance(place) {
      const before = known.get(place.channel)
      if (before !== undefined && !isLater(place.last, before.last)) return
      const { guild, last } = place
      const value = Buffer.from(JSON.stringify({ guild, last }))
      await records.write(account, [{ collection, key: place.channel, value }])
      known.set(place.channel, place)
    },
    async forget(channel) {
      await records.write(account, [{ collection, key: channel, value: undefined }])
      known.delete(channel)
    },
  }
}

/** A channel of a server is a group, whoever reads it. Threads are channels of their own on Discord. */
export const roomOf = (channel: string, guild: string | undefined): RoomReference => ({
  externalId: externalId(channel),
  kind: (guild === undefined ? 'direct' : 'group') satisfies RoomKind,
})
