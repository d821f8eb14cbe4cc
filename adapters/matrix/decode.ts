import { type CommandName, commands } from '../../src/core/events.ts'
import { isId } from './address.ts'
import { recordOf } from './crypto/homeserver.ts'
import { isMediaType, type Media, mediaInWords, mediaOf } from './media-content.ts'

/** What an event of a room's timeline means to us. Nothing in it is trusted: it is what somebody sent. */
export type Decoded =
  | {
      readonly kind: 'message'
      readonly text: string
      readonly thread: string | undefined
      /** The message that it answers. */
      readonly replyTo: string | undefined
      /** The people who are mentioned by id. */
      readonly mentions: readonly string[]
      readonly media: Media | undefined
    }
  | {
      readonly kind: 'command'
      readonly name: CommandName
      /** What follows the name, where the command has parts. */
      readonly text?: string
      readonly thread: string | undefined
      readonly replyTo: string | undefined
      readonly mentions: readonly string[]
    }
  | { readonly kind: 'edit'; readonly target: string; readonly text: string }
  | { readonly kind: 'reaction'; readonly target: string; readonly emoji: string }
  | { readonly kind: 'redaction'; readonly target: string }
  | { readonly kind: 'member'; readonly user: string; readonly membership: string; readonly name: string }
  | { readonly kind: 'upgraded'; readonly replacement: string }
  | { readonly kind: 'encrypted'; readonly session: string }

/** Every event has these, or is passed over. */
export interface EventFrame {
  readonly id: string
  readonly sender: string
  /** By the homeserver's clock. */
  readonly at: Date
  /** Undefined where the homeserver does not tell. */
  readonly ageMs: number | undefined
}

export function frameOf(event: unknown): EventFrame | undefined {
  const { event_id: id, sender, origin_server_ts: sentMs, unsigned } = recordOf(event)
  if (!isId(id) || !isId(sender) || typeof sentMs !== 'number' || Number.isNaN(sentMs)) return undefined
  const { age } = recordOf(unsigned)
  return {
    id,
    sender,
    at: new Date(Math.min(Math.max(sentMs, 0), 8.64e15)),
    ageMs: typeof age === 'number' && age >= 0 ? age : undefined,
  }
}

/** Undefined: nothing that concerns us. Never throws, whatever it is given. */
export function decode(event: unknown): Decoded | undefined {
  const { type, content: anyContent, state_key: stateKey, redacts } = recordOf(event)
  const content = recordOf(anyContent)
  switch (type) {
    case 'm.room.message':
      return decodeMessage(content)
    case 'm.reaction': {
      const { rel_type: relation, event_id: target, key } = recordOf(content['m.relates_to'])
      if (relation !== 'm.annotation' || !isId(target) || typeof key !== 'string') return undefined
      return { kind: 'reaction', target, emoji: key.slice(0, 64) }
    }
    case 'm.room.redaction': {
      const target = content.redacts ?? redacts
      return isId(target) ? { kind: 'redaction', target } : undefined
    }
    case 'm.room.member': {
      const { membership, displayname } = content
      if (!isId(stateKey) || typeof membership !== 'string') return undefined
      return { kind: 'member', user: stateKey, membership, name: nameOf(stateKey, displayname) }
    }
    case 'm.room.tombstone':
      return isId(content.replacement_room) && content.replacement_room.startsWith('!') && stateKey === ''
        ? { kind: 'upgraded', replacement: content.replacement_room }
        : undefined
    case 'm.room.encrypted':
      // Redacted: there is nothing to be read, now or later.
      if (Object.keys(content).length === 0) return undefined
      return { kind: 'encrypted', session: String(content.session_id ?? '').slice(0, 100) }
    default:
      return undefined
  }
}

/** Whether the event says this of the user's membership. */
export function saysMembership(event: unknown, user: string, membership: string): boolean {
  const decoded = decode(event)
  return decoded?.kind === 'member' && decoded.user === user && decoded.membership === membership
}

export function isEncryption(event: unknown): boolean {
  const { type, state_key: stateKey } = recordOf(event)
  return type === 'm.room.encryption' && stateKey === ''
}

/** What people call themselves, or else the first part of their id. */
export function nameOf(user: string, displayName: unknown): string {
  if (typeof displayName === 'string' && displayName.trim() !== '') return displayName
  return user.slice(1).split(':')[0] ?? user
}

function decodeMessage(content: Readonly<Record<string, unknown>>): Decoded | undefined {
  const relation = recordOf(content['m.relates_to'])
  if (relation.rel_type === 'm.replace') {
    const text = textOf(recordOf(content['m.new_content']))
    return text === undefined || !isId(relation.event_id)
      ? undefined
      : { kind: 'edit', target: relation.event_id, text }
  }
  const whole = textOf(content)
  if (whole === undefined) return undefined
  const thread = relation.rel_type === 'm.thread' && isId(relation.event_id) ? relation.event_id : undefined
  const answered = recordOf(relation['m.in_reply_to']).event_id
  // In a thread the relation to an earlier message is mostly there for clients that know no threads.
  const replyTo = isId(answered) && !(thread !== undefined && relation.is_falling_back === true)
  const text = replyTo ? withoutQuote(whole) : whole
  const command = commandIn(text)
  const said = { thread, replyTo: replyTo ? answered : undefined, mentions: mentionsIn(content) }
  return command === undefined
    ? { kind: 'message', text, ...said, media: mediaOf(content) }
    : { kind: 'command', ...command, ...said }
}

/** What a message says, in words. Undefined for what a bot says, and for what is no message. */
function textOf(content: Readonly<Record<string, unknown>>): string | undefined {
  const { msgtype, body } = content
  if (typeof body !== 'string') return undefined
  if (isMediaType(msgtype)) return mediaInWords(content, false)
  switch (msgtype) {
    case 'm.text':
      return body
    case 'm.emote':
      return `* ${body}`
    default:
      return undefined
  }
}

/** Older clients repeat what they answer in front, each line behind `> `, and then leave a line empty. */
function withoutQuote(text: string): string {
  if (!text.startsWith('> ')) return text
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('>'))
  return end < 0 ? text : lines.slice(lines[end] === '' ? end + 1 : end).join('\n')
}

function mentionsIn(content: Readonly<Record<string, unknown>>): readonly string[] {
  const { user_ids: users } = recordOf(content['m.mentions'])
  return Array.isArray(users) ? users.slice(0, 100).filter(isId) : []
}

/** A word that is followed by anything is a message, save where the command has parts. */
function commandIn(text: string): { readonly name: CommandName; readonly text?: string } | undefined {
  const [, word = '', rest = ''] = /^!([a-z-]+)(?:\s+(.*))?$/is.exec(text.trim()) ?? []
  const command = commands.find(({ name }) => name === word.toLowerCase())
  if (command === undefined || (rest !== '' && command.parts === undefined)) return undefined
  return { name: command.name, ...(command.parts !== undefined && { text: rest }) }
}
