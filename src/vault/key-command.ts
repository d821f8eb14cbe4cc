import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import type { HearthError } from '../core/errors.ts'
import { errnoOf, failure } from './errors.ts'
import { nameSource } from './master-key.ts'

const timeLimitMs = 30_000
const outputMaxBytes = 4096
const posix = process.platform !== 'win32'

/** Only words, no quotes and nothing that a shell would expand: such a command needs no shell. */
const plainPattern = /^[\w@+:,./ \t-]+$/

function start(command: string): ChildProcess {
  const [program, ...words] = command.split(/[ \t]+/)
  const options: SpawnOptions = {
    // Its error output could hold the key, too.
    stdio: ['ignore', 'pipe', 'ignore'],
    // A process group of its own, so that everything that it started can be ended with it.
    detached: posix,
    windowsHide: true,
  }
  return program !== undefined && posix && plainPattern.test(command)
    ? spawn(program, words, options)
    : spawn(command, { ...options, shell: true })
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (posix) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/**
 * What the command prints. Throws `master-key-unreadable`, which holds nothing of the output and of
 * the command only its program's name, or what the aborted signal throws.
 */
export function runKeyCommand(command: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const unreadable = (what: string): HearthError =>
    failure(
      'master-key-unreadable',
      `There is no master key from ${nameSource({ command })}: ${what}.`,
      'Run the command by hand: it must print the key on standard output and exit with 0.',
    )
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let child: ChildProcess
    try {
      child = start(command.trim())
    } catch (error) {
      // Not as a cause: the error that Node throws quotes the command.
      reject(unreadable(`it could not be started (${errnoOf(error)})`))
      return
    }
    const release = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      for (const chunk of chunks) chunk.fill(0)
    }
    const fail = (what: string): void => {
      release()
      reject(unreadable(what))
    }
    const end = (): void => {
      endGroup(child)
      child.stdout?.destroy()
    }
    const giveUp = (): void => {
      release()
      end()
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      fail(`it did not end within ${timeLimitMs / 1000} s`)
      end()
    }, timeLimitMs)
    signal.addEventListener('abort', giveUp)
    child.on('error', (error) => fail(`it could not be started (${errnoOf(error)})`))
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= outputMaxBytes) return
      fail('it printed more than a key')
      end()
    })
    child.on('close', (code, endedBy) => {
      if (code !== 0) {
        fail(`it ended with ${endedBy ?? `exit code ${code}`}`)
        return
      }
      const output = Buffer.concat(chunks)
      resolve(output.toString('utf8'))
      output.fill(0)
      release()
    })
  })
}
