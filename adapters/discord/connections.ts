import { type Client, type ClientOptions, SimpleShardingStrategy } from 'discord.js'
import type { ShardShare } from './shards.ts'

/** A shard of discord.js, with what it holds and does not show. */
interface LibraryShard {
  readonly connection: {
    readonly readyState: number
    on(event: 'error', listener: () => void): void
    terminate(): void
  } | null
  destroy: (options?: object) => Promise<void>
  internalConnect: () => Promise<void>
}

type Manager = ConstructorParameters<typeof SimpleShardingStrategy>[0]

const connecting = 0

/**
 * discord.js lets go of a connection that is still being made when a shard ends, and of the listener to its
 * errors with it: what goes wrong with it from then on would end the whole process. Here it is ended too, and
 * somebody listens. And where it is told to end while it asks Discord where to connect, or pauses before it does
 * so anew, it goes on and connects: here it does not once it has `ended`.
 */
export class WatchedSharding extends SimpleShardingStrategy {
  readonly #ended: AbortSignal

  constructor(manager: Manager, ended: AbortSignal) {
    super(manager)
    this.#ended = ended
  }

  override async spawn(ids: number[]): Promise<void> {
    await super.spawn(ids)
    const { shards } = this as unknown as { readonly shards: ReadonlyMap<number, LibraryShard> }
    for (const shard of shards.values()) watch(shard, this.#ended)
  }
}

function watch(shard: LibraryShard, ended: AbortSignal): void {
  const connect = shard.internalConnect.bind(shard)
  shard.internalConnect = async () => {
    if (!ended.aborted) await connect()
  }
  const destroy = shard.destroy.bind(shard)
  shard.destroy = async (options) => {
    const { connection } = shard
    connection?.on('error', () => undefined)
    if (connection?.readyState === connecting) connection.terminate()
    await destroy(options)
  }
}

interface PacketHandler {
  handlePacket: (...packet: readonly unknown[]) => boolean
}

/** What discord.js cannot make sense of is passed over: thrown on, it would end the whole process. */
export function watchPackets(client: Client, onError: (error: unknown) => void): void {
  const handler = client.ws as unknown as PacketHandler
  const handle = handler.handlePacket.bind(handler)
  handler.handlePacket = (...packet) => {
    try {
      return handle(...packet)
    } catch (error) {
      onError(error)
      return false
    }
  }
}

/**
 * When a new session may begin, where other clients begin some too. Nothing may be thrown but what the aborted
 * signal throws: on anything else discord.js connects anew, also where it has just been told to end.
 */
export const inTurn =
  (
    awaitTurn: ShardShare['awaitTurn'],
  ): NonNullable<NonNullable<ClientOptions['ws']>['buildIdentifyThrottler']> =>
  async (manager) => {
    const { session_start_limit: limit } = await manager.fetchGatewayInformation()
    return { waitForIdentify: (shard, signal) => awaitTurn(shard % limit.max_concurrency, signal) }
  }
