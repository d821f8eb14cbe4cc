import { createHash } from 'node:crypto'
import type { Outgoing } from '../../src/core/adapter.ts'
import { cleanText } from '../../src/core/text.ts'
import { toHtml } from './markdown.ts'
import { encodeMedia, type MediaPlace } from './media-content.ts'

export type Content = Readonly<Record<string, unknown>>

/**
 * An event may have 65,536 bytes. Encrypted content grows by a third, and an edit holds its text twice,
 * each time as text and as HTML.
 */
const contentMostBytes = 40_000

/** By which our own messages are found again, when the homeserver has forgotten their transaction ids. */
export const keyField = 'chat.hearth.key'

/** The key tells nobody anything: it is made of ids that are ours alone, and hashed all the same. */
export const keyMark = (key: string): string => createHash('sha256').update(key).digest('base64url')

/** A transaction id is one device's own; a send, an edit and a removal may have the same key. */
export const transactionId = (kind: 'send' | 'edit' | 'removal', key: string): string =>
  `hearth-${kind}-${keyMark(key)}`

/** A new message. `thread`: the event that the thread began with; `place`: where its attachment lies. */
export function encodeMessage(content: Outgoing, thread: string | undefined, place?: MediaPlace): Content {
  const { attachment } = content
  const text = encodeText(content)
  const whole = attachment && place ? encodeMedia(attachment, place, text) : text
  return { ...whole, ...(thread === undefined ? {} : { 'm.relates_to': inThread(thread) }) }
}

/** The same for what takes the place of `target`. Clients that know no edits show the fallback. */
export function encodeEdit(content: Outgoing, target: string): Content {
  const replacement = encodeText(content)
  const relation = { 'm.relates_to': { rel_type: 'm.replace', event_id: target } }
  const whole = {
    ...replacement,
    body: `* ${String(replacement.body)}`,
    ...('formatted_body' in replacement ? { formatted_body: `* ${String(replacement.formatted_body)}` } : {}),
    'm.new_content': replacement,
    ...relation,
  }
  if (bytesOf(whole) <= contentMostBytes) return whole
  return {
    msgtype: replacement.msgtype,
    body: '* …',
    'm.mentions': {},
    'm.new_content': replacement,
    ...relation,
  }
}

/** `m.mentions` is empty, so that nobody is pinged by what a model writes. */
function encodeText({ text, kind }: Outgoing): Content {
  const body = inert(text)
  const plain = { msgtype: kind === 'notice' ? 'm.notice' : 'm.text', body, 'm.mentions': {} }
  const html = toHtml(body)
  if (html === undefined) return plain
  const formatted = { ...plain, format: 'org.matrix.custom.html', formatted_body: html }
  return bytesOf(formatted) <= contentMostBytes / 2 ? formatted : plain
}

/** Signs that turn the direction of writing would let a model forge what stands around its words. */
const inert = (text: string): string => cleanText(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, '')

const bytesOf = (content: Content): number => Buffer.byteLength(JSON.stringify(content))

const inThread = (root: string): Content => ({
  rel_type: 'm.thread',
  event_id: root,
  is_falling_back: true,
  'm.in_reply_to': { event_id: root },
})
