import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { decode, gatherPastes, readLines } from '../../../adapters/console/decode.ts'
import { externalId } from '../../../src/core/ids.ts'

const base = {
  room: { externalId: externalId('mira'), kind: 'direct' },
  sender: { externalId: externalId('keyboard'), displayName: 'Ada' },
  at: new Date(),
} as const

async function read(chunks: readonly Uint8Array[], onCut = () => {}): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of readLines(Readable.from(chunks), onCut)) lines.push(line)
  return lines
}
const bytes = (text: string) => Buffer.from(text, 'utf8')

describe('what the person meant', () => {
  const text = (typed: string) => {
    const entry = decode(typed, base, true)
    return entry.kind === 'event' && entry.event.kind === 'message' ? entry.event.text : entry.kind
  }

  it('passes a message on without its control characters', () => {
    expect(text('hello\u001b[31m there\u0000')).toBe('hello[31m there')
  })

  it('passes over what has nothing to read in it', () => {
    for (const blank of ['', '   ', '\t', '\u001b', '\u200b', '\n\n']) expect(text(blank)).toBe('nothing')
  })

  it('gives every message an id of its own', () => {
    expect(decode('a', base, true)).not.toEqual(decode('a', base, true))
  })

  it('knows the commands in any case and with words behind them', () => {
    for (const typed of ['/retry', '/RETRY', '/retry please', '/retry ']) {
      expect(decode(typed, base, true)).toEqual({
        kind: 'event',
        event: { ...base, kind: 'command', name: 'retry' },
      })
    }
    expect(decode('/Memory forget my sister ', base, true)).toEqual({
      kind: 'event',
      event: { ...base, kind: 'command', name: 'memory', text: 'forget my sister' },
    })
    expect(decode('/stop', base, true)).toMatchObject({ event: { kind: 'command', name: 'stop' } })
    expect(decode('/quit', base, true)).toEqual({ kind: 'quit' })
  })

  it('lists every command for /help', () => {
    const entry = decode('/help', base, true)
    expect(entry.kind).toBe('answer')
    for (const word of ['/help', '/retry', '/stop', '/quit', '//'])
      expect(JSON.stringify(entry)).toContain(word)
  })

  it('answers /stop by itself where nothing can be stopped', () => {
    expect(decode('/stop', base, false).kind).toBe('answer')
  })

  it('names the nearest command for a slip, and none for what is far from all', () => {
    expect(decode('/rety', base, true)).toMatchObject({
      kind: 'answer',
      text: expect.stringContaining('/retry?'),
    })
    expect(decode('/qiut', base, true)).toMatchObject({
      kind: 'answer',
      text: expect.stringContaining('/quit?'),
    })
    expect(decode('/zzzzzzzz', base, true)).toMatchObject({ text: expect.stringContaining('/help') })
    expect(decode('/', base, true).kind).toBe('answer')
  })

  it('sends a message that begins with / for //, and several lines as they are', () => {
    expect(text('//help')).toBe('/help')
    expect(text('// first\nsecond')).toBe('// first\nsecond')
    expect(text('/quit\nis what I typed')).toBe('/quit\nis what I typed')
  })
})

describe('the lines of a pipe', () => {
  it('are split at LF and CRLF, and the last one needs no line end', async () => {
    expect(await read([bytes('a\r\nb\n\nc')])).toEqual(['a', 'b', '', 'c'])
    expect(await read([bytes('a\r'), bytes('\nb\n')])).toEqual(['a', 'b'])
    expect(await read([])).toEqual([])
  })

  it('survive characters that are torn between two reads', async () => {
    const all = bytes('héllo 🫖 wörld\n🫖')
    expect(await read(Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(['héllo 🫖 wörld', '🫖'])
  })

  it('lose a byte order mark, and show invalid bytes as U+FFFD', async () => {
    expect(await read([Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62, 0x0a, 0xc3])])).toEqual([
      'a\ufffdb',
      '\ufffd',
    ])
  })

  it('are bounded, and told so once, and the next line is whole', async () => {
    const onCut = vi.fn()
    const chunks = [...Array.from({ length: 50 }, () => bytes('x'.repeat(50_000))), bytes('\nnext\n')]
    const lines = await read(chunks, onCut)
    expect(lines.map((line) => line.length)).toEqual([2_000_000, 4])
    expect(onCut).toHaveBeenCalledTimes(1)
  })
})

describe('a paste', () => {
  it('is one message where the terminal marks it, with the line that is finished by hand', () => {
    vi.useFakeTimers()
    try {
      const said: string[] = []
      const gatherer = gatherPastes((text) => said.push(text))
      gatherer.pasteBegins()
      gatherer.line('one')
      gatherer.line('two')
      gatherer.pasteEnds(true)
      vi.runAllTimers()
      expect(said).toEqual([])
      gatherer.line('three')
      vi.runAllTimers()
      expect(said).toEqual(['one\ntwo\nthree'])
      gatherer.pasteBegins()
      gatherer.line('four')
      gatherer.pasteEnds(false)
      vi.runAllTimers()
      expect(said.at(-1)).toBe('four')
      gatherer.line('typed')
      gatherer.flush()
      vi.runAllTimers()
      expect(said).toEqual(['one\ntwo\nthree', 'four', 'typed'])
    } finally {
      vi.useRealTimers()
    }
  })
})
