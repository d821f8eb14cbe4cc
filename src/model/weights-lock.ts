import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from './pocket-errors.ts'

/**
 * Lets one process at a time do a piece of work on a folder that several machines may share.
 *
 * The holder writes a lock file and touches it now and then. A waiter takes the lock over when the holder was a
 * process of this machine that is gone, or when the file has not been touched for a while. It watches for the
 * change of the time stamp and never compares it with its own clock: the folder may lie on a server with another
 * clock. Should two processes ever hold it at once, no harm is done: what they make is checked before it is used.
 */

const touchEveryMs = 2_000
const staleAfterMs = 15_000
const pollMs = 250
/** Two waiters may take over together; the last one to write stays, and the other sees it after this pause. */
const takeOverPauseMs = 200

interface Holder {
  readonly id: string
  readonly pid: number
  readonly host: string
}

/** Calls `onWait` again and again while another process has the lock. Throws what `work`, `onWait` or the file system throws. */
export async function withFileLock<Result>(
  path: string,
  onWait: () => Promise<void>,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const id = randomUUID()
  await acquire(path, id, onWait, signal)
  const timer = setInterval(() => {
    const now = new Date()
    // A failed touch shows at the next step of the work itself.
    utimes(path, now, now).catch(() => undefined)
  }, touchEveryMs)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    if ((await readHolder(path))?.id === id) await rm(path, { force: true })
  }
}

async function acquire(
  path: string,
  id: string,
  onWait: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const content = JSON.stringify({ id, pid: process.pid, host: hostname() } satisfies Holder)
  let lastStamp: number | undefined
  let unchangedSince = performance.now()
  for (;;) {
    signal.throwIfAborted()
    if (await create(path, content)) return
    const stamp = await timeStamp(path)
    if (stamp !== lastStamp) {
      lastStamp = stamp
      unchangedSince = performance.now()
    }
    const holder = await readHolder(path)
    if (isGone(holder) || performance.now() - unchangedSince > staleAfterMs) {
      if (await takeOver(path, id, content, signal)) return
    }
    await onWait()
    await sleep(pollMs, undefined, { signal })
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function takeOver(path: string, id: string, content: string, signal: AbortSignal): Promise<boolean> {
  const candidate = `${path}.${id}`
  try {
    await writeFile(candidate, content)
    await rename(candidate, path)
  } finally {
    await rm(candidate, { force: true })
  }
  await sleep(takeOverPauseMs, undefined, { signal })
  return (await readHolder(path))?.id === id
}

async function timeStamp(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { id, pid, host } = value as Partial<Record<keyof Holder, unknown>>
    if (typeof id !== 'string' || typeof pid !== 'number' || typeof host !== 'string') return undefined
    return { id, pid, host }
  } catch {
    return undefined
  }
}

function isGone(holder: Holder | undefined): boolean {
  if (holder === undefined || holder.host !== hostname()) return false
  try {
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return codeOf(error) === 'ESRCH'
  }
}
