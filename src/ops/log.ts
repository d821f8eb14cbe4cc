import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { makeFolder } from '../files/make-folder.ts'
import type { LogLevel } from './config-schema.ts'
import { logUnwritable } from './errors.ts'
import { describeError } from './log-errors.ts'
import { harmlessFields, type LogFields, shortened } from './log-fields.ts'

/**
 * `what` is a constant sentence. Fields are ids, numbers and names of things that the operator
 * chose: never what anybody said, who they are, or a secret. A field whose name sounds like one of
 * those is blacked out, and of errors that are not ours the message is left out.
 */
export interface Log {
  debug(what: string, fields?: LogFields): void
  info(what: string, fields?: LogFields): void
  warn(what: string, fields?: LogFields): void
  error(what: string, error: unknown, fields?: LogFields): void
  /** The same log with these fields in every line: `log.child({ turn: turn.id })`. */
  child(fields: LogFields): Log
}

export interface OpenLog extends Log, Disposable {}

export interface LogOptions {
  readonly level: LogLevel
  /** Its folder is made where it is missing; undefined: standard error. */
  readonly file: string | undefined
}

const standardError = 2

/** One JSON object a line. Throws `HearthError` (`log-unwritable`) where the file cannot be opened. */
export function openLog({ level, file }: LogOptions): OpenLog {
  const descriptor = file === undefined ? standardError : openFile(file)
  let open = true
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    lineWriter(descriptor, () => open),
  )
  return {
    ...logOver(logger),
    [Symbol.dispose]() {
      if (open && file !== undefined) closeSync(descriptor)
      open = false
    },
  }
}

function logOver(logger: Logger): Log {
  return {
    debug: (what, fields = {}) => logger.debug(harmlessFields(fields), shortened(what)),
    info: (what, fields = {}) => logger.info(harmlessFields(fields), shortened(what)),
    warn: (what, fields = {}) => logger.warn(harmlessFields(fields), shortened(what)),
    error: (what, error, fields = {}) =>
      logger.error({ ...harmlessFields(fields), error: describeError(error) }, shortened(what)),
    child: (fields) => logOver(logger.child(harmlessFields(fields))),
  }
}

/** Only the operator may read it, also where an older file was open to others. */
function openFile(file: string): number {
  try {
    makeFolder(dirname(file), 0o700)
    const descriptor = openSync(file, 'a', 0o600)
    fchmodSync(descriptor, 0o600)
    return descriptor
  } catch (error) {
    throw logUnwritable(file, error)
  }
}

/**
 * Writes at once, so that the lines before a crash are there (some 10 µs each). A line that cannot be
 * written is dropped: a full disk or a closed pipe must not stop a conversation, and pino's own
 * destination keeps such lines in memory without bound and waits for ever at the exit.
 */
function lineWriter(descriptor: number, isOpen: () => boolean): DestinationStream {
  let torn = false
  return {
    write(line) {
      if (!isOpen()) return
      let rest = Buffer.from(torn ? `\n${line}` : line)
      try {
        while (rest.length > 0) {
          rest = rest.subarray(writeSync(descriptor, rest))
          torn = rest.length > 0
        }
      } catch {
        // What was written of the line stays; the next one begins on a line of its own.
      }
    },
  }
}
