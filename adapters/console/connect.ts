import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { basename, dirname, join, parse } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { Adapter, OnEvent, Outgoing } from '../../src/core/adapter.ts'
import type { Account } from '../../src/core/conversation.ts'
import type { HearthError } from '../../src/core/errors.ts'
import { type ExternalId, externalId } from '../../src/core/ids.ts'
import { holdBackSurrogate } from '../../src/core/text.ts'
import { decode, gatherPastes, readLines } from './decode.ts'
import { createPipe, createScreen, inWords, type Output, type Screen, safeName } from './encode.ts'
import {
  cannotEdit,
  fileRefused,
  hasLeft,
  inputFailed,
  journalUnusable,
  outputFailed,
  sentence,
} from './errors.ts'

export interface ConsoleOptions {
  readonly account: Account
  /** Who sits at the keyboard: the same one in every room and with every persona. */
  readonly person: ExternalId
  readonly personaName: string
  readonly personName: string
  readonly room: ExternalId
  readonly input: Readable
  readonly output: Output
  /** Where notices go in pipe mode. */
  readonly errors: Writable
  /** True: both ends are a terminal that can move its cursor. False: pipe mode, a message a line. */
  readonly isTTY: boolean
  readonly colour: boolean
  /** Remembers across restarts which replies have been shown: their keys, none of their text. */
  readonly journalFile: string
  /** Where files are put that are handed to the person. */
  readonly filesFolder: string
  /** The person leaves: from here on the terminal's keys make signals again. */
  readonly onLeave: () => void
}

const keysKept = 1000

/**
 * What has been shown, by delivery key. The text is known for what this process has shown; of earlier
 * processes the journal keeps the keys. Throws `HearthError` (`console-journal`).
 */
function openLedger(file: string) {
  const texts = new Map<string, string | undefined>()
  let descriptor: number | undefined
  let broken = false
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    descriptor = openSync(file, 'a', 0o600)
    const lines = readFileSync(file, 'utf8').split('\n')
    // A kill or a full disk may leave half a key behind the last line end.
    const torn = lines.pop() !== ''
    for (const key of lines.slice(-keysKept)) texts.set(key, undefined)
    if (torn || lines.length > 2 * keysKept) {
      writeFileSync(`${file}.new`, Array.from(texts.keys(), (key) => `${key}\n`).join(''), { mode: 0o600 })
      renameSync(`${file}.new`, file)
      closeSync(descriptor)
      descriptor = openSync(file, 'a')
    }
  } catch (error) {
    throw journalUnusable(file, error)
  }
  return {
    has: (key: string) => texts.has(key),
    text: (key: string) => texts.get(key),
    fromEarlierProcess: (key: string) => texts.has(key) && texts.get(key) === undefined,
    forget: (key: string) => void texts.delete(key),
    set(key: string, text: string) {
      texts.delete(key)
      texts.set(key, text)
      if (texts.size > 2 * keysKept) texts.delete(texts.keys().next().value ?? '')
    },
    /**
     * Called right after the write. A process that is killed between the two (microseconds) shows that
     * reply once more at its next start; in the other order the reply would be lost. A terminal has no
     * better answer: it cannot be asked what it shows. False, once: the journal cannot be written.
     */
    record(key: string): boolean {
      if (descriptor === undefined || broken) return true
      try {
        writeSync(descriptor, `${key}\n`)
      } catch {
        broken = true
      }
      return !broken
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}

/** The work goes on when the signal aborts, but nobody waits for it any longer. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** The path of a file that is handed out, under a name that was free; for its owner alone. */
function putFile(folder: string, { attachment }: Outgoing): string | undefined {
  if (attachment?.kind !== 'file') return undefined
  const { name, ext } = parse(basename(attachment.name))
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? `${name}${ext}` : `${name}-${number}${ext}`)
    try {
      writeFileSync(path, attachment.bytes, { flag: 'wx', mode: 0o600 })
      return path
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
        throw fileRefused(path, error)
    }
  }
}

