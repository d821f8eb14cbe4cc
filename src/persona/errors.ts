import type { PersonaProblem } from './problem.ts'

/** What the file system threw, as a problem that the operator can mend. Anything else goes on its way. */
export function fileProblem(error: unknown, file: string): PersonaProblem {
  const sentence = sentences[errnoOf(error)]
  if (sentence === undefined) throw error
  return { file, ...sentence }
}

export function errnoOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

const missing = {
  message: 'there is no such file or folder',
  mend: 'Run: npx hearth persona new <name>, or correct `personas` in hearth.yaml.',
}
const refused = {
  message: 'reading it is not allowed',
  mend: 'Give the user that runs Hearth the right to read it.',
}
const notThere = {
  message: 'the link leads nowhere',
  mend: 'Put the file itself in its place.',
}
const wrongKind = {
  message: 'this is not a folder of personas',
  mend: 'Set `personas` in hearth.yaml to the folder that holds one folder for each persona.',
}

const sentences: Readonly<Record<string, Pick<PersonaProblem, 'message' | 'mend'>>> = {
  ENOENT: missing,
  ENOTDIR: wrongKind,
  EACCES: refused,
  EPERM: refused,
  ELOOP: notThere,
  // A socket cannot be opened, a folder cannot be read.
  ENXIO: { message: 'this is no regular file', mend: 'Put a regular file in its place.' },
  EISDIR: { message: 'this is no regular file', mend: 'Put a regular file in its place.' },
  EIO: { message: 'the disk could not read it', mend: 'Check the disk, or restore the file from a backup.' },
}
