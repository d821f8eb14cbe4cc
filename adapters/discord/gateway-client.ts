import { Client, DefaultRestOptions, GatewayIntentBits, Options } from 'discord.js'
import { inTurn, WatchedSharding } from './connections.ts'
import type { Pacer } from './pacer.ts'
import type { Shard, ShardShare } from './shards.ts'

export interface ClientChoice {
  /** Where Discord's API is; undefined: at Discord. */
  readonly api: string | undefined
  /** True where messages of servers are read too: Discord wants a switch to be set for that. */
  readonly servers: boolean
  /** Undefined: all of them, as many as Discord recommends. */
  readonly shard: Shard | undefined
  /** As `ShardShare`; undefined: nobody else begins sessions of this bot. */
  readonly awaitTurn: ShardShare['awaitTurn'] | undefined
  /** Of all requests of the bot. */
  readonly pacer: Pick<Pacer, 'count'>
}

const direct = [GatewayIntentBits.DirectMessages, GatewayIntentBits.DirectMessageReactions]
const inServers = [
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.MessageContent,
]

/**
 * A client of discord.js that asks for no more than what is read, and keeps no more than that. `ended`: from then on
 * it begins no connection.
 */
export function openClient(
  { api, servers, shard, awaitTurn, pacer }: ClientChoice,
  ended: AbortSignal,
): Client {
  /** The library asks for the gateway's address by itself. */
  const makeRequest: typeof DefaultRestOptions.makeRequest = async (url, init) => {
    const over = pacer.count()
    let answered = false
    try {
      const response = await DefaultRestOptions.makeRequest(url, init)
      answered = true
      return response
    } finally {
      over(answered)
    }
  }

  return new Client({
    intents: [GatewayIntentBits.Guilds, ...direct, ...(servers ? inServers : [])],
    shards: 'auto',
    ws: {
      buildStrategy: (manager) => new WatchedSharding(manager, ended),
      ...(awaitTurn !== undefined && { buildIdentifyThrottler: inTurn(awaitTurn) }),
    },
    ...(shard !== undefined && { shards: [shard.id], shardCount: shard.of }),
    rest: { makeRequest, ...(api !== undefined && { api }) },
    // Channels and roles are what names and settings are read from; the rest would only grow.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ReactionManager: 0,
      PresenceManager: 0,
      VoiceStateManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
      GuildMemberManager: { maxSize: 1, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 1, keepOverLimit: (user) => user.id === user.client.user.id },
    }),
  })
}
