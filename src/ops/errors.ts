import { configError, type HearthError } from '../core/errors.ts'

/** The errno name of what the file system or the network threw: `ENOENT`. Their messages may hold anything. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown error'
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of this path is no folder',
  EISDIR: 'this is a folder',
  EACCES: 'that is not allowed',
  EPERM: 'that is not allowed',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EADDRINUSE: 'another program listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no host of that name',
}

/** Half a sentence in plain words. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error)
  return sentences[code] ?? `the system says ${code}`
}

export function configMissing(file: string): HearthError {
  return configError(`There is no configuration file ${file}.`, {
    code: 'config-missing',
    mend: 'Correct the path (--config, HEARTH_CONFIG), or write a new file with: npx hearth init',
  })
}

export function configUnreadable(file: string, error: unknown): HearthError {
  return configError(`The configuration ${file} cannot be read: ${reasonOf(error)}.`, {
    code: 'config-unreadable',
    mend: 'Give the user that runs Hearth the right to read it.',
    cause: error,
  })
}

/** `because` goes on from "cannot be read: ". */
export function configUnusable(file: string, because: string): HearthError {
  return configError(`The configuration ${file} cannot be read: ${because}.`, {
    code: 'config-unreadable',
    mend: 'Put a YAML file in its place; npx hearth init writes one.',
  })
}

export function configUnwritable(file: string, error: unknown): HearthError {
  return configError(`${file} cannot be written: ${reasonOf(error)}. Nothing was changed.`, {
    code: 'config-unwritable',
    mend: 'Choose a folder that you may write to.',
    cause: error,
  })
}

export function logUnwritable(file: string, error: unknown): HearthError {
  return configError(`The log ${file} cannot be written: ${reasonOf(error)}.`, {
    code: 'log-unwritable',
    mend: 'Give the user that runs Hearth the right to write to its data folder.',
    cause: error,
  })
}
