import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPseudoTerminals, startInTerminal } from '../../support/pseudo-terminal.ts'

const program = fileURLToPath(new URL('../../support/console-echo.ts', import.meta.url))

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

describe.skipIf(!hasPseudoTerminals)('in a real terminal', () => {
  const start = () => startInTerminal([program, journal()])

  it('talks: typing while a reply streams, a paste, /stop, hostile text, /quit', async () => {
    await using run = start()
    const { terminal, shows, type, exit } = run
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
    expect(await exit).toBe(0)
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
    await using run = start()
    await run.shows('Echo: Say something.\n\n›')
    run.type('half a li\u0003')
    expect(await run.exit).toBe(0)
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
