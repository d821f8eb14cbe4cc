import { Client, type ClientOptions, GatewayIntentBits, Partials } from 'discord.js'

import type { Discord } from './discord.ts'
import type { Bot } from './world.ts'

const intents = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.GuildMessageTyping,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.DirectMessageReactions,
  GatewayIntentBits.DirectMessageTyping,
  GatewayIntentBits.MessageContent,
]

export function createClient(discord: Discord, options: Partial<ClientOptions> = {}): Client {
  const { apiUrl, cdnUrl } = discord
  return new Client({
    intents,
    partials: [Partials.Channel, Partials.Message, Partials.Reaction],
    allowedMentions: { parse: [], repliedUser: false },
    ...options,
    rest: { api: apiUrl, cdn: cdnUrl, mediaProxy: cdnUrl, ...options.rest },
  })
}

export interface Connected extends AsyncDisposable {
  readonly client: Client<true>
}

/** A real discord.js, as a bot that has just started. */
export async function connect(
  discord: Discord,
  bot: Bot,
  options: Partial<ClientOptions> = {},
): Promise<Connected> {
  const client = createClient(discord, options)
  // Without a listener an error would end the process.
  client.on('error', () => {})
  const ready = new Promise<void>((resolve) => client.once('clientReady', () => resolve()))
  await client.login(bot.token)
  await ready
  return { client: client as Client<true>, [Symbol.asyncDispose]: () => client.destroy() }
}
