import { type APIAttachment, type APIMessage, type APIUser, MessageFlags, MessageType } from 'discord.js'
import { voiceInWords } from '../../src/core/attachment.ts'
import { momentFormat } from '../../src/core/time-format.ts'

/** What a message of Discord says, for somebody who reads words alone. */
export interface NamesFor {
  /** Undefined where it is not known. */
  channel(id: string): string | undefined
  role(id: string): string | undefined
}

const nameMost = 80

/** How a person is called: in this server, else everywhere. */
export function displayNameOf(user: APIUser, nick?: string | null): string {
  return nick ?? user.global_name ?? user.username
}

/** True for what a person says themself; not for "… has joined", what is shown to one alone, or other bots. */
export const isSaid = ({ type, author, webhook_id: webhook, flags }: APIMessage): boolean =>
  (type === MessageType.Default || type === MessageType.Reply) &&
  webhook === undefined &&
  author.bot !== true &&
  author.system !== true &&
  !has(flags, MessageFlags.Ephemeral)

/** Everything that the message says, with names in the place of ids. `lost`: attachments that could not be loaded. */
export function toWords(message: APIMessage, names: NamesFor, lost: ReadonlySet<string>): string {
  const forwarded = (message.message_snapshots ?? []).map(({ message: original }) =>
    `[forwarded] ${plainText(original.content, message.mentions, names)}`.trim(),
  )
  return [
    ...message.attachments.map((attachment) =>
      attachmentInWords(attachment, message, lost.has(attachment.id)),
    ),
    ...(message.sticker_items ?? []).map(({ name }) => `[a sticker: ${name.slice(0, nameMost)}]`),
    ...(message.poll === undefined ? [] : [`[a poll: ${message.poll.question.text ?? ''}]`]),
    ...forwarded,
    plainText(message.content, message.mentions, names),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function attachmentInWords(attachment: APIAttachment, message: APIMessage, lost: boolean): string {
  const what = isVoice(message)
    ? voiceInWords(durationMsOf(attachment))
    : isImage(attachment)
      ? 'an image'
      : 'a file'
  const told = lost ? `${what} that could not be loaded` : what
  return isVoice(message) ? `[${told}]` : `[${told}: ${attachment.filename.slice(0, nameMost)}]`
}

export const isVoice = ({ flags }: APIMessage): boolean => has(flags, MessageFlags.IsVoiceMessage)
const has = (flags: number | undefined, flag: MessageFlags): boolean => ((flags ?? 0) & flag) !== 0
export const isImage = ({ content_type: type }: APIAttachment): boolean => type?.startsWith('image/') === true
export const durationMsOf = ({ duration_secs: seconds = 0 }: APIAttachment): number =>
  Math.round(Math.min(Math.max(seconds, 0), 86_400) * 1000)

/**
 * Mentions, custom emoji, spoilers and times, as a reader sees them. Whatever is no id of Discord's stays as
 * it was written.
 */
export function plainText(text: string, mentions: readonly APIUser[], names: NamesFor): string {
  const users = new Map(mentions.map((user) => [user.id, displayNameOf(user)]))
  return text
    .replace(/<@!?(\d{15,20})>/g, (whole, id: string) => (users.has(id) ? `@${users.get(id)}` : whole))
    .replace(/<@&(\d{15,20})>/g, (_, id: string) => `@${names.role(id) ?? 'a role'}`)
    .replace(/<#(\d{15,20})>/g, (_, id: string) => `#${names.channel(id) ?? 'a channel'}`)
    .replace(/<a?:(\w{2,32}):\d{15,20}>/g, ':$1:')
    .replace(/<\/([-\w ]{1,100}):\d{15,20}>/g, '/$1')
    .replace(
      /<t:(-?\d{1,13})(?::[tTdDfFRsS])?>/g,
      (whole, seconds: string) => timeInWords(Number(seconds)) ?? whole,
    )
    .replace(/\|\|([^|]+)\|\|/g, '(spoiler: $1)')
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { ...momentFormat, timeZoneName: 'short' })

function timeInWords(seconds: number): string | undefined {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? undefined : timeFormat.format(time)
}
