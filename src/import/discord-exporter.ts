import { momentOf } from './dates.ts'
import type { Chunks, Entry, Format, Place, Speaker } from './entry.ts'
import {
  attachmentInWords,
  digest,
  type Fields,
  fieldsOf,
  fileInWords,
  idOf,
  listOf,
  parseJson,
  textOf,
  withAttachments,
} from './fields.ts'
import { jsonPieces } from './json-pieces.ts'

const messageMostBytes = 8 << 20

/** Of all the types of a message the ones that somebody wrote; 20 and 23 are answers to commands. */
const saidTypes: readonly unknown[] = ['Default', 'Reply', '20', '23', 20, 23, undefined]

/** One channel, written by DiscordChatExporter. */
export const discordExporter: Format = { name: 'a channel written by DiscordChatExporter', read }

async function* read(chunks: Chunks): AsyncGenerator<Entry> {
  let conversation: string | undefined
  for await (const { key, text, place } of jsonPieces(chunks, 'messages', messageMostBytes)) {
    if (text === undefined) {
      yield { kind: 'left-out', reason: 'too-long', place }
      continue
    }
    const parsed = parseJson(text)
    if (parsed === undefined) yield { kind: 'left-out', reason: 'unreadable', place }
    else if (key === 'channel') conversation = digest('channel', idOf(fieldsOf(parsed.value).id))
    else if (key === 'messages') {
      const message = fieldsOf(parsed.value)
      conversation ??= digest('first', idOf(message.id))
      yield readMessage(message, conversation, place)
    }
  }
}

function readMessage(message: Fields, conversation: string, place: Place): Entry {
  const author = fieldsOf(message.author)
  const id = idOf(message.id)
  const from = idOf(author.id) || textOf(author.name)
  if (id === '' || from === '') return { kind: 'left-out', reason: 'unreadable', place }
  if (!saidTypes.includes(message.type)) return { kind: 'left-out', reason: 'service', place }
  return {
    kind: 'said',
    conversation,
    id,
    speaker: speakerOf(author, from),
    at: momentOf(message.timestamp, 'utc'),
    text: withAttachments(textOf(message.content), filesOf(message)),
  }
}

function speakerOf(author: Fields, id: string): Speaker {
  const names = [textOf(author.nickname), textOf(author.name)].filter((name) => name !== '')
  return { id, names, ...(author.isBot === true ? { role: 'program' } : {}) }
}

const filesOf = ({ attachments, stickers }: Fields): readonly string[] => [
  ...listOf(attachments).map((each) => fileInWords(textOf(fieldsOf(each).fileName))),
  ...listOf(stickers).map((each) => attachmentInWords('a sticker', textOf(fieldsOf(each).name))),
]
