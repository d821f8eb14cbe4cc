import { spawnSync } from 'node:child_process'
import { appendFile, cp, mkdtemp, rm, stat, statfs, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { linesOf, makeHome } from '../support/hearth-process.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

/** Enough for an empty built-in database and its write-ahead log. */
const diskMb = 96

const disk = await mkdtemp(path.join(tmpdir(), 'hearth-disk-'))
const mounted =
  process.platform === 'linux' &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=0700`, 'hearth-test', disk]).status === 0
if (!mounted)
  process.stderr.write('Left out: a full disk needs the right to mount a small one (root on Linux).\n')

const ballast = path.join(disk, 'ballast')
/** Takes all the room that is left. */
async function fill(): Promise<void> {
  for (const chunkBytes of [1 << 20, 1 << 12]) {
    const chunk = Buffer.alloc(chunkBytes)
    while ((await statfs(disk)).bavail * 4096 >= chunkBytes) await appendFile(ballast, chunk)
  }
}

let ollama: OllamaServer
beforeAll(async () => {
  ollama = await startOllamaServer({
    script: (body) =>
      `I heard ${/word-\d+/.exec(body.messages?.findLast(({ role }) => role === 'user')?.content ?? '')}`,
  })
})
afterAll(async () => {
  await ollama[Symbol.asyncDispose]()
  if (mounted) spawnSync('umount', [disk])
  await rm(disk, { recursive: true, force: true })
})

describe.skipIf(!mounted)('a disk that is full', () => {
  it('refuses a message in words and with exit code 1, and keeps all that it had taken', async () => {
    await using home = await makeHome({ OLLAMA_HOST: ollama.url, HEARTH_DATA: path.join(disk, 'data') })
    await cp(inject('pgliteMigrated'), home.data, { recursive: true })
    await using hearth = home.start(['run'])
    hearth.say('word-1')
    await hearth.until(() => linesOf(hearth.stdout).length === 1)
    await fill()
    // Some find room in pages that are there already.
    for (let number = 2; number < 40; number++) hearth.say(`word-${number} ${'and so on '.repeat(2_000)}`)
    hearth.finish()
    const ended = await hearth.ended
    expect(ended).toMatchObject({ code: 1, signal: null })
    expect(ended.stderr).toContain('The disk is full')
    expect(ended.stderr).toContain('Free some space')
    expect(ended.stderr).not.toMatch(/ {4}at /)

    await rm(ballast)
    const answered = linesOf(ended.stdout).length
    expect(answered).toBeGreaterThan(0)
    expect(answered).toBeLessThan(39)
    const after = await home.run(['run'], { input: 'word-99' })
    expect(after).toMatchObject({ code: 0 })
    // What was taken at the last moment may be answered first.
    expect(linesOf(after.stdout).at(-1)).toBe('I heard word-99')
    const prompt = JSON.stringify(ollama.chats().at(-1)?.body.messages)
    for (let number = 1; number <= answered; number++) expect(prompt).toContain(`I heard word-${number}"`)
  })

  it('refuses to start on it, and starts when there is room', async () => {
    await using home = await makeHome({ OLLAMA_HOST: ollama.url, HEARTH_DATA: path.join(disk, 'new') })
    await fill()
    // With none at all, and with enough for half a database.
    for (const freeMb of [0, 20]) {
      await truncate(ballast, (await stat(ballast)).size - freeMb * 2 ** 20)
      const ended = await home.run(['run'], { input: 'word-1' })
      expect(ended).toMatchObject({ code: 1, stdout: '' })
      expect(linesOf(ended.stderr)).toEqual([
        expect.stringContaining('The disk is full'),
        expect.stringContaining('Free some space'),
      ])
    }
    await rm(ballast)
    expect(await home.run(['run'], { input: 'word-1' })).toMatchObject({
      code: 0,
      stdout: 'I heard word-1\n',
    })
  })
})
