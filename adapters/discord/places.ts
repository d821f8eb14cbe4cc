import type { RoomKind } from '../../src/core/conversation.ts'
import type { RoomReference } from '../../src/core/events.ts'
import { type AccountId, externalId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { isOnShard, type Shard } from './shards.ts'
import { isLater, isSnowflake } from './snowflake.ts'

const collection = 'places'

/** A channel in which something was said, and how far it has been taken. */
export interface Place {
  readonly channel: string
  /** Undefined: a direct conversation. */
  readonly guild: string | undefined
  /** The last message that was taken. */
  readonly last: string
  /** The account was put out of it. */
  readonly left?: boolean
}

/** Where each channel stands: Discord tells a bot of no direct conversation, and of nothing twice. */
export interface Places {
  readonly all: readonly Place[]
  find(channel: string): Place | undefined
  /** To be called when everything up to this message is durable. */
  advance(place: Place): Promise<void>
  leave(place: Place): Promise<void>
  forget(channel: string): Promise<void>
}

/** As they are written down; `shard`: those of its channels alone. Throws `HearthError`. */
export async function readPlaces(
  account: AccountId,
  records: AccountRecords,
  shard: Shard | undefined,
): Promise<Places> {
  const known = new Map<string, Place>(
    [...(await records.read(account, collection))].flatMap(([channel, value]) => {
      const { guild, last, left } = JSON.parse(Buffer.from(value).toString()) as Partial<Place>
      if (last === undefined || !isSnowflake(last)) return []
      if (shard !== undefined && !isOnShard(guild, shard)) return []
      return [[channel, { channel, guild, last, ...(left === true && { left }) }] as const]
    }),
  )

  async function write(place: Place): Promise<void> {
    const { channel, ...rest } = place
    await records.write(account, [{ collection, key: channel, value: Buffer.from(JSON.stringify(rest)) }])
    known.set(channel, place)
  }

  return {
    get all() {
      return [...known.values()]
    },
    find: (channel) => known.get(channel),
    async advance(place) {
      const before = known.get(place.channel)
      if (before === undefined || before.left === true || isLater(place.last, before.last)) await write(place)
    },
    leave: (place) => write({ ...place, left: true }),
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
