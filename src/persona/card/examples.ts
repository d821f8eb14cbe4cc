import type { Example } from '../../core/persona.ts'

const start = /<START>/gi
const userNames = ['{{user}}', '<user>', 'you', 'user']
const charNames = ['{{char}}', '<bot>', '<char>', 'char']

/**
 * The exchanges in a card's example dialogue: blocks that begin with `<START>`, in which lines begin with who
 * speaks. What a persona says unasked has an empty `user`; text in which nobody speaks is the persona's own.
 */
export function readExamples(dialogue: string, name: string): readonly Example[] {
  return dialogue
    .split(start)
    .flatMap((block) => exchanges(speeches(block, [...charNames, name.toLowerCase()])))
}

interface Speech {
  readonly by: 'user' | 'char'
  readonly lines: string[]
}

function speeches(block: string, ownNames: readonly string[]): readonly Speech[] {
  const all: Speech[] = []
  for (const line of block.split('\n')) {
    const colon = line.search(/[:：]/)
    const speaker =
      colon === -1
        ? ''
        : line
            .slice(0, colon)
            .trim()
            .replace(/^\*+|\*+$/g, '')
            .toLowerCase()
    const by = ownNames.includes(speaker) ? 'char' : userNames.includes(speaker) ? 'user' : undefined
    const last = all.at(-1)
    const text = by === undefined ? line : line.slice(colon + 1)
    if (last !== undefined && (by === undefined || by === last.by)) last.lines.push(text.trimEnd())
    else if (by !== undefined || line.trim() !== '') all.push({ by: by ?? 'char', lines: [text.trimEnd()] })
  }
  return all
}

function exchanges(all: readonly Speech[]): readonly Example[] {
  const examples: { user: string; reply: string }[] = []
  for (const { by, lines } of all) {
    const text = lines.join('\n').trim()
    if (text === '') continue
    const last = examples.at(-1)
    if (by === 'user') examples.push({ user: text, reply: '' })
    else if (last !== undefined && last.reply === '') last.reply = text
    else examples.push({ user: '', reply: text })
  }
  // A question without an answer shows no voice.
  return examples.filter(({ reply }) => reply !== '')
}

export function writeExamples(examples: readonly Example[]): string {
  return examples
    .map(({ user, reply }) => `<START>\n${user === '' ? '' : `{{user}}: ${user}\n`}{{char}}: ${reply}`)
    .join('\n')
}
