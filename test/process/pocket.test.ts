import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { linesOf, makeHome, sharedModels } from '../support/hearth-process.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const strace = ['strace', '-f', '--seccomp-bpf', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg']
const [tracer = '', ...options] = strace
const traced = spawnSync(tracer, [...options, '-o', '/dev/null', 'true']).status === 0
if (!traced) {
  process.stderr.write('Left out: seeing in its system calls that Hearth stays at home needs strace.\n')
}

it('answers twice with a real model and nothing but a data folder, and stays at home', {
  timeout: 600_000,
}, async () => {
  await using home = await makeHome({ HEARTH_MODELS: sharedModels })
  const record = path.join(home.folder, 'calls')
  const { stdout, stderr, ...ended } = await home.run(['run'], {
    input: 'Hello, I am Ada.\nWhat is my name?\n',
    through: traced ? [...strace, '-o', record] : [],
  })
  expect(ended).toEqual({ code: 0, signal: null })
  expect(stderr).toContain('a pocket model in this process')
  expect(stderr).toContain('only good for trying things out')
  // A reply may have several lines, so that the log must say how many replies there were.
  const log = await readFile(path.join(home.data, 'hearth.log'), 'utf8')
  expect(log.match(/"outcome":"replied"/g)).toHaveLength(2)
  expect(linesOf(stdout).filter((line) => line.trim() !== '').length).toBeGreaterThanOrEqual(2)
  expect(stdout).not.toMatch(/[^\n\P{Cc}]/u)
  if (!traced) return
  const calls = linesOf(await readFile(record, 'utf8')).filter((line) => line.includes('sa_family=AF_INET'))
  // The search for an Ollama server: the recording works.
  expect(calls).toContainEqual(expect.stringContaining('sin_port=htons(2)'))
  for (const call of calls) expect(call).toContain('inet_addr("127.0.0.1")')
})
