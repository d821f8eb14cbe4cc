import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError, isAbort, storeError } from '../core/errors.ts'
import { DrizzleQueryError } from './drizzle.ts'

/** SQLSTATE codes that pass by themselves: connection lost, server starting, serialisation, deadlock, too many connections. */
const passing = new Set([
  '40001',
  '40P01',
  '53300',
  '55P03',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
])
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'EAI_AGAIN',
])
const diskFull = new Set(['53100', 'ENOSPC', 'EDQUOT', 'EFBIG'])

const uniqueViolation = '23505'
const foreignKeyViolation = '23503'

/** SQLSTATE or errno name of whatever a driver threw, through drizzle's wrapping. */
function codeOf(error: unknown): string {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  if (typeof cause !== 'object' || cause === null) return ''
  const code = 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : ''
}

function messageOf(error: unknown): string {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  return cause instanceof Error ? cause.message : ''
}

/**
 * Turns what drizzle, pg and PGlite throw into our own error.
 *
 * A driver's error carries the statement's parameters and the failing row (`params`, `detail`), and
 * PGlite's even its query: none of it is kept, not even as cause, only the code.
 */
export function toStoreError(error: unknown, where: string): Error {
  if (error instanceof HearthError || isAbort(error)) return error as Error
  const code = codeOf(error)
  const cause = new Error(`database error ${code || 'without a code'}`)
  if (diskFull.has(code) || /no space left on device|could not extend file/i.test(messageOf(error))) {
    return diskFullError(where, cause)
  }
  if (
    unreachable.has(code) ||
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i.test(
      messageOf(error),
    )
  ) {
    return storeError(`${where} does not answer.`, {
      code: 'database-unreachable',
      mend: 'Check that the Postgres server runs and that `database` names it rightly.',
      retryable: true,
      cause,
    })
  }
  if (code === uniqueViolation) {
    return storeError(`${where} had a row of that kind already.`, {
      code: 'conflict',
      retryable: true,
      cause,
    })
  }
  if (code === foreignKeyViolation) return goneError()
  if (code === '28P01' || code === '28000') {
    return storeError(`${where} refuses the user name or password.`, {
      code: 'database-refused',
      mend: 'Check user and password in `database` (or DATABASE_URL).',
      cause,
    })
  }
  if (code === '3D000') {
    return storeError(`${where} does not exist on that server.`, {
      code: 'database-missing',
      mend: 'Create it (createdb), or correct the name in `database` (or DATABASE_URL).',
      cause,
    })
  }
  return storeError(`${where} reported an error (${code || 'no code'}).`, {
    code: 'database-error',
    retryable: passing.has(code),
    cause,
  })
}

export function diskFullError(where: string, cause: unknown): HearthError {
  return storeError(`The disk is full: ${where} cannot be written.`, {
    code: 'disk-full',
    mend: 'Free some space on that disk. Nothing that was accepted is lost.',
    retryable: true,
    cause,
  })
}

/** What somebody held in memory, to write something beside it, is not in the database any more. */
export function goneError(): HearthError {
  return storeError('What this belongs to was erased meanwhile.', { code: 'gone', retryable: true })
}

/** Asked before each part of an import: they may say so in the middle of it. */
export const importPaused = (): HearthError =>
  storeError('The person has paused remembering: nothing of theirs is imported.', {
    code: 'import-paused',
    mend: 'Ask them. When they have said memory resume, the same command takes it in.',
  })

export const isGone = (error: unknown): boolean => error instanceof HearthError && error.code === 'gone'

/** What was sealed does not open, and never will by itself: it was changed, or its key is gone. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof HearthError && (error.code === 'cannot-open' || error.code === 'key-destroyed')

/** Two processes did the same at the same moment, and this was the slower one. */
export const isConflict = (error: unknown): boolean =>
  error instanceof HearthError && error.code === 'conflict'

/** Postgres has undone a whole transaction, since it and others waited for each other, or met in the same rows. */
const undone = new Set(['40001', '40P01'])
const triesMost = 5
const waitMostMs = 20

/**
 * Runs one piece of database work: a statement or a transaction, which is done again, a few times, where Postgres has
 * undone it for the sake of another one. Whatever it throws is ours.
 */
export async function guarded<T>(where: string, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!undone.has(codeOf(error)) || tries === triesMost) throw toStoreError(error, where)
      // Two that have met would meet again.
      await sleep(Math.random() * waitMostMs * tries)
    }
  }
}
