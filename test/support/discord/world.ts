import type {
  APIApplicationCommand,
  APIAttachment,
  APIEmbed,
  APIMessageTopLevelComponent,
  APIOverwrite,
  APIRole,
  ChannelType,
  MessageType,
} from 'discord-api-types/v10'

import { type NewId, snowflakes } from './snowflake.ts'

/** Everything that exists: what the API changes, what a person changes, and what both look at. */

export interface Account {
  readonly id: string
  readonly username: string
  readonly globalName: string | null
  readonly bot: boolean
  /** Those that this account has blocked; `everybody`: it takes no direct messages at all. */
  readonly blocked: Set<string>
  /** Bots that it shares no guild with any more: they cannot write to it either. */
  readonly apart: Set<string>
}

export interface Bot {
  readonly account: Account
  readonly applicationId: string
  readonly name: string
  token: string
  flags: number
  /** The privileged intents that are switched on for it in the developer portal. */
  privileged: number
  readonly sessionStarts: { total: number; remaining: number }
  shards: number
  /** How many sessions may begin at once, each of another remainder of their shards' ids. */
  maxConcurrency: number
  readonly commands: Map<string, APIApplicationCommand>
}

export interface Member {
  readonly account: Account
  readonly roles: Set<string>
  nick: string | null
  readonly joinedAt: Date
}

export interface Guild {
  readonly id: string
  readonly name: string
  readonly ownerId: string
  readonly roles: Map<string, APIRole>
  readonly members: Map<string, Member>
}

export interface Channel {
  readonly id: string
  readonly type: ChannelType
  readonly guild: Guild | undefined
  name: string
  topic: string | null
  nsfw: boolean
  readonly overwrites: Map<string, APIOverwrite>
  /** The two who talk in it, where it is a direct one. */
  readonly recipients: readonly Account[]
  readonly messages: Map<string, Message>
  /** Where it is a thread: the channel that it hangs from, who began it, who takes part. */
  readonly parent: Channel | undefined
  readonly ownerId: string | undefined
  readonly joined: Set<string>
  archived: boolean
  locked: boolean
  lastMessageId: string | null
}

export interface Reaction {
  readonly emoji: { readonly id: string | null; readonly name: string }
  readonly users: Set<string>
}

export interface Message {
  readonly id: string
  readonly channel: Channel
  readonly author: Account
  readonly type: MessageType
  readonly webhook: { readonly id: string; readonly name: string; readonly avatar: string | null } | undefined
  readonly applicationId: string | undefined
  readonly replyTo: Message | undefined
  /** The id stays when the message that was answered is gone. */
  readonly replyToId: string | undefined
  readonly ringsReply: boolean
  /** As it was when it was passed on. */
  readonly forwarded: Omit<Message, 'forwarded'> | undefined
  readonly nonce: string | number | undefined
  readonly interaction: InteractionOrigin | undefined
  /** Only this account sees it. */
  readonly ephemeralFor: Account | undefined
  content: string
  attachments: readonly APIAttachment[]
  embeds: readonly APIEmbed[]
  components: readonly APIMessageTopLevelComponent[]
  mentions: Mentions
  /** Who was rung when it was sent. An edit rings nobody. */
  readonly pinged: ReadonlySet<string>
  flags: number
  editedAt: Date | undefined
  thread: Channel | undefined
  readonly reactions: Map<string, Reaction>
}

export interface InteractionOrigin {
  readonly id: string
  readonly type: number
  readonly name: string | undefined
  readonly user: Account
}

export interface Mentions {
  readonly users: readonly Account[]
  readonly roles: readonly string[]
  readonly everyone: boolean
}

export interface Webhook {
  readonly id: string
  readonly token: string
  readonly channel: Channel
  name: string
  avatar: string | null
  readonly creator: Account
  readonly applicationId: string | null
}

export interface StoredFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** Something that bots may hear of. */
export interface Happening {
  readonly t: string
  /** Any of these bits is enough; 0: nobody has to ask for it. */
  readonly intents: number
  readonly guildId?: string | undefined
  /** Heard by those who see this channel. */
  readonly channel?: Channel
  readonly only?: Bot
  readonly data: (viewer: Viewer) => unknown
}

export interface Viewer {
  readonly bot: Pick<Bot, 'account' | 'applicationId'>
  /** Of the session; 0 over HTTP. */
  readonly intents: number
  readonly seesContent: boolean
}

export interface World {
  readonly newId: NewId
  readonly accounts: Map<string, Account>
  readonly bots: Bot[]
  readonly guilds: Map<string, Guild>
  readonly channels: Map<string, Channel>
  readonly webhooks: Map<string, Webhook>
  readonly files: Map<string, StoredFile>
  readonly typing: { readonly channel: Channel; readonly account: Account; readonly at: Date }[]
  publish(happening: Happening): void
  /** Wakes those who wait for something to be true. */
  changed(): void
  cdnUrl: string
}

export function createWorld(): World {
  return {
    newId: snowflakes(),
    accounts: new Map(),
    bots: [],
    guilds: new Map(),
    channels: new Map(),
    webhooks: new Map(),
    files: new Map(),
    typing: [],
    publish: () => {},
    changed: () => {},
    cdnUrl: '',
  }
}

export const botOf = (world: World, account: Account): Bot | undefined =>
  world.bots.find((bot) => bot.account === account)
