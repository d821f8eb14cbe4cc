import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Adapter } from '../../../src/core/adapter.ts'
import type { Attachment } from '../../../src/core/attachment.ts'
import { storeError } from '../../../src/core/errors.ts'
import type { InboundEvent } from '../../../src/core/events.ts'
import { externalId } from '../../../src/core/ids.ts'
import {
  type ConsoleRun,
  type ConsoleRunOptions,
  startConsole,
  testRoom,
} from '../../support/console-harness.ts'

const runs: ConsoleRun[] = []
afterEach(async () => {
  for (const run of runs.splice(0)) {
    await run.adapter[Symbol.asyncDispose]()
    await run.release()
  }
})

function open(isTTY: boolean, options: ConsoleRunOptions = {}): ConsoleRun {
  const run = startConsole(isTTY, options)
  runs.push(run)
  return run
}

const never = new AbortController().signal
let keys = 0
const say = (adapter: Adapter, text: string, kind: 'reply' | 'notice' = 'reply', id = `turn-${keys++}.0`) =>
  adapter.send(testRoom, { text, kind, final: true }, { id, firstTriedAt: new Date() }, never)
const said = (events: readonly InboundEvent[]) =>
  events.flatMap((event) => ('text' in event ? [event.text] : []))

describe('in a pipe', () => {
  it('tells in words what a terminal cannot show or play', async () => {
    const { adapter, written } = open(false)
    const send = (text: string, attachment: Attachment) =>
      adapter.send(
        testRoom,
        { text, kind: 'reply', final: true, attachment },
        { id: `turn-${keys++}.0`, firstTriedAt: new Date() },
        never,
      )
    const bytes = new Uint8Array(9)
    await send('My cat.', { kind: 'image', mediaType: 'image/png', bytes })
    await send('', { kind: 'voice', mediaType: 'audio/ogg', bytes, durationMs: 7_000 })
    expect(written).toEqual(['[an image]\nMy cat.\n', '[a voice message of 7 seconds]\n'])
  })

  it('puts a file that is handed out where it was started, beside what is there, and says where', async () => {
    const filesFolder = mkdtempSync(join(tmpdir(), 'hearth-files-'))
    const { adapter, told } = open(false, { filesFolder })
    const bytes = Buffer.from('all of it')
    const file = { kind: 'file', name: '../all.zip', mediaType: 'application/zip', bytes } as const
    const content = { text: 'Here it is.', kind: 'notice', final: true, attachment: file } as const
    const key = (id: string) => ({ id, firstTriedAt: new Date() })
    await adapter.send(testRoom, content, key('file 1'), never)
    await adapter.send(testRoom, content, key('file 1'), never)
    await adapter.send(testRoom, content, key('file 2'), never)
    expect(readdirSync(filesFolder).sort()).toEqual(['all-2.zip', 'all.zip'])
    expect(told).toEqual(['all', 'all-2'].map((name) => `Here it is.\n${join(filesFolder, `${name}.zip`)}\n`))
    expect(readFileSync(join(filesFolder, 'all.zip'), 'utf8')).toBe('all of it')
    expect(statSync(join(filesFolder, 'all.zip')).mode & 0o777).toBe(0o600)
    rmSync(filesFolder, { recursive: true })
    await expect(adapter.send(testRoom, content, key('file 3'), never)).rejects.toMatchObject({
      code: 'file-refused',
    })
  })

  it('answers each line in order, passes over blank ones, and ends with the input', async () => {
    const { adapter, input, written, told } = open(false)
    const events: InboundEvent[] = []
    input.end('\ufeffone\r\n\n   \ntwo\n/retry\n/help\n/stop\n/nonsense\n//three')
    let answering = 0
    await adapter.start(async (event) => {
      expect(answering++).toBe(0)
      events.push(event)
      await sleep(5)
      await say(adapter, `answer ${events.length}`)
      answering--
    }, never)
    expect(said(events)).toEqual(['one', 'two', '/three'])
    expect(events.map(({ kind }) => kind)).toEqual(['message', 'message', 'command', 'message'])
    expect(written).toEqual(['answer 1\n', 'answer 2\n', 'answer 3\n', 'answer 4\n'])
    expect(told.join('')).toMatch(/\/retry.*Nothing is being written.*There is no \/nonsense/s)
  })

  it('hands over the next line when the engine has done with the one before, whatever was shown by then', async () => {
    const { adapter, input } = open(false)
    const events: InboundEvent[] = []
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    input.end('one\ntwo\n')
    const done = adapter.start(async (event) => {
      events.push(event)
      if (events.length === 1) await answered
    }, never)
    await vi.waitFor(() => expect(said(events)).toEqual(['one']))
    await say(adapter, 'I cannot answer just now.', 'notice')
    await say(adapter, 'one to you')
    await sleep(20)
    expect(said(events)).toEqual(['one'])
    answer()
    await done
    expect(said(events)).toEqual(['one', 'two'])
  })

  it('leaves at /quit and reads no further', async () => {
    const { adapter, input } = open(false)
    const events: InboundEvent[] = []
    input.end('/quit\nnever\n')
    await adapter.start(async (event) => void events.push(event), never)
    expect(events).toEqual([])
  })

  it('ends when it is told to while an answer is awaited', async () => {
    const { adapter, input } = open(false)
    const stop = new AbortController()
    const events: InboundEvent[] = []
    input.write('one\n')
    const done = adapter.start(async (event) => {
      events.push(event)
      await new Promise(() => {})
    }, stop.signal)
    await vi.waitFor(() => expect(events).toHaveLength(1))
    stop.abort()
    await done
  })

  it('says why a message was not accepted, and fails with it', async () => {
    const { adapter, input, told, written } = open(false)
    const refusal = storeError('The disk is full.', { code: 'test-full', mend: 'Make room.' })
    input.end('one\ntwo\n')
    const start = adapter.start(async () => Promise.reject(refusal), never)
    await expect(start).rejects.toBe(refusal)
    expect(told).toEqual(['The disk is full. Make room.\n'])
    expect(written).toEqual([])
  })

  it('passes a long line on, and tells of one that is too long', async () => {
    const { adapter, input, told } = open(false)
    const events: InboundEvent[] = []
    input.end(`${'a'.repeat(1_100_000)}\n${'b'.repeat(2_100_000)}\n`)
    await adapter.start(async (event) => {
      events.push(event)
      await say(adapter, 'That is long.', 'notice')
    }, never)
    expect(said(events).map((text) => text.length)).toEqual([1_100_000, 2_000_000])
    expect(told.filter((text) => text.startsWith('A line was too long'))).toHaveLength(1)
  })

  it('ends quietly when the reader has gone, and gives the reply back to the engine', async () => {
    const { adapter, input, output, told } = open(false)
    input.write('one\n')
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    const sent: Promise<unknown>[] = []
    output._write = (_chunk, _encoding, done) => done(gone)
    await adapter.start(async () => {
      setImmediate(() => sent.push(say(adapter, 'Nobody hears this.').catch((error: unknown) => error)))
    }, never)
    expect(await sent[0]).toMatchObject({ name: 'HearthError', who: 'platform', retryable: true })
    expect(told).toEqual([])
  })

  it('fails with a sentence when standard output or input fails otherwise', async () => {
    const full = open(false)
    full.input.write('one\n')
    full.output._write = (_chunk, _encoding, done) =>
      done(Object.assign(new Error('full'), { code: 'ENOSPC' }))
    const start = full.adapter.start(
      async () => void setImmediate(() => void say(full.adapter, 'x').catch(() => {})),
      never,
    )
    await expect(start).rejects.toMatchObject({ name: 'HearthError', code: 'console-output' })
    const broken = open(false)
    const reading = broken.adapter.start(async () => {}, never)
    broken.input.destroy(new Error('EISDIR: illegal operation on a directory, read'))
    await expect(reading).rejects.toMatchObject({ name: 'HearthError', code: 'console-input' })
  })

  it('cannot edit, and says so', async () => {
    const { adapter } = open(false)
    const key = { id: 'k', firstTriedAt: new Date() }
    const message = externalId('k')
    await expect(
      adapter.edit(testRoom, message, { text: 'x', kind: 'reply', final: true }, key, never),
    ).rejects.toMatchObject({
      code: 'console-append-only',
    })
    await expect(adapter.remove(testRoom, message, key, never)).rejects.toMatchObject({
      code: 'console-append-only',
    })
  })
})

