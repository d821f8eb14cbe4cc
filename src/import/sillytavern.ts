import { momentOf } from './dates.ts'
import type { Chunks, Entry, Format, Speaker } from './entry.ts'
import {
  attachmentInWords,
  digest,
  type Fields,
  fieldsOf,
  listOf,
  parseJson,
  textOf,
  withAttachments,
} from './fields.ts'
import { linesOf } from './lines.ts'
import { createNumbering } from './numbering.ts'

const lineMostBytes = 8 << 20

/** One object a line: first what the chat is called, then its messages. Older chats begin with the first message. */
export const sillyTavern: Format = { name: 'a chat of SillyTavern', read }

async function* read(chunks: Chunks): AsyncGenerator<Entry> {
  const numbered = createNumbering()
  let header: Fields = {}
  let conversation: string | undefined
  for await (const { text, place } of linesOf(chunks, lineMostBytes)) {
    if (text === undefined) {
      yield { kind: 'left-out', reason: 'too-long', place }
      continue
    }
    if (text.trim() === '') continue
    const message = fieldsOf(parseJson(text)?.value)
    const words = wordsOf(message)
    if (words === undefined) {
      if (place.line === 1 && isHeader(message)) header = message
      else yield { kind: 'left-out', reason: 'unreadable', place }
      continue
    }
    if (isService(message)) {
      yield { kind: 'left-out', reason: 'service', place }
      continue
    }
    const speaker = speakerOf(message)
    conversation ??= conversationOf(header, message)
    yield {
      kind: 'said',
      conversation,
      id: numbered(speaker.id, momentInWords(firstMomentOf(message)), words),
      speaker,
      at: momentOf(message.send_date),
      text: withAttachments(words, filesOf(message)),
    }
  }
}

const isHeader = (message: Fields): boolean =>
  'chat_metadata' in message || 'user_name' in message || 'character_name' in message

/** Of several answers the one that was chosen; undefined where it is no message at all. */
function wordsOf({ mes, swipes, swipe_id: chosen }: Fields): string | undefined {
  const swipe = typeof chosen === 'number' ? listOf(swipes)[chosen] : undefined
  if (typeof swipe === 'string') return swipe
  return typeof mes === 'string' ? mes : undefined
}

function isService({ is_system: isSystem, extra }: Fields): boolean {
  return isSystem === true || fieldsOf(extra).type === 'narrator'
}

function speakerOf({ name, is_user: isUser }: Fields): Speaker {
  const shown = textOf(name) || (isUser === true ? 'You' : 'somebody')
  // The person changes names as masks; it stays the same one who types.
  return isUser === true
    ? { id: `user ${shown}`, names: [shown], role: 'person' }
    : { id: `character ${shown}`, names: [shown], role: 'companion' }
}

/** Another swipe gives the message another date, and the first one keeps its own. */
function firstMomentOf({ send_date: sent, swipe_info: swipes }: Fields): unknown {
  return fieldsOf(listOf(swipes)[0]).send_date ?? sent
}

const momentInWords = (moment: unknown): string =>
  typeof moment === 'string' || typeof moment === 'number' ? String(moment) : ''

/** A chat that was branched off another one has the same beginning, and is another conversation. */
function conversationOf(header: Fields, first: Fields): string {
  const { main_chat: branchedFrom, integrity } = fieldsOf(header.chat_metadata)
  const begun = textOf(header.create_date)
  if (begun !== '') return digest('begun', begun, textOf(header.character_name), textOf(branchedFrom))
  if (textOf(integrity) !== '') return digest('integrity', textOf(integrity))
  const moment = momentInWords(firstMomentOf(first))
  return digest('first', textOf(first.name), moment, moment === '' ? (wordsOf(first) ?? '') : '')
}

function filesOf({ extra }: Fields): readonly string[] {
  const { image, media, file } = fieldsOf(extra)
  const images = [image, ...listOf(media)].filter(
    (each) => each !== undefined && each !== null && each !== '',
  )
  const name = textOf(fieldsOf(file).name)
  return [...images.map(() => 'an image'), ...(name === '' ? [] : [attachmentInWords('a file', name)])]
}
