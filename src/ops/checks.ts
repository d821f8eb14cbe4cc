import { access, constants, mkdtemp, rmdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from './config.ts'
import type { Finding } from './doctor.ts'
import { errnoOf, reasonOf } from './errors.ts'

/** The first that knows `using`; .ts files run as they are there too. */
const oldestNode = 24

/** `version` as in `process.versions.node`. */
export function checkNode(version: string): Finding {
  const [major = 0] = version.split('.').map(Number)
  if (major >= oldestNode) return { status: 'ok', detail: `Node ${version}.` }
  return {
    status: 'fail',
    detail: `Node ${version} is too old: ${oldestNode} is the least.`,
    mend: 'Run: npm ci (it brings the right one), and start with npm start or npx hearth.',
  }
}

export function checkConfig(config: Config): Finding {
  if (config.file !== undefined) return { status: 'ok', detail: `${config.file} is in order.` }
  return { status: 'ok', detail: 'There is no hearth.yaml; everything is as by default.' }
}

const mebibyte = 1024 * 1024
/** Below the first the pocket model does not fit; below the second Postgres and PGlite stop writing. */
const scarceBytes = 1024 * mebibyte
const leastBytes = 100 * mebibyte

/** Is there room, and may we write? The data folder is not made; where it is missing, its parent counts. */
export async function checkDisk(config: Config): Promise<Finding> {
  const folder = await nearestFolder(config.data)
  const mend =
    'Choose another folder with `data` in hearth.yaml or HEARTH_DATA, or give the right to write there.'
  const refusal = await refusesWriting(folder)
  if (refusal !== undefined) return { status: 'fail', detail: `Cannot write to ${folder}: ${refusal}.`, mend }
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const detail = `${config.data} can be written; ${amount(free)} are free.`
  if (free >= scarceBytes) return { status: 'ok', detail }
  return { status: free < leastBytes ? 'fail' : 'warn', detail, mend: 'Free some space on that disk.' }
}

async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      await stat(folder)
      return folder
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || dirname(folder) === folder) return folder
    }
  }
}

/** Tries it: rights alone do not tell of a read-only or a full disk, and the superuser has them all. */
async function refusesWriting(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK)
    await rmdir(await mkdtemp(join(folder, '.hearth-doctor-')))
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

function amount(bytes: number): string {
  const mebibytes = Math.floor(bytes / mebibyte)
  return mebibytes < 10 * 1024 ? `${mebibytes} MiB` : `${Math.floor(mebibytes / 1024)} GiB`
}
