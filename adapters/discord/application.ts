import {
  ApplicationFlagsBitField,
  OAuth2Scopes,
  PermissionFlagsBits,
  PermissionsBitField,
  Routes,
} from 'discord.js'
import { commandNames } from './commands.ts'
import { type CallDiscord, openRest, type RestOptions } from './rest.ts'
import { botIdOf } from './token.ts'

/** What a bot needs in a server. */
const permissions = [
  PermissionFlagsBits.ViewChannel,
  PermissionFlagsBits.SendMessages,
  PermissionFlagsBits.SendMessagesInThreads,
  PermissionFlagsBits.ReadMessageHistory,
  PermissionFlagsBits.AttachFiles,
  PermissionFlagsBits.AddReactions,
]

export interface Application {
  readonly id: string
  readonly name: string
  /** The Message Content Intent is switched on. */
  readonly readsServers: boolean
  /** Every command of Hearth's is on offer. */
  readonly offersCommands: boolean
}

/** What Discord knows of the bot. Throws `HearthError`: `discord-no-token`, `discord-wrong-token`, `discord-away`. */
export async function askApplication(options: RestOptions, signal: AbortSignal): Promise<Application> {
  botIdOf(options.token)
  const ended = new AbortController()
  try {
    return await askWith(openRest(options, ended.signal), signal)
  } finally {
    ended.abort()
  }
}

async function askWith(call: CallDiscord, signal: AbortSignal): Promise<Application> {
  const what = 'look itself up'
  const { id, name, flags } = await call<{
    readonly id: string
    readonly name: string
    readonly flags?: number
  }>('get', Routes.currentApplication(), what, signal)
  const offered = await call<readonly { readonly name: string }[]>(
    'get',
    Routes.applicationCommands(id),
    what,
    signal,
  )
  const names = new Set(offered.map((command) => command.name))
  return {
    id,
    name,
    readsServers: new ApplicationFlagsBitField(flags ?? 0).any([
      'GatewayMessageContent',
      'GatewayMessageContentLimited',
    ]),
    offersCommands: commandNames.every((each) => names.has(each)),
  }
}

/**
 * The pages on which somebody adds the bot: to a server, and to their own account, which needs no server.
 * `withGuests`: others speak through it.
 */
export function inviteLinks(
  application: string,
  withGuests: boolean,
): { readonly server: string; readonly person: string } {
  const link = (query: Readonly<Record<string, string>>) =>
    `https://discord.com/oauth2/authorize?${new URLSearchParams({ client_id: application, ...query })}`
  const needed = [...permissions, ...(withGuests ? [PermissionFlagsBits.ManageWebhooks] : [])]
  return {
    server: link({
      scope: `${OAuth2Scopes.Bot} ${OAuth2Scopes.ApplicationsCommands}`,
      permissions: new PermissionsBitField(needed).bitfield.toString(),
      integration_type: '0',
    }),
    person: link({ scope: OAuth2Scopes.ApplicationsCommands, integration_type: '1' }),
  }
}
