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
  /**
   * To be called when everything up to this message is durable. Of a channel that is known it is written down a
   * moment later, with others: what is read once more then is known by its ids.
   */
  advance(place: Place): Promise<void>
  leave(place: Place): Promise<void>
  forget(channel: string): Promise<void>
  /** Resolves when everything is written down, or could not be: then it is read once more. */
  settled(): Promise<void>
}

const writtenAfterMs = 1_000

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

  /** Channels that have moved on since they were written down. */
  const moved = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  /** What is written later must not be overtaken by what was meant before. */
  function inOrder(work: () => Promise<void>): Promise<void> {
    const mine = writing.then(work)
    writing = mine.catch(() => undefined)
    return mine
  }

  const encode = ({ channel, ...rest }: Place) => ({
    collection,
    key: channel,
    value: Buffer.from(JSON.stringify(rest)),
  })

  const write = (place: Place) =>
    inOrder(async () => {
      await records.write(account, [encode(place)])
      known.set(place.channel, place)
      moved.delete(place.channel)
    })

  async function writeMoved(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const channels = [...moved]
    moved.clear()
    try {
      await records.write(account, channels.flatMap((channel) => known.get(channel) ?? []).map(encode))
    } catch (error) {
      for (const channel of channels) moved.add(channel)
      throw error
    }
  }

  function writeLater(): void {
    timer ??= setTimeout(() => void inOrder(writeMoved).catch(writeLater), writtenAfterMs).unref()
  }

  return {
    get all() {
      return [...known.values()]
    },
    find: (channel) => known.get(channel),
    async advance(place) {
      const before = known.get(place.channel)
      if (before === undefined || before.left === true) return await write(place)
      if (!isLater(place.last, before.last)) return
      known.set(place.channel, place)
      moved.add(place.channel)
      writeLater()
    },
    leave: (place) => write({ ...place, left: true }),
    forget: (channel) =>
      inOrder(async () => {
        await records.write(account, [{ collection, key: channel, value: undefined }])
        known.delete(channel)
        moved.delete(channel)
      }),
    settled: () => inOrder(writeMoved).catch(() => undefined),
  }
}

/** A channel of a server is a group, whoever reads it. Threads are channels of their own on Discord. */
export const roomOf = (channel: string, guild: string | undefined): RoomReference => ({
  externalId: externalId(channel),
  kind: (guild === undefined ? 'direct' : 'group') satisfies RoomKind,
})
