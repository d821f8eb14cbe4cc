import type { Readable } from 'node:stream'
import { commands, type InboundEvent } from '../../src/core/events.ts'
import { externalId, newUuid } from '../../src/core/ids.ts'
import { nearest } from '../../src/core/nearest.ts'
import { cleanText, isBlank } from '../../src/core/text.ts'

/** What the person meant by what they typed. */
export type Entry =
  | { readonly kind: 'event'; readonly event: InboundEvent }
  /** The terminal answers by itself. */
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'quit' }
  | { readonly kind: 'nothing' }

export type EventBase = Pick<InboundEvent, 'room' | 'sender' | 'at'>

/** A command is one line that begins with `/`; `//` begins a message that begins with `/`. */
export function decode(typed: string, base: EventBase, canStop: boolean): Entry {
  const text = cleanText(typed)
  if (isBlank(text)) return { kind: 'nothing' }
  if (!text.startsWith('/') || text.startsWith('//') || text.includes('\n')) {
    const said = text.startsWith('//') && !text.includes('\n') ? text.slice(1) : text
    return {
      kind: 'event',
      event: { ...base, kind: 'message', externalId: externalId(newUuid()), text: said },
    }
  }
  const word = (/^\/(\S*)/.exec(text)?.[1] ?? '').toLowerCase().slice(0, 40)
  if (word === 'quit') return { kind: 'quit' }
  if (word === 'help') return { kind: 'answer', text: helpText() }
  if (word === 'stop' && !canStop) return { kind: 'answer', text: 'Nothing is being written.' }
  const command = commands.find(({ name }) => name === word)
  if (command !== undefined) {
    const { name, parts } = command
    const rest = text.slice(1 + word.length).trim()
    return { kind: 'event', event: { ...base, kind: 'command', name, ...(parts && { text: rest }) } }
  }
  const meant = nearest(word, [...commands.map(({ name }) => name), 'quit'])
  const hint = meant === undefined ? '/help shows what there is.' : `Did you mean /${meant}?`
  return { kind: 'answer', text: `There is no /${word}. ${hint} To send a message with /, begin it with //.` }
}

function helpText(): string {
  const lines = [...commands, { name: 'quit', summary: 'leave; everything stays remembered' }]
  return [
    ...lines.map(({ name, summary }) => `/${name.padEnd(8)} ${summary}`),
    '//…       send a message that begins with /',
  ].join('\n')
}

/** Far above what the engine takes: it refuses long messages itself, in words. This bounds memory only. */
const lineMaxChars = 2_000_000

/**
 * The lines of a byte stream. Invalid UTF-8 becomes U+FFFD, a byte order mark is dropped, CRLF is one
 * line end, and a last line needs none. Nothing is read ahead of the consumer but one chunk.
 * `onCut` is called for a line of more than 2,000,000 UTF-16 code units, of which the rest is skipped.
 */
export async function* readLines(input: Readable, onCut: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let line = ''
  let cut = false
  const grow = (part: string) => {
    const room = lineMaxChars - line.length
    line += part.slice(0, room)
    if (part.length > room && !cut) {
      cut = true
      onCut()
    }
  }
  const take = () => {
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line
    line = ''
    cut = false
    return whole
  }
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    const text = decoder.decode(chunk, { stream: true })
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      grow(text.slice(from, end))
      from = end + 1
      yield take()
    }
    grow(text.slice(from))
  }
  grow(decoder.decode())
  if (line !== '') yield take()
}

/** Nobody presses Enter twice within this time, but the lines of a paste arrive in one go. */
const pasteGapMs = 15

export interface Gatherer {
  line(text: string): void
  pasteBegins(): void
  /** `unfinished`: the paste's last line waits in the editor for the person's Enter. */
  pasteEnds(unfinished: boolean): void
  flush(): void
}

/**
 * Makes one message of the lines of a paste. Terminals that mark a paste (bracketed paste) say where
 * it begins and ends; for the others it is told by time.
 */
export function gatherPastes(emit: (text: string) => void): Gatherer {
  let lines: string[] = []
  let pasting = false
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    const text = lines.join('\n')
    const any = lines.length > 0
    lines = []
    if (any) emit(text)
  }
  const settle = () => {
    clearTimeout(timer)
    timer = setTimeout(flush, pasteGapMs)
  }
  return {
    line: (text) => {
      lines.push(text)
      if (!pasting) settle()
    },
    pasteBegins: () => {
      pasting = true
      clearTimeout(timer)
    },
    pasteEnds: (unfinished) => {
      pasting = false
      if (!unfinished) settle()
    },
    flush,
  }
}
