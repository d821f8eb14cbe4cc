import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../files/make-folder.ts'
import { configUnwritable } from './errors.ts'

/**
 * The file is there whole or not at all; one that was there before stays until the new one is complete.
 * Throws `HearthError` (`config-unwritable`).
 */
export async function writeConfig(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    makeFolder(dirname(path))
    {
      // A password may be added to it later.
      await using file = await open(temporary, 'wx', 0o600)
      await file.writeFile(text)
      await file.sync()
    }
    await rename(temporary, path)
  } catch (error) {
    throw configUnwritable(path, error)
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}
