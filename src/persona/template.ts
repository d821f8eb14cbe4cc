import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type HearthError, personaError } from '../core/errors.ts'
import type { PersonaId } from '../core/ids.ts'
import { makeFolder } from '../files/make-folder.ts'
import { errnoOf } from './errors.ts'
import { loreFolder } from './lore-folder.ts'
import { personaFile, shownPath } from './place.ts'
import { loreTemplate, personaTemplate } from './template-texts.ts'

/**
 * Writes an example to change, `<folder>/<id>/persona.yaml` and a book of lore beside it, and returns their paths as
 * the operator would type them. Throws `HearthError` when one of them is there already, or cannot be written; then
 * none is written.
 */
export async function createPersona(
  folder: string,
  id: PersonaId,
  signal: AbortSignal,
): Promise<readonly string[]> {
  signal.throwIfAborted()
  const own = join(folder, id)
  const files = [
    { path: join(own, personaFile), text: personaTemplate(id) },
    { path: join(own, loreFolder, 'garden.json'), text: loreTemplate },
  ]
  const written: string[] = []
  for (const { path, text } of files) {
    try {
      makeFolder(join(path, '..'))
    } catch (error) {
      await takeBack(written)
      throw unwritable(path, error)
    }
    try {
      // `wx` never writes over a file, so what is taken back is always our own.
      await writeFile(path, text, { flag: 'wx' })
    } catch (error) {
      const isThere = errnoOf(error) === 'EEXIST'
      await takeBack(isThere ? written : [...written, path])
      throw isThere ? alreadyThere(path, error) : unwritable(path, error)
    }
    written.push(path)
  }
  return written.map(shownPath)
}

async function takeBack(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true }).catch(() => undefined)
}

const alreadyThere = (path: string, cause: unknown): HearthError =>
  personaError(`${shownPath(path)} is there already.`, {
    code: 'persona-exists',
    mend: 'Choose another name, or change the file itself.',
    cause,
  })

const unwritable = (path: string, cause: unknown): HearthError =>
  personaError(`${shownPath(path)} cannot be written (${errnoOf(cause) || 'unknown error'}).`, {
    code: 'persona-unwritable',
    mend: 'Look at the rights of the folder, at what stands in its way, and at the room on the disk.',
    cause,
  })
