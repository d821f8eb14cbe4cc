import {
  type APIAttachment,
  type APIMessage,
  type APIMessageSnapshotFields,
  type APIUser,
  MessageFlags,
  MessageType,
} from 'discord.js'
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
  const forwarded = forwardedIn(message).map((original) =>
    `[forwarded] ${partInWords(original, [], original.mentions ?? message.mentions, names, lost)}`.trim(),
  )
  const poll = message.poll === undefined ? [] : [`[a poll: ${message.poll.question.text ?? ''}]`]
  return partInWords(message, [...poll, ...forwarded], message.mentions, names, lost)
}

/** In a server the gateway tells how they are called there, too. */
type Mentioned = APIUser & { readonly member?: { readonly nick?: string | null } }

/** What somebody wrote, or has passed on. */
type Part = Pick<APIMessageSnapshotFields, 'attachments' | 'content' | 'flags' | 'sticker_items'>

/** What the message passes on: it stands there without its author. */
export const forwardedIn = ({
  message_snapshots: snapshots = [],
}: APIMessage): readonly APIMessageSnapshotFields[] => snapshots.map(({ message }) => message)

function partInWords(
  part: Part,
  more: readonly string[],
  mentions: readonly Mentioned[],
  names: NamesFor,
  lost: ReadonlySet<string>,
): string {
  return [
    ...part.attachments.map((attachment) => attachmentInWords(attachment, part, lost.has(attachment.id))),
    ...(part.sticker_items ?? []).map(({ name }) => `[a sticker: ${name.slice(0, nameMost)}]`),
    ...more,
    plainText(part.content, mentions, names),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function attachmentInWords(attachment: APIAttachment, part: Part, lost: boolean): string {
  const what = isVoice(part)
    ? voiceInWords(durationMsOf(attachment))
    : isImage(attachment)
      ? 'an image'
      : 'a file'
  const told = lost ? `${what} that could not be loaded` : what
  return isVoice(part) ? `[${told}]` : `[${told}: ${attachment.filename.slice(0, nameMost)}]`
}

export const isVoice = ({ flags }: Pick<APIMessage, 'flags'>): boolean =>
  has(flags, MessageFlags.IsVoiceMessage)
const has = (flags: number | undefined, flag: MessageFlags): boolean => ((flags ?? 0) & flag) !== 0
export const isImage = ({ content_type: type }: APIAttachment): boolean => type?.startsWith('image/') === true
export const durationMsOf = ({ duration_secs: seconds = 0 }: APIAttachment): number =>
  Math.round(Math.min(Math.max(seconds, 0), 86_400) * 1000)

/** Between backticks two strokes are what they are in a program. */
const code = /```(?:(?!```)[\s\S])*```|`[^`\n]+`/.source
const spoiler = new RegExp(`(${code})|\\|\\|((?:${code}|(?!\\|\\||${code})[\\s\\S])+)\\|\\|`, 'g')

/**
 * Mentions, custom emoji, spoilers and times, as a reader sees them. Whatever is no id of Discord's stays as
 * it was written.
 */
export function plainText(text: string, mentions: readonly Mentioned[], names: NamesFor): string {
  const users = new Map(mentions.map((user) => [user.id, displayNameOf(user, user.member?.nick)]))
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
    .replace(spoiler, (_, code: string | undefined, hidden: string) => code ?? `(spoiler: ${hidden})`)
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { ...momentFormat, timeZoneName: 'short' })

function timeInWords(seconds: number): string | undefined {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? undefined : timeFormat.format(time)
}
