import { setTimeout as sleep } from 'node:timers/promises'
import {
  type APIChannel,
  type Client,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayDispatchEvents,
  type GatewayDispatchPayload,
} from 'discord.js'
import { HearthError } from '../../src/core/errors.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { watchPackets } from './connections.ts'
import { closedForGood, discordAway, sessionsUsedUp, wrongToken } from './errors.ts'
import { type ClientChoice, openClient } from './gateway-client.ts'
import type { TellNews } from './news.ts'

export interface GatewayOptions extends ClientChoice {
  readonly token: string
  readonly tell: TellNews
}

type TakePacket = (packet: GatewayDispatchPayload) => void

/** What is known of a channel, as Discord tells it without being asked. */
export interface ChannelFacts {
  readonly name: string
  /** Of a thread: the channel that it stands in. */
  readonly parent: string | undefined
  /** Of a thread: who began it. */
  readonly owner: string | undefined
  readonly ageRestricted: boolean
}

export interface Gateway {
  /**
   * Connects, and stays connected, until the signal aborts. Throws `HearthError` where Discord wants no more
   * of it: `discord-wrong-token`, `discord-intent-missing`.
   */
  follow(take: TakePacket, signal: AbortSignal): Promise<void>
  channel(id: string): ChannelFacts | undefined
  /** What Discord says of a channel when it is asked. */
  learn(channel: APIChannel): void
  roleName(id: string): string | undefined
  /** The role in this server that Discord has made for the bot itself, where it has one. */
  ownRole(guild: string): string | undefined
}

const channelsLearned = 10_000
/** A connection that comes back at once is no news. */
const troubledAfterMs = 15_000
/** discord.js waits for ever where it is told to end while it connects anew. */
const endMostMs = 2_000
const retry = { firstMs: 1_000, mostMs: 60_000 }

export function createGateway(options: GatewayOptions): Gateway {
  const { token, tell } = options
  let client: Client | undefined
  /** Channels that Discord does not tell of by itself. */
  const learned = new LruMap<string, ChannelFacts>(channelsLearned)

  function channel(id: string): ChannelFacts | undefined {
    const found = client?.channels.cache.get(id)
    if (found === undefined || found.isDMBased()) {
      const facts = learned.get(id)
      if (facts?.parent === undefined) return facts
      return { ...facts, ageRestricted: channel(facts.parent)?.ageRestricted === true }
    }
    const thread = found.isThread()
    const parent = thread ? found.parent : found
    return {
      name: found.name,
      parent: thread ? (found.parentId ?? undefined) : undefined,
      owner: thread ? (found.ownerId ?? undefined) : undefined,
      ageRestricted: parent !== null && 'nsfw' in parent && parent.nsfw === true,
    }
  }

  function learn(told: APIChannel): void {
    const isThread = 'thread_metadata' in told
    learned.set(told.id, {
      name: told.name ?? '',
      parent: isThread ? (told.parent_id ?? undefined) : undefined,
      owner: 'owner_id' in told ? told.owner_id : undefined,
      ageRestricted: 'nsfw' in told && told.nsfw === true,
    })
  }

  /** One life of a client: until it ends for good, or the signal comes. */
  async function live(
    opened: Client,
    ended: AbortController,
    take: TakePacket,
    signal: AbortSignal,
    onReady: () => void,
  ): Promise<void> {
    const { promise: over, resolve: stop, reject: fail } = Promise.withResolvers<void>()
    /** By shard. */
    const troubles = new Map<number, NodeJS.Timeout>()
    const passOver = (error: unknown): void => tell({ kind: 'passed-over', error })
    const well = (shard: number): void => {
      clearTimeout(troubles.get(shard))
      troubles.delete(shard)
      if (troubles.size === 0) tell({ kind: 'answering' })
    }
    const onAbort = (): void => stop()
    signal.addEventListener('abort', onAbort, { once: true })
    watchPackets(opened, passOver)
    opened.on(Events.Raw, (packet: GatewayDispatchPayload) => {
      if (packet.t === GatewayDispatchEvents.Ready) onReady()
      try {
        // The library takes in none while it waits for servers, and lets go of those that rest.
        if (
          packet.t === GatewayDispatchEvents.ThreadCreate ||
          packet.t === GatewayDispatchEvents.ThreadUpdate
        )
          learn(packet.d)
        take(packet)
      } catch (error) {
        passOver(error)
      }
    })
    opened.on(Events.ShardReady, well)
    opened.on(Events.ShardResume, well)
    opened.on(Events.ShardReconnecting, (shard) => {
      if (troubles.has(shard)) return
      const late = () => tell({ kind: 'troubled', error: discordAway() })
      troubles.set(shard, setTimeout(late, troubledAfterMs))
    })
    opened.on(Events.ShardDisconnect, ({ code }) => fail(closedForGood(code)))
    // What breaks is mended by itself, or closes for good; without a listener it would end the process.
    opened.on(Events.Error, () => undefined)
    opened.on(Events.ShardError, () => undefined)
    try {
      opened.login(token).catch(fail)
      await over
    } finally {
      // discord.js tells of the end that follows as if it would connect anew.
      opened.removeAllListeners(Events.ShardReconnecting)
      for (const timer of troubles.values()) clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      ended.abort()
      await Promise.race([
        opened.destroy().catch(() => undefined),
        sleep(endMostMs, undefined, { ref: false }),
      ])
    }
  }

  return {
    async follow(take, signal) {
      for (let failures = 0; !signal.aborted; ) {
        const ended = new AbortController()
        client = openClient(options, ended.signal)
        try {
          await live(client, ended, take, signal, () => {
            failures = 0
          })
        } catch (error) {
          if (isWrongToken(error)) throw wrongToken()
          if (error instanceof HearthError) throw error
          // Everything else that a login fails with passes: the network, a server that is out of order.
          tell({ kind: 'troubled', error: (isUsedUp(error) ? sessionsUsedUp : discordAway)(error) })
          const waitMs = Math.min(retry.firstMs * 2 ** failures++, retry.mostMs)
          await sleep(waitMs, undefined, { signal }).catch(() => undefined)
        }
      }
    },
    channel,
    learn,
    ownRole(guild) {
      const bot = client?.user
      return bot == null ? undefined : client?.guilds.cache.get(guild)?.roles.botRoleFor(bot)?.id
    },
    roleName: (id) =>
      client?.guilds.cache.map((guild) => guild.roles.cache.get(id)?.name).find((name) => name !== undefined),
  }
}

const isWrongToken = (error: unknown): boolean =>
  error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid

/** The library has only words for it. */
const isUsedUp = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Not enough sessions remaining')
