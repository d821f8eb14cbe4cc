import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newMasterKeyLine, parseMasterKey } from '../../src/vault/master-key.ts'
import { readMasterKey } from '../../src/vault/read-master-key.ts'
import { useTemporaryFolder } from './temporary-folder.ts'

const { signal } = new AbortController()
const inFolder = useTemporaryFolder()
const line = newMasterKeyLine()
const { id } = parseMasterKey(line, { env: 'X' })

afterEach(() => void vi.useRealTimers())

const failureOf = (
  command: string,
  given: AbortSignal = signal,
): Promise<Error & { code: string; mend: string }> =>
  readMasterKey({ command }, given).then(
    () => expect.unreachable('it gave a key'),
    (error) => error,
  )

/** A killed process whose parent is gone may stay behind as a zombie where nobody collects it. */
function lives(pid: number): boolean {
  try {
    if (process.platform === 'linux') return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

describe('a command as the source', () => {
  it('gives the key that it prints, started without a shell', async () => {
    await writeFile(inFolder('key'), `${line}\n`)
    expect((await readMasterKey({ command: `  cat   ${inFolder('key')} ` }, signal))?.id).toBe(id)
  })

  it('gives the key that a shell line prints', async () => {
    await writeFile(inFolder('a key'), `${line}\n`)
    expect((await readMasterKey({ command: `cat "${inFolder('a key')}" | tr -d ' '` }, signal))?.id).toBe(id)
  })

  it('fails when the program is not there', async () => {
    expect(await failureOf('hearth-no-such-program --x')).toMatchObject({
      code: 'master-key-unreadable',
      message:
        'There is no master key from the master key command (hearth-no-such-program …): it could not be started (ENOENT).',
    })
  })

  it('fails when it prints nothing', async () => {
    expect(await failureOf('true')).toMatchObject({ code: 'master-key-malformed' })
  })

  it('fails when the command itself is empty', async () => {
    expect(await failureOf('  ')).toMatchObject({ who: 'vault', code: 'master-key-unreadable' })
  })

  it.each([
    ['it exits with an error', `echo ${line}; echo ${line} >&2; exit 3`, 'exit code 3'],
    ['it is killed', `echo ${line}; kill -TERM $$`, 'SIGTERM'],
    ['it prints a key and more', `echo ${line}; echo ${line}`, 'not a key'],
    ['it prints without end', 'yes', 'more than a key'],
  ])('fails when %s, without a word of what it printed or of its arguments', async (_, command, says) => {
    const error = await failureOf(command)
    expect(error.message).toContain(says)
    const everything = `${error.message} ${error.mend} ${error.stack} ${JSON.stringify(error)} ${error.cause}`
    expect(everything).not.toContain(line.slice(20, 30))
  })

  it('names no program whose name may be a secret', async () => {
    const error = await failureOf(`TOKEN=sesame false`)
    expect(`${error.message}${error.mend}`).not.toContain('sesame')
  })

  it('ends a command that hangs after 30 s, with everything that it started', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const pids = inFolder('pids')
    const command = `sleep 1000 & echo $! > ${pids}.draft; echo $$ >> ${pids}.draft; mv ${pids}.draft ${pids}; wait`
    const failure = failureOf(command)
    await waitFor(() => existsSync(pids))
    const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number)
    expect(started.filter(lives)).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(29_000)
    expect(started.filter(lives)).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await failure).toMatchObject({ code: 'master-key-unreadable' })
    await waitFor(() => !started.some(lives))
  })

  it('ends the command when the caller gives up', async () => {
    const pidFile = inFolder('pid')
    const giveUp = new AbortController()
    const failure = failureOf(
      `echo $$ > ${pidFile}.draft; mv ${pidFile}.draft ${pidFile}; exec sleep 1000`,
      giveUp.signal,
    )
    await waitFor(() => existsSync(pidFile))
    giveUp.abort()
    expect(await failure).toMatchObject({ name: 'AbortError' })
    await waitFor(() => !lives(Number(readFileSync(pidFile, 'utf8'))))
  })
})
