import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type PseudoTerminal, startInTerminal } from './pseudo-terminal.ts'

const root = path.join(import.meta.dirname, '../..')
const program = path.join(root, 'src/cli.ts')
/** Nobody listens there: so that no Ollama server of this machine answers by chance. */
export const nobodyUrl = 'http://127.0.0.1:2'
const patienceMs = 60_000

/** Where the weights of the pocket model lie for all tests, so that they are fetched once. */
export const sharedModels = process.env.HEARTH_MODELS ?? path.join(root, 'node_modules/.cache/hearth-models')

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface HearthProcess extends AsyncDisposable {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  /** One line on standard input. */
  say(line: string | Uint8Array): void
  /** The end of standard input. */
  finish(): void
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
  /** Checks at every output and at the end; rejects when it ended, or a minute went by, without it. */
  until(condition: () => boolean): Promise<void>
}

export interface StartOptions {
  /** Added to the home's. */
  readonly environment?: Readonly<Record<string, string>>
  /** For node itself, before the program. */
  readonly nodeOptions?: readonly string[]
  /** A program that starts node and passes everything on: `strace …`. */
  readonly through?: readonly string[]
  /** All of standard input; without it, it stays open. */
  readonly input?: string | Uint8Array
}

/** A folder in which Hearth is started, as in a fresh clone; everything in it goes when it is disposed of. */
export interface HearthHome extends AsyncDisposable {
  readonly folder: string
  readonly data: string
  configure(yaml: string): Promise<void>
  start(args: readonly string[], options?: StartOptions): HearthProcess
  /** In a real pseudo terminal: only where `hasPseudoTerminals`. */
  startInTerminal(args: readonly string[]): PseudoTerminal
  /** To its end, with an empty standard input where none is given. */
  run(args: readonly string[], options?: StartOptions): Promise<Ended>
}

/** `environment`: that of every process in it, beside a few harmless variables of this one. */
export async function makeHome(environment: Readonly<Record<string, string>> = {}): Promise<HearthHome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-home-'))
  await cp(path.join(root, 'personas'), path.join(folder, 'personas'), { recursive: true })
  const data = environment.HEARTH_DATA ?? path.join(folder, 'data')
  const processes = new Set<AsyncDisposable>()
  const environmentOf = (more: Readonly<Record<string, string>> = {}) => ({
    PATH: process.env.PATH,
    HOME: folder,
    HEARTH_DATA: data,
    OLLAMA_HOST: nobodyUrl,
    ...environment,
    ...more,
  })

  function start(args: readonly string[], options: StartOptions = {}): HearthProcess {
    const node = [process.execPath, ...(options.nodeOptions ?? []), program, ...args]
    const [command = '', ...rest] = [...(options.through ?? []), ...node]
    const child = spawn(command, rest, {
      cwd: folder,
      stdio: 'pipe',
      env: environmentOf(options.environment),
    })
    const hearth = watch(child)
    processes.add(hearth)
    void hearth.ended.then(() => processes.delete(hearth))
    if (options.input !== undefined) child.stdin.end(options.input)
    return hearth
  }

  return {
    folder,
    data,
    configure: (yaml) => writeFile(path.join(folder, 'hearth.yaml'), yaml),
    start,
    startInTerminal(args) {
      const running = startInTerminal([program, ...args], { cwd: folder, environment: environmentOf() })
      processes.add(running)
      return running
    },
    async run(args, options = {}) {
      await using hearth = start(args, { input: '', ...options })
      return await hearth.ended
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...processes].map((hearth) => hearth[Symbol.asyncDispose]()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function watch(child: ChildProcess): HearthProcess {
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('the process has no pipes')
  const texts = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of [...listeners]) listener()
  }
  for (const [name, stream] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      changed()
    })
  }
  // It may have ended before it read what it is told.
  stdin.on('error', () => undefined)
  let over = false
  // `close`, not `exit`: only then all of its output has been read.
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    over = true
    changed()
    return { code, signal, ...texts }
  })

  return {
    pid: child.pid ?? 0,
    get stdout() {
      return texts.stdout
    },
    get stderr() {
      return texts.stderr
    },
    say(line) {
      stdin.write(line)
      stdin.write('\n')
    },
    finish: () => void stdin.end(),
    kill: (signal) => void child.kill(signal),
    ended,
    until(condition) {
      return new Promise((resolve, reject) => {
        const settle = (failure?: string) => {
          clearTimeout(timer)
          listeners.delete(check)
          if (failure === undefined) resolve()
          else reject(new Error(`${failure}\n${texts.stdout}\n${texts.stderr}`))
        }
        const check = () => {
          if (condition()) settle()
          else if (over) settle('Hearth ended before that.')
        }
        const timer = setTimeout(settle, patienceMs, 'Hearth did not come to that.')
        listeners.add(check)
        check()
      })
    },
    async [Symbol.asyncDispose]() {
      if (!over) child.kill('SIGKILL')
      await ended
    },
  }
}

/** The lines of an output, without the empty end of the last one. */
export const linesOf = (text: string): readonly string[] => text.split('\n').slice(0, -1)