/** Throws `HearthError` (`console-journal`). Nothing is read before `start`. */
export function connectConsole(options: ConsoleOptions): Adapter {
  const { output, errors, isTTY } = options
  const ledger = openLedger(options.journalFile)
  const screen = isTTY ? createScreen(options) : undefined
  const surface = screen ?? createPipe(output, errors)
  const talk = listenTo(options, screen, (text) => tell(text))
  let closed = false

  async function tell(text: string): Promise<void> {
    await surface.show('', undefined, { kind: 'notice', text, final: true })
  }

  /** `message` is the key with which it was sent first; `key` that of this change. */
  async function render(message: string, content: Outgoing, key: string): Promise<void> {
    const file = putFile(options.filesFolder, content)
    const text = content.final ? inWords(content, file) : holdBackSurrogate(content.text).ready
    const before = ledger.text(message)
    ledger.set(message, text)
    ledger.set(key, text)
    await surface.show(message, before, { ...content, text }).catch((error) => {
      ledger.forget(key)
      throw outputFailed(error)
    })
    if (!content.final || ledger.record(key)) return
    await tell(`${options.journalFile} cannot be written: after a restart a reply may be shown twice.`)
  }

  function check(signal: AbortSignal): void {
    signal.throwIfAborted()
    if (closed) throw outputFailed()
  }

  return {
    account: options.account,
    limits: {
      messageChars: 1_000_000,
      canEdit: isTTY,
      graceMs: 40,
      editPauseMs: () => 33,
      bursts: false,
      operator: true,
      answersAlone: true,
    },
    start: talk.start,
    async send(_room, content, key, signal) {
      check(signal)
      if (!ledger.has(key.id)) await unlessAborted(render(key.id, content, key.id), signal)
      return externalId(key.id)
    },
    async edit(_room, message, content, key, signal) {
      check(signal)
      if (screen === undefined) throw cannotEdit()
      if (!ledger.fromEarlierProcess(key.id)) await unlessAborted(render(message, content, key.id), signal)
    },
    async remove(_room, message, _key, signal) {
      check(signal)
      if (screen === undefined) throw cannotEdit()
      if (ledger.has(message)) screen.takeBack(message, ledger.text(message))
      ledger.forget(message)
    },
    async signalTyping(_room, signal) {
      check(signal)
      surface.typing()
    },
    async [Symbol.asyncDispose]() {
      if (closed) return
      closed = true
      await talk.end()
      surface.close()
      ledger.close()
    },
  }
}

/** The person's side: from what they type to `onEvent`. */
function listenTo(
  options: ConsoleOptions,
  screen: Screen | undefined,
  tell: (text: string) => Promise<void>,
) {
  const { input, output, errors } = options
  const ending = new AbortController()
  const end = () => ending.abort()
  const leave = () => {
    if (!ending.signal.aborted) options.onLeave()
    end()
  }
  const nothing = () => {}
  let failure: HearthError | undefined
  let started: Promise<void> = Promise.resolve()

  const endsWith = (translate: (cause: unknown) => HearthError) => (cause: unknown) => {
    if (!hasLeft(cause)) failure ??= translate(cause)
    end()
  }
  const inputError = endsWith(inputFailed)
  const outputError = endsWith(outputFailed)
  input.on('error', inputError)
  output.on('error', outputError)
  errors.on('error', nothing)

  const base = () => ({
    room: { externalId: options.room, kind: 'direct' as const },
    sender: { externalId: options.person, displayName: safeName(options.personName) },
    at: new Date(),
  })

  async function take(typed: string, onEvent: OnEvent): Promise<void> {
    const entry = decode(typed, base(), screen !== undefined)
    if (entry.kind === 'quit') leave()
    if (entry.kind === 'answer') await tell(entry.text)
    if (entry.kind !== 'event') return
    try {
      await onEvent(entry.event)
    } catch (error) {
      await tell(sentence(error))
      throw error
    }
  }

  async function converse(terminal: Screen, onEvent: OnEvent): Promise<void> {
    const joined = onEvent({ ...base(), kind: 'membership', change: 'joined' })
    let queue: Promise<unknown> = joined.catch(nothing)
    const gatherer = gatherPastes((text) => {
      // What was not taken has been told, and stands one arrow key away in the editor's history.
      queue = queue.then(() => take(text, onEvent)).catch(nothing)
    })
    const ended = new Promise((resolve) => ending.signal.addEventListener('abort', resolve))
    terminal.listen(gatherer, leave)
    try {
      await Promise.race([ended, joined.then(() => ended)])
    } finally {
      terminal.close()
      gatherer.flush()
      await queue
    }
  }

  async function readAll(onEvent: OnEvent): Promise<void> {
    ending.signal.addEventListener('abort', () => input.destroy())
    const onCut = () => void tell('A line was too long: only its beginning is passed on.')
    try {
      for await (const line of readLines(input, onCut)) {
        // Served one by one: the event resolves with its answer, and only then comes the next line.
        await unlessAborted(take(line, onEvent), ending.signal)
        if (ending.signal.aborted) return
      }
    } catch (error) {
      if (!ending.signal.aborted) throw error
    }
  }

  return {
    async start(onEvent: OnEvent, signal: AbortSignal): Promise<void> {
      if (signal.aborted) return
      signal.addEventListener('abort', end)
      started = screen === undefined ? readAll(onEvent) : converse(screen, onEvent)
      await started.finally(() => signal.removeEventListener('abort', end))
      if (failure !== undefined) throw failure
    },
    async end(): Promise<void> {
      end()
      await started.catch(nothing)
      input.off('error', inputError)
      output.off('error', outputError)
      errors.off('error', nothing)
    },
  }
}
