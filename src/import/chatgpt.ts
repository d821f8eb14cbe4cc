import { honest } from './dates.ts'
import type { Chunks, Entry, Format, Place } from './entry.ts'
import {
  attachmentInWords,
  digest,
  type Fields,
  fieldsOf,
  fileInWords,
  listOf,
  parseJson,
  textOf,
  withAttachments,
} from './fields.ts'
import { jsonPieces } from './json-pieces.ts'

/** With everything that tools have said in it, a long conversation has some megabytes. */
const conversationMostBytes = 32 << 20

/** All conversations of an account: each a tree of messages, of which one branch is what the person saw last. */
export const chatGpt: Format = { name: 'the conversations of ChatGPT', read }

const person = { id: 'user', names: ['you'], role: 'person' } as const
const companion = { id: 'assistant', names: ['ChatGPT'], role: 'companion' } as const

async function* read(chunks: Chunks): AsyncGenerator<Entry> {
  for await (const { text, place } of jsonPieces(chunks, '', conversationMostBytes)) {
    const parsed = text === undefined ? undefined : parseJson(text)
    const tree = fieldsOf(parsed?.value)
    const id = textOf(tree.conversation_id) || textOf(tree.id)
    if (text === undefined) yield { kind: 'left-out', reason: 'too-long', place }
    else if (id === '' && !('mapping' in tree)) yield { kind: 'left-out', reason: 'unreadable', place }
    else {
      const nodes = branchOf(tree)
      const conversation = digest('conversation', id || textOf(nodes[0]?.id))
      for (const node of nodes) yield* readNode(node, conversation, place)
    }
  }
}

/** From the beginning to the node where the conversation stands. */
function branchOf({ mapping, current_node: current }: Fields): readonly Fields[] {
  const nodes = fieldsOf(mapping)
  const nodeOf = (id: unknown): Fields | undefined =>
    typeof id === 'string' && Object.hasOwn(nodes, id) ? { id, ...fieldsOf(nodes[id]) } : undefined
  const branch: Fields[] = []
  const seen = new Set<unknown>()
  for (let node = nodeOf(current) ?? latestOf(nodes); node !== undefined; node = nodeOf(node.parent)) {
    // A hostile tree may be a ring.
    if (seen.has(node.id)) break
    seen.add(node.id)
    branch.push(node)
  }
  return branch.reverse()
}

/** Where the file does not say where the conversation stands: at its latest message. */
function latestOf(nodes: Fields): Fields | undefined {
  const madeAt = (node: Fields): number => {
    const { create_time: seconds } = fieldsOf(node.message)
    return typeof seconds === 'number' ? seconds : 0
  }
  return Object.entries(nodes)
    .map(([id, node]): Fields => ({ id, ...fieldsOf(node) }))
    .reduce<Fields | undefined>(
      (latest, node) => (latest === undefined || madeAt(node) >= madeAt(latest) ? node : latest),
      undefined,
    )
}

function* readNode(node: Fields, conversation: string, place: Place): Generator<Entry> {
  const message = fieldsOf(node.message)
  const { role } = fieldsOf(message.author)
  // The root of the tree, and what stands before the first words.
  if (role === undefined || (role === 'system' && wordsOf(message).trim() === '')) return
  if (isHidden(message)) {
    yield { kind: 'left-out', reason: 'hidden', place }
    return
  }
  yield {
    kind: 'said',
    conversation,
    id: textOf(message.id) || textOf(node.id),
    speaker: role === 'user' ? person : companion,
    at: typeof message.create_time === 'number' ? honest(message.create_time * 1000) : undefined,
    text: withAttachments(wordsOf(message), filesOf(message)),
  }
}

/** Told to a tool or by one, or not shown in the conversation; weight 0 is an answer that was broken off. */
function isHidden(message: Fields): boolean {
  const { role } = fieldsOf(message.author)
  const { is_visually_hidden_from_conversation: hidden, is_user_system_message: instructions } = fieldsOf(
    message.metadata,
  )
  const { content_type: type } = fieldsOf(message.content)
  return (
    (role !== 'user' && role !== 'assistant') ||
    (message.recipient !== undefined && message.recipient !== null && message.recipient !== 'all') ||
    message.weight === 0 ||
    hidden === true ||
    instructions === true ||
    (type !== 'text' && type !== 'multimodal_text' && type !== 'code')
  )
}

/** Marks in the words that point at what a search has found. */
const citations = /\ue200[^\ue200\ue201]*\ue201/g

function wordsOf({ content }: Fields): string {
  const { parts, text } = fieldsOf(content)
  const words = listOf(parts).map((part) => (typeof part === 'string' ? part : partInWords(fieldsOf(part))))
  return [textOf(text), ...words]
    .filter((each) => each !== '')
    .join('\n')
    .replace(citations, '')
}

function partInWords({ content_type: type, text }: Fields): string {
  switch (type) {
    case 'image_asset_pointer':
      return '[an image]'
    // What was said aloud, as it was understood. The sound itself comes beside it.
    case 'audio_transcription':
      return textOf(text)
    case 'video_container_asset_pointer':
      return '[a video]'
    default:
      return ''
  }
}

/** Images stand in the words already. */
function filesOf({ metadata }: Fields): readonly string[] {
  return listOf(fieldsOf(metadata).attachments)
    .map(fieldsOf)
    .filter(({ mime_type: type }) => !textOf(type).startsWith('image/'))
    .map(({ name }) => (textOf(name) === '' ? attachmentInWords('a file', '') : fileInWords(textOf(name))))
}
