import { HearthError, platformError } from '../../src/core/errors.ts'

/** The list of what has been shown cannot be read or written at start. */
export const journalUnusable = (file: string, cause: unknown): HearthError =>
  platformError(`The terminal's list of shown replies cannot be used: ${file}.`, {
    code: 'console-journal',
    mend: 'See that its folder may be written by this user and that the disk is not full.',
    cause,
  })

/** The reply stays with the engine, which offers it again. */
export const outputFailed = (cause?: unknown): HearthError =>
  platformError('The reply could not be written to standard output.', {
    code: 'console-output',
    mend: 'Start Hearth again: the reply is kept and shown then.',
    retryable: true,
    cause,
  })

export const inputFailed = (cause: unknown): HearthError =>
  platformError('Standard input cannot be read.', {
    code: 'console-input',
    mend: 'See what standard input is connected to.',
    cause,
  })

export const fileRefused = (file: string, cause: unknown): HearthError =>
  platformError(`${file} cannot be written.`, {
    code: 'file-refused',
    mend: 'Start Hearth in a folder that you may write to.',
    cause,
  })

export const cannotEdit = (): HearthError =>
  platformError('What was written to a pipe cannot be changed any more.', { code: 'console-append-only' })

/** The one sentence and its mend, for a person's eyes. Foreign errors stay in the log. */
export function sentence(error: unknown): string {
  if (!(error instanceof HearthError)) return 'Hearth could not take your message. Its log says why.'
  return error.mend === undefined ? error.message : `${error.message} ${error.mend}`
}

/** True when nobody is there any more: the reader of a pipe has seen enough, or the terminal was closed. */
export function hasLeft(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'EIO')
}
