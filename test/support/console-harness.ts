import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { type ConsoleOptions, connectConsole } from '../../adapters/console/connect.ts'
import type { Adapter } from '../../src/core/adapter.ts'
import type { RoomReference } from '../../src/core/events.ts'
import { accountId, externalId } from '../../src/core/ids.ts'
import type { RunningAdapter, SeenMessage } from '../contract/adapter.ts'
import { createTerminal, type Terminal } from './terminal.ts'

export interface ConsoleRun extends RunningAdapter {
  readonly input: PassThrough
  /** Each write to standard output and standard error. */
  readonly written: string[]
  readonly told: string[]
  readonly output: Writable
  readonly terminal: Terminal
  readonly journalFile: string
}

export interface ConsoleRunOptions extends Partial<ConsoleOptions> {
  readonly columns?: number
  readonly rows?: number
}

const account = { id: accountId('console'), platform: 'console' } as const
export const testRoom: RoomReference = { externalId: externalId('mira'), kind: 'direct' }

/** A console adapter whose terminal is in memory. */
export function startConsole(isTTY: boolean, options: ConsoleRunOptions = {}): ConsoleRun {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-console-'))
  const journalFile = join(folder, 'console', 'shown')
  const terminal = createTerminal(options.columns, options.rows)
  const written: string[] = []
  const told: string[] = []
  const { columns, rows } = options
  const stream = (into: string[]) =>
    Object.assign(
      new Writable({
        decodeStrings: false,
        write: (chunk, _encoding, done) => {
          into.push(String(chunk))
          if (into === written) terminal.write(String(chunk))
          done()
        },
      }),
      { columns, rows },
    )
  const output = stream(written)
  const errors = stream(told)
  let input = new PassThrough()

  const connect = (): Adapter =>
    connectConsole({
      account,
      person: externalId('keyboard'),
      personaName: 'Mira',
      personName: 'Ada',
      room: testRoom.externalId,
      input,
      output: output as ConsoleOptions['output'],
      errors,
      isTTY,
      colour: true,
      journalFile,
      filesFolder: tmpdir(),
      onLeave: () => {},
      ...options,
    })

  const run: ConsoleRun = {
    adapter: connect(),
    room: testRoom,
    get input() {
      return input
    },
    written,
    told,
    output,
    terminal,
    journalFile,
    person: {
      say: async (text) => void input.write(`${text}${isTTY ? '\r' : '\n'}`),
      seen: () =>
        isTTY
          ? readScreen(terminal)
          : [
              ...written.map((text): SeenMessage => ({ id: undefined, text: text.trimEnd(), kind: 'reply' })),
              ...told.map((text): SeenMessage => ({ id: undefined, text: text.trimEnd(), kind: 'notice' })),
            ],
    },
    restart: async () => {
      // The old one keeps its ends of the old streams, as a killed process keeps nothing.
      input = new PassThrough()
      return connect()
    },
    held: () => [
      ...(['error', 'keypress', 'resize'] as const).flatMap((event) =>
        [input, output, errors].filter(alive).flatMap((each) => each.listeners(event).map(() => event)),
      ),
      ...openFiles(folder),
    ],
    release: async () => rmSync(folder, { recursive: true }),
  }
  return run
}

// Reading a stream to its end leaves a listener of Node's own on what is destroyed.
const alive = (stream: { readonly destroyed: boolean }) => !stream.destroyed

function openFiles(folder: string): readonly string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`)
      return target.startsWith(folder) ? [target] : []
    } catch {
      return []
    }
  })
}

/** Reads a screen as a person does: a marked reply stands for the one before, and notices are faint. */
function readScreen(terminal: Terminal): readonly SeenMessage[] {
  const seen: { id: undefined; text: string; kind: 'reply' | 'notice' }[] = []
  let open = false
  for (const { text, dim } of terminal.rows()) {
    const head = /^Mira( ↻)?: ?(.*)$/.exec(text)
    const back = /^Mira takes back: “(.*?)…?”$/.exec(text)
    if (dim && back !== null) {
      const gone = seen.findLastIndex((each) => each.text.startsWith(back[1]!))
      if (gone !== -1) seen.splice(gone, 1)
      open = false
    } else if (dim) {
      seen.push({ id: undefined, text, kind: 'notice' })
      open = false
    } else if (head !== null) {
      if (head[1] !== undefined)
        seen.splice(
          seen.findLastIndex(({ kind }) => kind === 'reply'),
          1,
        )
      seen.push({ id: undefined, text: head[2]!, kind: 'reply' })
      open = true
    } else if (text.startsWith('›')) open = false
    else if (open) seen.at(-1)!.text += `\n${text}`
  }
  return seen.map((each) => ({ ...each, text: each.text.trim() }))
}
