import { configError, type HearthError } from '../core/errors.ts'
import { makeFolder } from '../files/make-folder.ts'

/** Makes the data folder, open to its owner alone. Throws `HearthError` (`data-folder`). */
export function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder, 0o700)
  } catch (error) {
    throw unusable(folder, error)
  }
}

function unusable(folder: string, cause: unknown): HearthError {
  return configError(`The data folder ${folder} cannot be made.`, {
    code: 'data-folder',
    mend: 'Choose a folder that you may write to, with `data` in hearth.yaml or with HEARTH_DATA.',
    cause,
  })
}
