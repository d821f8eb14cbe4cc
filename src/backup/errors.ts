import { configError, storeError } from '../core/errors.ts'

const faults = {
  foreign: [
    'This is no backup of Hearth.',
    'Name a file that ends in .backup, made by: npx hearth backup create',
  ],
  damaged: ['The backup is damaged, or its end is missing.', 'Take another one.'],
  'other-keys': [
    'The backup was not made with these keys.',
    'Take the key file that was written beside the backups of this installation.',
  ],
  'no-keys': [
    'This is no key file of a backup.',
    'Name the file that `backup.keys` in hearth.yaml says, from where you keep its copy.',
  ],
  newer: [
    'The backup was made by a newer version of Hearth.',
    'Install that version, or one that came after it, and restore with it.',
  ],
  'not-empty': [
    'The database is not empty. A backup is restored into an empty one, so that nothing is lost.',
    'Name another database or data folder, or put the old one away first.',
  ],
} as const

/** Codes: `backup-foreign`, `backup-damaged` and so on. */
export function backupFault(fault: keyof typeof faults, cause?: unknown) {
  const [message, mend] = faults[fault]
  return storeError(message, { code: `backup-${fault}`, mend, cause })
}

export const cannotWriteBackup = (place: string, cause: unknown) =>
  storeError(`The backup cannot be written to ${place}.`, {
    code: 'backup-not-written',
    mend: 'Look whether the folder is there, may be written to, and has room.',
    cause,
  })

export const cannotReadBackup = (place: string, cause: unknown) =>
  storeError(`${place} cannot be read.`, {
    code: 'backup-not-read',
    mend: 'Look whether it is there, and whether you may read it.',
    cause,
  })

export const noPlace = () =>
  configError('Where is the backup to go?', {
    code: 'backup-no-place',
    mend: 'Write --to <folder> and --keys <file>, or `backup` into hearth.yaml. Keep the two apart.',
  })
