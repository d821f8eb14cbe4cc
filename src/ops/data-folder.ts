import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { configError, type HearthError } from '../core/errors.ts'

/**
 * Makes the data folder, open to its owner alone, with the folders above it. Step by step, because Node's
 * own `recursive` never comes back where a folder takes no new ones (`/proc`).
 * Throws `HearthError` (`data-folder`).
 */
export function makeDataFolder(folder: string): void {
  const missing: string[] = []
  for (let at = path.resolve(folder); !made(at); at = path.dirname(at)) {
    if (at === path.dirname(at)) throw unusable(folder, undefined)
    missing.push(at)
  }
  for (const each of missing.reverse()) {
    if (!made(each)) throw unusable(folder, undefined)
  }

  /** False: what is above it is missing too. */
  function made(at: string): boolean {
    try {
      mkdirSync(at, { mode: 0o700 })
      return true
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EEXIST') return true
      if (code === 'ENOENT') return false
      throw unusable(folder, error)
    }
  }
}

function unusable(folder: string, cause: unknown): HearthError {
  return configError(`The data folder ${folder} cannot be made.`, {
    code: 'data-folder',
    mend: 'Choose a folder that you may write to, with `data` in hearth.yaml or with HEARTH_DATA.',
    cause,
  })
}
