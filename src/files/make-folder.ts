import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

/**
 * Makes a folder, with the folders above it; one that is there is left as it is. Step by step, because
 * Node's own `recursive` never comes back where a folder takes no new ones (`/proc`).
 * Throws what the file system throws.
 */
export function makeFolder(folder: string, mode?: number): void {
  const missing: string[] = []
  for (let at = path.resolve(folder); !made(at, mode); at = path.dirname(at)) {
    if (at === path.dirname(at)) throw cannotBeMade(folder)
    missing.push(at)
  }
  for (const each of missing.reverse()) {
    if (!made(each, mode)) throw cannotBeMade(folder)
  }
}

/** False: what is above it is missing too, or takes no folders. */
function made(folder: string, mode: number | undefined): boolean {
  try {
    mkdirSync(folder, { mode })
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EEXIST' && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return true
    if (code === 'ENOENT') return false
    throw error
  }
}

const cannotBeMade = (folder: string): Error =>
  Object.assign(new Error(`no folder can be made at ${folder}`), { code: 'ENOENT' })
