import { honest, hourOf, localMs } from './dates.ts'
import type { Chunks, Entry, Format, Place } from './entry.ts'
import { digest } from './fields.ts'
import { type Line, linesOf } from './lines.ts'
import { createNumbering } from './numbering.ts'

const lineMostBytes = 1 << 20
const messageMostChars = 1 << 20

/** `1/3/2024, 4:15:02 PM - Ada: hello`, with the date as the browser wrote it in its own language. */
const begin =
  /^(\d{1,4})[./-]\s?(\d{1,2})[./-]\s?(\d{1,4}),? (\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s?([ap]\.?\s?m\.?))? - (.*)$/is

/** The words before the first colon: longer than any name, it is no name. */
const said = /^(.{1,80}?): (.*)$/s

interface Block extends Place {
  readonly date: readonly [number, number, number]
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly half: string | undefined
  readonly lines: string[]
}

/**
 * One room, as Element writes it out in plain text: there are names instead of ids, and no more than that.
 * Made for one file, of which a second reading knows what the first one has found out.
 */
export function createElementText(): Format {
  const dateOf = createDayOrder()
  return { name: 'a room written by Element as plain text', read: (chunks) => read(chunks, dateOf) }
}

export const beginsLikeElementText = (line: string): boolean => begin.test(line)

async function* read(chunks: Chunks, dateOf: (block: Block) => Date | undefined): AsyncGenerator<Entry> {
  const numbered = createNumbering()
  let conversation: string | undefined
  for await (const block of blocksOf(chunks)) {
    if ('kind' in block) {
      yield block
      continue
    }
    const [first = '', ...more] = block.lines
    const found = said.exec(first)
    if (found === null) {
      yield { kind: 'left-out', reason: 'service', place: block }
      continue
    }
    const [, name = '', words = ''] = found
    const moment = [...block.date, block.hour, block.minute, block.second, block.half ?? ''].join(' ')
    const text = [words, ...more].join('\n')
    conversation ??= digest('first', name, moment)
    yield {
      kind: 'said',
      conversation,
      id: numbered(name, moment, text),
      speaker: { id: name, names: [name] },
      at: dateOf(block),
      text,
    }
  }
}

/** What belongs together: a line with a date, and those after it without one. */
async function* blocksOf(chunks: Chunks): AsyncGenerator<Block | Entry> {
  let block: Block | undefined
  let chars = 0
  for await (const line of linesOf(chunks, lineMostBytes)) {
    const begun = beginningOf(line)
    if (begun !== undefined) {
      if (block !== undefined) yield block
      block = begun
      chars = 0
    } else if (line.text === undefined || chars > messageMostChars) {
      yield { kind: 'left-out', reason: 'too-long', place: line.place }
    } else if (block === undefined) {
      if (line.text.trim() !== '') yield { kind: 'left-out', reason: 'unreadable', place: line.place }
    } else {
      block.lines.push(line.text)
      chars += line.text.length + 1
    }
  }
  if (block !== undefined) yield block
}

function beginningOf({ text, place }: Line): Block | undefined {
  const found = text === undefined ? null : begin.exec(text)
  if (found === null) return undefined
  const [, a, b, c, hour, minute, second = '0', half, rest = ''] = found
  return {
    ...place,
    date: [Number(a), Number(b), Number(c)],
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    half,
    lines: [rest],
  }
}

/**
 * Whether a date begins with its day, its month or its year is nowhere said. The year shows by its size, and
 * a number above 12 is a day: that is found out for the whole file in its first reading. Where nothing shows
 * it, large AM and PM are those of the United States, where the month comes first.
 */
function createDayOrder(): (block: Block) => Date | undefined {
  let monthFirst: boolean | undefined
  return ({ date: [a, b, c], hour, minute, second, half }) => {
    const time = [hourOf(hour, half), minute, second] as const
    if (a > 31) return honest(localMs(a, b - 1, c, ...time))
    if (a > 12) monthFirst = false
    else if (b > 12) monthFirst = true
    const [month, day] = (monthFirst ?? isLarge(half)) ? [a, b] : [b, a]
    return honest(localMs(c < 100 ? 2000 + c : c, month - 1, day, ...time))
  }
}

const isLarge = (half: string | undefined): boolean => half !== undefined && half === half.toUpperCase()
