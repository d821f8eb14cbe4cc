import { connectDiscord, type DiscordOptions } from '../../../adapters/discord/connect.ts'
import type { DiscordNews } from '../../../adapters/discord/news.ts'
import { discordAccountId } from '../../../adapters/discord/token.ts'
import { createDoorman } from '../../../adapters/pairing.ts'
import type { Adapter, OnEvent } from '../../../src/core/adapter.ts'
import type { InboundEvent } from '../../../src/core/events.ts'
import { memoryRecords } from '../matrix/records.ts'
import type { Discord } from './discord.ts'
import { memoryStanding } from './standing.ts'
import type { Bot } from './world.ts'

export const everybody = { users: ['*'], roles: [], guilds: [], channels: [] }

/** A bot of Hearth's on the double, with what it has written down; `connect` as a process that starts does. */
export function makeAccount(discord: Discord, bot: Bot, options: Partial<DiscordOptions> = {}) {
  const account = { id: discordAccountId(bot.token), platform: 'discord' } as const
  const records = memoryRecords()
  const { standing, watch } = memoryStanding()
  const news: DiscordNews[] = []
  const connectAll = (more: Partial<DiscordOptions> = {}): readonly [Adapter, ...Adapter[]] =>
    connectDiscord({
      account,
      token: bot.token,
      api: discord.apiUrl,
      files: discord.cdnUrl,
      records,
      standing,
      personaName: 'Mira',
      guests: [],
      doorman: createDoorman(account.id, records, () => false, 'write to me again'),
      allowed: everybody,
      always: [],
      adult: false,
      catchUpMs: 60 * 60_000,
      share: undefined,
      tell: (each) => news.push(each),
      ...options,
      ...more,
    })
  /** Without guests. */
  const connect = (more: Partial<DiscordOptions> = {}): Adapter => watch(connectAll(more)[0])
  return { account, records, news, connect, connectAll }
}

export interface Listening extends AsyncDisposable {
  readonly adapter: Adapter
  readonly events: InboundEvent[]
  of<Kind extends InboundEvent['kind']>(kind: Kind): Extract<InboundEvent, { kind: Kind }>[]
  /** How `start` ended. */
  readonly ended: Promise<void>
}

/** Started, and connected. */
export async function listen(
  discord: Discord,
  bot: Bot,
  adapter: Adapter,
  onEvent?: OnEvent,
): Promise<Listening> {
  const [listening] = await listenAll(discord, bot, [adapter], onEvent)
  if (listening === undefined) throw new Error('Nobody listens.')
  return listening
}

/** The bot itself, and its guests. */
export async function listenAll(
  discord: Discord,
  bot: Bot,
  adapters: readonly Adapter[],
  onEvent?: OnEvent,
): Promise<readonly Listening[]> {
  const listening = adapters.map((adapter) => begin(adapter, onEvent))
  const connected = discord.until(() => discord.gateway.connected(bot) > 0, 20_000)
  await Promise.race([...listening.map(({ ended }) => ended), connected])
  return listening
}

function begin(adapter: Adapter, onEvent: OnEvent | undefined): Listening {
  const stop = new AbortController()
  const events: InboundEvent[] = []
  const ended = adapter.start(async (event) => {
    await onEvent?.(event)
    events.push(event)
  }, stop.signal)
  ended.catch(() => undefined)
  return {
    adapter,
    events,
    of: (kind) => events.filter((event) => event.kind === kind) as never,
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended.catch(() => undefined)
      await adapter[Symbol.asyncDispose]()
    },
  }
}
