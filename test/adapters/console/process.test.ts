import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTerminal } from '../../support/terminal.ts'

const program = fileURLToPath(new URL('../../support/console-echo.ts', import.meta.url))
const soon = { timeout: 15_000, interval: 10 }

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

const python = spawnSync('python3', ['-c', 'import pty, termios, os; os.waitstatus_to_exitcode']).status === 0
if (!python)
  process.stderr.write('Skipped: the terminal in a real pseudo terminal needs python3 (3.9 or newer).\n')

let folder: string
let child: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-console-'))
})
afterEach(async () => {
  if (child !== undefined && child.exitCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  child = undefined
  rmSync(folder, { recursive: true })
})
const journal = () => join(folder, 'shown')

describe.skipIf(!python)('in a real terminal', () => {
  function start() {
    const terminal = createTerminal(60, 16)
    const bridged = spawn('python3', ['-c', bridge, process.execPath, program, journal()], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color' },
    })
    child = bridged
    bridged.stdout.setEncoding('utf8').on('data', (chunk: string) => terminal.write(chunk))
    const shows = (text: string) => vi.waitFor(() => expect(terminal.text()).toContain(text), soon)
    const type = (keys: string) => void bridged.stdin.write(keys)
    const exit = once(bridged, 'exit')
    return { terminal, shows, type, exit }
  }

  it('talks: typing while a reply streams, a paste, /stop, hostile text, /quit', async () => {
    const { terminal, shows, type, exit } = start()
    await shows('Echo: Say something.\n\n›')

    type('the tide comes in and goes out and comes in again\r')
    await shows('Echo: You said: the tide')
    type('typed mean')
    await shows('comes in\nagain\n\n› typed mean')
    type('while\r')
    await shows('Echo: You said: typed meanwhile\n\n›')

    type('\u001b[200~one\rtwo\u001b[201~')
    await shows('› one\n› two')
    type('\r')
    await shows('Echo: You said: one | two\n\n›')

    type(`${'word '.repeat(400)}\r`)
    await shows('Echo: You said: word')
    await sleep(50)
    type('/stop\r')
    await shows('› /stop')
    await shows('(stopped)')

    type('hostile\r')
    await shows('Echo: Look: [2J]0;owned 31m dne eht')
    type('/quit\r')
    const [code] = await exit
    expect(code).toBe(0)
    expect(terminal.strange).toEqual([])
    expect(terminal.text()).toContain(
      [
        'Echo: Say something.',
        '',
        '› the tide comes in and goes out and comes in again',
        'Echo: You said: the tide comes in and goes out and comes in',
        'again',
        '',
        '› typed meanwhile',
        'Echo: You said: typed meanwhile',
        '',
        '› one',
        '› two',
        'Echo: You said: one | two',
        '',
      ].join('\n'),
    )
    expect(terminal.text()).not.toContain('is writing')
    expect(readFileSync(journal(), 'utf8').trim().split('\n')).toHaveLength(6)
  })

  it('ends at Ctrl-C with the exit code 0', async () => {
    const { shows, type, exit } = start()
    await shows('Echo: Say something.\n\n›')
    type('half a li\u0003')
    expect((await exit)[0]).toBe(0)
  })
})

describe('in a real pipe', () => {
  function start() {
    const piped = spawn(process.execPath, [program, journal()], { stdio: 'pipe' })
    child = piped
    return piped
  }
  const all = (stream: Readable) => stream.toArray().then((chunks) => chunks.join(''))

  it('answers a message a line and exits with 0 at the end of input', async () => {
    const piped = start()
    piped.stdin.end('Hello, I am Ada.\nWhat is my name?')
    const [out, errors, [code]] = await Promise.all([
      all(piped.stdout),
      all(piped.stderr),
      once(piped, 'exit'),
    ])
    expect(out).toBe('You said: Hello, I am Ada.\nYou said: What is my name?\n')
    expect(errors).toBe('')
    expect(code).toBe(0)
  })

  it('ends quietly when its reader leaves', async () => {
    const piped = start()
    piped.stdout.destroy()
    piped.stdin.on('error', () => {})
    piped.stdin.write('one\ntwo\n')
    const [errors, [code]] = await Promise.all([all(piped.stderr), once(piped, 'exit')])
    expect(errors).toBe('')
    expect(code).toBe(0)
  })
})
