import { type APIMessage, MessageType } from 'discord.js'
import type { OnEvent } from '../../src/core/adapter.ts'
import { HearthError } from '../../src/core/errors.ts'
import type { SenderReference } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { isNamedIn } from '../../src/core/named.ts'
import type { Doorman } from '../pairing.ts'
import { type Allowed, isAllowedPlace, isNamedPerson } from './allowed.ts'
import { displayNameOf, isSaid, type NamesFor, plainText, toWords } from './decode.ts'
import type { Gateway } from './gateway.ts'
import { downloadMedia } from './media.ts'
import { roomOf } from './places.ts'
import { sentAt } from './snowflake.ts'
import type { Voice } from './voice.ts'

/** A message as the gateway or a page of history brings it. */
export type Incoming = APIMessage & {
  readonly guild_id?: string
  readonly member?: { readonly nick?: string | null; readonly roles?: readonly string[] }
}

const strangersKept = 10_000
/** Whoever has blocked the bot does not want to be told anything. */
const unreachable = new Set(['discord-cannot-write', 'discord-forbidden', 'discord-gone'])

export interface SaidOptions {
  /** Undefined for a guest: a mention of the bot, and what is written to it alone, is not for them. */
  readonly self: string | undefined
  readonly voice: Pick<Voice, 'isOwn'>
  readonly personaName: string
  readonly allowed: Allowed
  /** Channels in which everything is answered. */
  readonly always: readonly string[]
  /** The persona answers in servers only where channels are age-restricted. */
  readonly adult: boolean
  readonly doorman: Doorman
  readonly catchUpMs: number
  /** Where attachments lie; undefined: at Discord. */
  readonly files: string | undefined
  readonly gateway: Pick<Gateway, 'channel' | 'roleName' | 'ownRole'>
  /** Says something to somebody who may not talk. */
  readonly refuse: (channel: string, user: string, text: string, signal: AbortSignal) => Promise<void>
}

/** Hands what people say over to the engine. */
export interface TakeSaid {
  message(message: Incoming, onEvent: OnEvent, signal: AbortSignal): Promise<void>
  edit(message: Incoming, onEvent: OnEvent, signal: AbortSignal): Promise<void>
  /** What was written somewhere else than in a message, with names in the place of ids. */
  inWords(text: string): string
  /** `guild`: undefined in a direct conversation. */
  isHeard(channel: string, guild: string | undefined): boolean
  mayTalk(user: string, roles: readonly string[]): Promise<boolean>
  /** The same, by the configuration alone. */
  isNamed(user: string, roles: readonly string[]): boolean
  /** False where the persona is for adults and the channel is for everybody. */
  maySpeak(channel: string, guild: string | undefined): boolean
}

/** Discord shows to whom it is said, whoever that is. */
const isToSomebody = ({ mentions, mention_roles: roles, mention_everyone: all, type }: Incoming): boolean =>
  mentions.length > 0 || roles.length > 0 || all || type === MessageType.Reply

/** Of a role that not everybody may ring, Discord says nothing beside the words. */
const namesRole = ({ content }: Incoming, role: string | undefined): boolean =>
  role !== undefined && content.includes(`<@&${role}>`)

export function createTakeSaid(options: SaidOptions): TakeSaid {
  const { self, voice, allowed, gateway } = options
  const names: NamesFor = {
    channel: (id) => gateway.channel(id)?.name,
    role: (id) => gateway.roleName(id),
  }
  /** Who was told already that they may not talk, by the words of it: those change with the code. */
  const told = new LruMap<string, string>(strangersKept)

  const isHeard: TakeSaid['isHeard'] = (channel, guild) =>
    guild === undefined
      ? self !== undefined
      : isAllowedPlace(allowed, guild, channel, gateway.channel(channel))
  const maySpeak: TakeSaid['maySpeak'] = (channel, guild) =>
    guild === undefined || !options.adult || gateway.channel(channel)?.ageRestricted === true
  const isNamed: TakeSaid['isNamed'] = (user, roles) => isNamedPerson(allowed, user, roles)
  const mayTalk: TakeSaid['mayTalk'] = async (user, roles) =>
    isNamed(user, roles) || (await options.doorman.mayTalk(user))

  function isAddressed(message: Incoming): boolean {
    const { channel_id: channel, guild_id: guild } = message
    if (guild === undefined || options.always.includes(channel)) return true
    if (message.mentions.some(({ id }) => id === self)) return true
    if (self !== undefined && namesRole(message, gateway.ownRole(guild))) return true
    if (message.referenced_message != null && voice.isOwn(message.referenced_message)) return true
    const facts = gateway.channel(channel)
    if (
      (self !== undefined && facts?.owner === self) ||
      (facts?.parent !== undefined && options.always.includes(facts.parent))
    )
      return true
    return isNamedIn(message.content, [options.personaName])
  }

  const senderOf = ({ author, member }: Incoming): SenderReference => ({
    externalId: externalId(author.id),
    displayName: displayNameOf(author, member?.nick),
  })

  async function refuse({ channel_id: channel, author }: Incoming, signal: AbortSignal): Promise<void> {
    const text = await options.doorman.refusal(author.id)
    if (told.get(author.id) === text) return
    await options.refuse(channel, author.id, text, signal).catch((error: unknown) => {
      if (!(error instanceof HearthError) || !unreachable.has(error.code)) throw error
    })
    told.set(author.id, text)
  }

  return {
    inWords: (text) => plainText(text, [], names),
    isHeard,
    mayTalk,
    isNamed,
    maySpeak,

    async message(message, onEvent, signal) {
      const { channel_id: channel, guild_id: guild } = message
      if (!isSaid(message) || !isHeard(channel, guild)) return
      const may = await mayTalk(message.author.id, message.member?.roles ?? [])
      const at = sentAt(message.id)
      const stale = Date.now() - at.getTime() > options.catchUpMs
      // What strangers write to the bot alone is not kept at all.
      if (!may && guild === undefined) return stale ? undefined : await refuse(message, signal)
      const media = may && !stale ? await downloadMedia(message, options.files, signal) : undefined
      const text = toWords(message, names, media?.lost ?? new Set())
      const barred = !maySpeak(channel, guild)
      const mayBeAnswered = may && !stale && !barred
      const unanswered = !mayBeAnswered || !isAddressed(message)
      await onEvent({
        kind: 'message',
        room: roomOf(channel, guild),
        sender: senderOf(message),
        at,
        externalId: externalId(message.id),
        text,
        ...(media !== undefined && media.attachments.length > 0 && { attachments: media.attachments }),
        ...(unanswered && { unanswered: true }),
        ...(unanswered && mayBeAnswered && !isToSomebody(message) && { toAll: true }),
        ...(barred && { barred: true }),
      })
    },

    async edit(message, onEvent) {
      const { channel_id: channel, guild_id: guild, edited_timestamp: edited } = message
      // Discord also tells of links that it has looked up.
      if (edited == null || !isSaid(message) || !isHeard(channel, guild)) return
      const may = await mayTalk(message.author.id, message.member?.roles ?? [])
      const unanswered = !may || !maySpeak(channel, guild)
      await onEvent({
        kind: 'edit',
        room: roomOf(channel, guild),
        sender: senderOf(message),
        at: new Date(edited),
        externalId: externalId(`${message.id} ${edited}`),
        target: externalId(message.id),
        text: toWords(message, names, new Set()),
        ...(unanswered && { unanswered }),
      })
    },
  }
}
