import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTerminal, type Terminal } from './terminal.ts'

/** Gives the program a pseudo terminal of 60 by 16 and passes everything through. */
const bridge = `
import fcntl, os, pty, struct, sys, termios
def child():
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 16, 60, 0, 0))
pid, master = pty.fork()
if pid == 0:
    child()
    os.execvp(sys.argv[1], sys.argv[1:])
import select
sources = [0, master]
while True:
    ready, _, _ = select.select(sources, [], [])
    try:
        if master in ready:
            data = os.read(master, 65536)
            if not data: break
            os.write(1, data)
    except OSError:
        break
    if 0 in ready:
        data = os.read(0, 65536)
        if data: os.write(master, data)
        else: sources.remove(0)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
`

/** The bridge is Python: without it these tests cannot be had. */
export const hasPseudoTerminals =
  spawnSync('python3', ['-c', 'import pty, termios, os; os.waitstatus_to_exitcode']).status === 0
if (!hasPseudoTerminals)
  process.stderr.write('Skipped: the terminal in a real pseudo terminal needs python3 (3.9 or newer).\n')

export interface PseudoTerminal extends AsyncDisposable {
  readonly terminal: Terminal
  /** Resolves once the text stands on the screen. */
  shows(text: string): Promise<void>
  type(keys: string): void
  /** The exit code. */
  readonly exit: Promise<number | null>
}

export interface PseudoTerminalOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** Runs Node with these arguments in a real pseudo terminal. */
export function startInTerminal(
  args: readonly string[],
  { cwd, environment = process.env }: PseudoTerminalOptions = {},
): PseudoTerminal {
  const terminal = createTerminal(60, 16)
  const child: ChildProcess = spawn('python3', ['-c', bridge, process.execPath, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...environment, TERM: 'xterm-256color' },
  })
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => terminal.write(chunk))
  const exit = once(child, 'exit').then(([code]) => code as number | null)
  return {
    terminal,
    exit,
    async shows(text) {
      const deadline = Date.now() + 30_000
      while (!terminal.text().includes(text)) {
        if (Date.now() > deadline) throw new Error(`Not shown: ${text}\n${terminal.text()}`)
        await sleep(10)
      }
    },
    type: (keys) => void child.stdin?.write(keys),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGKILL')
      await exit
    },
  }
}
