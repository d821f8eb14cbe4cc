import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ConsoleOptions, connectConsole } from '../../../adapters/console/connect.ts'
import type { Adapter } from '../../../src/core/adapter.ts'
import type { InboundEvent } from '../../../src/core/events.ts'
import { externalId } from '../../../src/core/ids.ts'
import {
  type ConsoleRun,
  type ConsoleRunOptions,
  startConsole,
  testRoom,
} from '../../support/console-harness.ts'

const runs: ConsoleRun[] = []
const more: Adapter[] = []
afterEach(async () => {
  for (const adapter of more.splice(0)) await adapter[Symbol.asyncDispose]()
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

describe('what has been shown', () => {
  const partial = (text: string) => ({ text, kind: 'reply', final: false }) as const
  const whole = (text: string) => ({ text, kind: 'reply', final: true }) as const
  const key = (id: string) => ({ id, firstTriedAt: new Date() })

  it('has one beginning of a reply that broke off, however often it begins anew, and then all of it', async () => {
    const { adapter, terminal, input } = open(true)
    const done = adapter.start(async () => {}, never)
    const message = await adapter.send(testRoom, partial('The first half'), key('t.0.0'), never)
    for (const attempt of [2, 3]) {
      for (const [count, text] of ['The', 'The second', 'The second try'].entries())
        await adapter.edit(testRoom, message, partial(text), key(`t.0.0.${attempt}.${count}`), never)
    }
    expect(terminal.text()).toBe('Mira: The first half …\n\nMira is writing…\n›')
    await adapter.edit(testRoom, message, whole('The second try'), key('t.0.0'), never)
    expect(terminal.text()).toBe('Mira: The first half …\n\nMira ↻: The second try\n\n›')
    await adapter.edit(testRoom, message, partial('Another'), key('t.0.1.1.1'), never)
    expect(terminal.text()).toContain('Mira ↻: Another')
    input.write('\u0004')
    await done
  })

  it('is in the journal by its keys alone, readable by nobody else', async () => {
    const { adapter, journalFile } = open(true)
    const message = await adapter.send(testRoom, partial('Sec'), key('t.0.0'), never)
    expect(readFileSync(journalFile, 'utf8')).toBe('')
    await adapter.edit(testRoom, message, partial('Secre'), key('t.0.0.1.1'), never)
    await adapter.edit(testRoom, message, whole('Secret'), key('t.0.0'), never)
    expect(readFileSync(journalFile, 'utf8')).toBe('t.0.0\n')
    await adapter.edit(testRoom, message, whole('Other'), key('t.0.1'), never)
    expect(readFileSync(journalFile, 'utf8')).toBe('t.0.0\nt.0.1\n')
    expect(statSync(journalFile).mode & 0o077).toBe(0)
  })

  it('is not shown again after a restart, but another swipe and an unfinished reply are', async () => {
    const run = open(true)
    const finished = await run.adapter.send(testRoom, whole('Finished.'), key('a.0.0'), never)
    await run.adapter.send(testRoom, partial('Unfin'), key('b.0.0'), never)
    const next = await run.restart()
    more.push(next)
    run.terminal.write('\n--\n')
    await next.edit(testRoom, finished, whole('Finished.'), key('a.0.0'), never)
    await next.edit(testRoom, finished, whole('Another.'), key('a.0.1'), never)
    await next.send(testRoom, whole('Unfinished.'), key('b.0.0'), never)
    await next.edit(testRoom, externalId('b.0.0'), whole('Unfinished.'), key('b.0.0'), never)
    expect(
      run.terminal
        .text()
        .split('--')[1]!
        .match(/Mira.*/g),
    ).toEqual(['Mira: Another.', 'Mira: Unfinished.'])
  })

  it('counts as the answer when the engine sends it a second time', async () => {
    const run = open(false)
    run.input.end('one\n')
    const events: InboundEvent[] = []
    await run.adapter.send(testRoom, whole('one!'), key('a.0'), never)
    const done = run.adapter.start(async (event) => void events.push(event), never)
    await vi.waitFor(() => expect(events).toHaveLength(1))
    await run.adapter.send(testRoom, whole('one!'), key('a.0'), never)
    await done
    expect(run.written).toEqual(['one!\n'])
  })

  it('is only what could be written: a reply that failed fails at the next try as well', async () => {
    const run = open(false)
    run.output._write = (_chunk, _encoding, done) => done(new Error('not now'))
    await expect(run.adapter.send(testRoom, whole('one'), key('a.0'), never)).rejects.toMatchObject({
      retryable: true,
    })
    expect(readFileSync(run.journalFile, 'utf8')).toBe('')
    await expect(run.adapter.send(testRoom, whole('one'), key('a.0'), never)).rejects.toMatchObject({
      retryable: true,
    })
  })

  it('is said to be taken back, and vanishes where it is still being written', async () => {
    const { adapter, terminal } = open(true)
    const begun = adapter.start(async () => {}, never)
    const message = await adapter.send(testRoom, partial('Half a'), key('a.0'), never)
    await adapter.remove(testRoom, message, key('a.0.removal'), never)
    await adapter.send(testRoom, whole('Whole.'), key('b.0'), never)
    expect(terminal.text()).toBe('Mira takes back: “Half a”\nMira: Whole.\n\n›')
    await adapter[Symbol.asyncDispose]()
    await begun
  })

  it('is read without the key that a crash cut off, and the next key stands alone', async () => {
    const run = open(true)
    await run.adapter.send(testRoom, whole('one'), key('turn-1.0'), never)
    appendFileSync(run.journalFile, 'turn-')
    const next = await run.restart()
    more.push(next)
    await next.send(testRoom, whole('two'), key('turn-2.0'), never)
    expect(readFileSync(run.journalFile, 'utf8')).toBe('turn-1.0\nturn-2.0\n')
  })

  it('keeps a bounded journal, and drops a key that was cut by a crash', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-console-'))
    try {
      const journalFile = join(folder, 'console', 'shown')
      mkdirSync(dirname(journalFile))
      writeFileSync(journalFile, Array.from({ length: 5_000 }, (_, index) => `turn-${index}.0\n`).join(''))
      appendFileSync(journalFile, 'turn-4999.')
      const run = open(false, { journalFile })
      const lines = readFileSync(journalFile, 'utf8').split('\n')
      expect(lines).toHaveLength(1_001)
      expect(lines.slice(-2)).toEqual(['turn-4999.0', ''])
      await run.adapter.send(testRoom, whole('old'), key('turn-4999.0'), never)
      await run.adapter.send(testRoom, whole('new'), key('turn-5000.0'), never)
      expect(run.written).toEqual(['new\n'])
      expect(readFileSync(journalFile, 'utf8').endsWith('turn-4999.0\nturn-5000.0\n')).toBe(true)
      expect(existsSync(`${journalFile}.new`)).toBe(false)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('cannot be remembered where the journal is no file: refused at once, with the mend', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-console-'))
    try {
      const { input, output } = open(false)
      const options = {
        account: open(false).adapter.account,
        person: externalId('keyboard'),
        personaName: 'M',
        personName: 'A',
        onLeave: () => {},
      } as const
      const journalFile = folder
      const connect = () =>
        connectConsole({
          ...options,
          room: testRoom.externalId,
          input,
          output: output as ConsoleOptions['output'],
          errors: output,
          isTTY: false,
          colour: false,
          journalFile,
          filesFolder: tmpdir(),
        })
      expect(connect).toThrow(
        expect.objectContaining({ name: 'HearthError', code: 'console-journal', mend: expect.any(String) }),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.skipIf(!existsSync('/dev/full'))(
    'is shown even when the disk of the journal is full, with one warning',
    async () => {
      const run = open(false)
      const descriptor = readdirSync('/proc/self/fd').find((each) => {
        try {
          return readlinkSync(`/proc/self/fd/${each}`) === run.journalFile
        } catch {
          return false
        }
      })
      closeSync(Number(descriptor))
      const others: number[] = []
      // The next free descriptor is the one that was closed: from here on the journal is a full disk.
      for (
        let next = openSync('/dev/full', 'w');
        next !== Number(descriptor);
        next = openSync('/dev/full', 'w')
      ) {
        others.push(next)
      }
      for (const other of others) closeSync(other)
      await run.adapter.send(testRoom, whole('one'), key('a.0'), never)
      await run.adapter.send(testRoom, whole('two'), key('b.0'), never)
      expect(run.written).toEqual(['one\n', 'two\n'])
      expect(run.told).toEqual([expect.stringContaining('may be shown twice')])
    },
  )
})
