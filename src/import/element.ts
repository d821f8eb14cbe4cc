import { honest } from './dates.ts'
import type { Chunks, Entry, Format, Place } from './entry.ts'
import {
  attachmentInWords,
  digest,
  type Fields,
  fieldsOf,
  parseJson,
  textOf,
  withAttachments,
} from './fields.ts'
import { jsonPieces } from './json-pieces.ts'

const eventMostBytes = 8 << 20

const files: Readonly<Record<string, string>> = {
  'm.image': 'an image',
  'm.video': 'a video',
  'm.audio': 'a recording',
  'm.file': 'a file',
  'm.location': 'a place',
}

/** One room, as Element writes it out in JSON: events of Matrix, decrypted, with their latest edits in them. */
export const element: Format = { name: 'a room written by Element', read }

async function* read(chunks: Chunks): AsyncGenerator<Entry> {
  let conversation: string | undefined
  for await (const { key, text, place } of jsonPieces(chunks, 'messages', eventMostBytes)) {
    if (text === undefined) {
      yield { kind: 'left-out', reason: 'too-long', place }
      continue
    }
    const parsed = parseJson(text)
    if (parsed === undefined) yield { kind: 'left-out', reason: 'unreadable', place }
    else if (key === 'messages') {
      const event = fieldsOf(parsed.value)
      conversation ??= digest('room', textOf(event.room_id) || textOf(event.event_id))
      yield readEvent(event, conversation, place)
    }
  }
}

function readEvent(event: Fields, conversation: string, place: Place): Entry {
  const content = fieldsOf(event.content)
  const id = textOf(event.event_id)
  const sender = textOf(event.sender)
  const leftOut = (reason: Extract<Entry, { kind: 'left-out' }>['reason']): Entry => ({
    kind: 'left-out',
    reason,
    place,
  })
  if (id === '' || sender === '') return leftOut('unreadable')
  switch (event.type) {
    case 'm.room.member': {
      const name = textOf(content.displayname)
      return name === '' ? leftOut('service') : { kind: 'named', speaker: textOf(event.state_key), name }
    }
    case 'm.room.redaction': {
      const target = textOf(content.redacts) || textOf(event.redacts)
      return target === '' ? leftOut('service') : { kind: 'deletion', target }
    }
    case 'm.room.encrypted':
      return leftOut(Object.keys(content).length === 0 ? 'deleted' : 'encrypted')
    case 'm.sticker':
    case 'm.room.message':
      break
    default:
      return leftOut('service')
  }
  if ('redacted_because' in fieldsOf(event.unsigned) || Object.keys(content).length === 0) {
    return leftOut('deleted')
  }
  if (content.msgtype === 'm.bad.encrypted') return leftOut('encrypted')
  // What programs say in passing, as our own notices are.
  if (content.msgtype === 'm.notice') return leftOut('service')
  const { rel_type: relation, event_id: target } = fieldsOf(content['m.relates_to'])
  if (relation === 'm.replace' && typeof target === 'string') {
    const text = wordsOf(event, fieldsOf(content['m.new_content']))
    return { kind: 'edit', target, speaker: sender, text }
  }
  return {
    kind: 'said',
    conversation,
    id,
    speaker: { id: sender, names: [sender] },
    at: typeof event.origin_server_ts === 'number' ? honest(event.origin_server_ts) : undefined,
    text: wordsOf(event, content),
  }
}

function wordsOf({ type }: Fields, content: Fields): string {
  const { msgtype, filename } = content
  const body = textOf(content.body)
  if (type === 'm.sticker') return withAttachments('', [attachmentInWords('a sticker', body)])
  const what = files[textOf(msgtype)]
  // With a file name of its own, the body is what was written to it.
  if (what !== undefined) {
    const name = textOf(filename) || body
    return withAttachments(name === body ? '' : body, [attachmentInWords(what, name)])
  }
  const words = withoutQuote(content, body)
  return msgtype === 'm.emote' ? `* ${words}` : words
}

/** A reply repeats what it answers before its own words, each line behind `>`. */
function withoutQuote(content: Fields, body: string): string {
  if (!('m.in_reply_to' in fieldsOf(content['m.relates_to'])) || !body.startsWith('> ')) return body
  const lines = body.split('\n')
  const own = lines.findIndex((line) => !line.startsWith('>'))
  return own < 0 ? body : lines.slice(lines[own] === '' ? own + 1 : own).join('\n')
}
