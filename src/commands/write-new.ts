import { open, rm } from 'node:fs/promises'
import { personaError } from '../core/errors.ts'
import { errnoOf } from '../persona/errors.ts'
import { shownPath } from '../persona/place.ts'

export interface NewFile extends AsyncDisposable {
  /** Without it the file goes again. */
  write(content: string | Uint8Array): Promise<void>
}

/** Opens a file that is not there yet, so that it is known before a long work whether it can be. Throws `HearthError`. */
export async function openNew(path: string, option: string): Promise<NewFile> {
  const handle = await open(path, 'wx').catch((cause: unknown) => {
    throw unwritable(path, option, cause)
  })
  let written = false
  return {
    async write(content) {
      try {
        await handle.writeFile(content)
        written = true
      } catch (cause) {
        throw unwritable(path, option, cause)
      }
    },
    async [Symbol.asyncDispose]() {
      await handle.close()
      if (!written) await rm(path, { force: true })
    },
  }
}

/** The same at once. Throws `HearthError`. */
export async function writeNew(path: string, option: string, content: string | Uint8Array): Promise<void> {
  await using file = await openNew(path, option)
  await file.write(content)
}

function unwritable(path: string, option: string, cause: unknown) {
  const there = errnoOf(cause) === 'EEXIST'
  const shown = shownPath(path)
  return personaError(
    there
      ? `${shown} is there already.`
      : `${shown} cannot be written (${errnoOf(cause) || 'unknown error'}).`,
    {
      code: there ? 'persona-exists' : 'persona-unwritable',
      mend: `Say where it goes with ${option} <file>.`,
      cause,
    },
  )
}
