import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { exists, keptFolder, keptPlace } from '../test-cache.ts'

const run = promisify(execFile)

/** Fixed, so that a run of today and one of next year test against the same server. */
const version = '1.163.2'
/** About 240 MB of wheels have to come. */
const installMostMs = 600_000

export type Installed =
  | { readonly ready: true; readonly python: string }
  | { readonly ready: false; readonly reason: string }

/** The Python that has Synapse: in a virtual environment that is made once and kept for later runs. */
export async function installSynapse(): Promise<Installed> {
  const name = `synapse-${version}`
  const python = path.join(keptPlace(name), 'bin', 'python')
  if (await exists(python)) return { ready: true, python }
  const base = await findPython()
  if (base === undefined) return { ready: false, reason: 'there is no Python 3.10 or later with venv here' }
  await keptFolder(name, async (draft) => {
    process.stderr.write(`Installing ${name} for the Matrix tests (once, into ${keptPlace(name)}) …\n`)
    await run(base, ['-m', 'venv', draft])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:']
    await run(path.join(draft, 'bin', 'python'), [...pip, `matrix-synapse==${version}`], {
      timeout: installMostMs,
      maxBuffer: 10_000_000,
    })
  })
  return { ready: true, python }
}

async function findPython(): Promise<string | undefined> {
  for (const program of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    const check = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)'
    const fits = await run(program, ['-c', check]).then(
      () => true,
      () => false,
    )
    if (fits) return program
  }
  return undefined
}