describe('on a terminal', () => {
  it('says that the persona is there before anything else', async () => {
    const { adapter, input } = open(true)
    const events: InboundEvent[] = []
    const done = adapter.start(async (event) => void events.push(event), never)
    input.write('hello\r')
    await vi.waitFor(() => expect(events).toHaveLength(2))
    expect(events[0]).toMatchObject({ kind: 'membership', change: 'joined', room: { kind: 'direct' } })
    input.write('/stop\r')
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ kind: 'command', name: 'stop' }))
    input.write('/quit\r')
    await done
  })

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
    ['/quit', '/quit\r'],
  ])('leaves the terminal as it was found at %s', async (_name, typed) => {
    const { adapter, input, written, terminal } = open(true)
    const done = adapter.start(async () => {}, never)
    await say(adapter, 'Good evening.')
    input.write(typed)
    await done
    expect(written.join('').split('\u001b[?2004h')).toHaveLength(2)
    expect(written.join('').endsWith('\u001b[?2004l')).toBe(true)
    expect(terminal.text().replace(/\n*› \/quit$/, '')).toBe('Mira: Good evening.')
  })

  it('hands over what was typed right before leaving', async () => {
    const { adapter, input } = open(true)
    const events: InboundEvent[] = []
    const done = adapter.start(async (event) => void events.push(event), never)
    input.write('one more thing\r')
    await sleep(0)
    input.write('\u0004')
    await done
    expect(said(events)).toEqual(['one more thing'])
  })

  it('goes on when a message could not be stored', async () => {
    const { adapter, input, person } = open(true)
    const events: InboundEvent[] = []
    let refusals = 1
    const done = adapter.start(async (event) => {
      if (event.kind === 'message' && refusals-- > 0)
        throw storeError('No room.', { code: 'test', mend: 'Make some.' })
      events.push(event)
    }, never)
    input.write('first\r')
    await vi.waitFor(() =>
      expect(person.seen()).toMatchObject([{ kind: 'notice', text: 'No room. Make some.' }]),
    )
    input.write('\u001b[A\r')
    await vi.waitFor(() => expect(said(events)).toEqual(['first']))
    input.write('/quit\r')
    await done
  })

  it('fails when not even the greeting could be asked for', async () => {
    const { adapter } = open(true)
    const refusal = storeError('No room.', { code: 'test' })
    await expect(adapter.start(async () => Promise.reject(refusal), never)).rejects.toBe(refusal)
  })

  it('writes no colours when it is told so', async () => {
    const { adapter, input, written } = open(true, { colour: false })
    const done = adapter.start(async () => {}, never)
    await adapter.signalTyping(testRoom, never)
    await say(adapter, 'Plain.')
    await say(adapter, 'Plain.', 'notice')
    input.write('/help\r/quit\r')
    await sleep(30)
    input.write('/quit\r')
    await done
    expect(written.join('')).not.toMatch(/\u001b\[[0-9;]*m/)
  })

  it('finishes a reply that was open when the person left', async () => {
    const { adapter, input, terminal } = open(true)
    const done = adapter.start(async () => {}, never)
    const key = { id: 'turn.0', firstTriedAt: new Date() }
    const message = await adapter.send(
      testRoom,
      { text: 'The tide', kind: 'reply', final: false },
      key,
      never,
    )
    input.write('\u0003')
    await done
    await adapter.edit(testRoom, message, { text: 'The tide comes.', kind: 'reply', final: true }, key, never)
    expect(terminal.text()).toBe('Mira: The tide\n comes.')
  })
})
