import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, describe, expect, it } from 'vitest'
import { addDoctorCommand, type DoctorContext, runDoctor } from '../../src/commands/doctor.ts'
import { storeError } from '../../src/core/errors.ts'
import { checkDisk, checkNode } from '../../src/ops/checks.ts'
import { readConfig } from '../../src/ops/config.ts'
import { type ConfiguredCheck, examine } from '../../src/ops/doctor.ts'
import { temporaryFolders } from '../ops/temp-folder.ts'

const newFolder = temporaryFolders()
const signal = new AbortController().signal
afterEach(() => {
  process.exitCode = undefined
})

interface Run {
  readonly yaml?: string
  readonly checks?: readonly ConfiguredCheck[]
  readonly colour?: boolean
  readonly args?: readonly string[]
}

async function doctor({ yaml, checks = [], colour = false, args = [] }: Run) {
  const cwd = await newFolder()
  if (yaml !== undefined) await writeFile(join(cwd, 'hearth.yaml'), yaml)
  let output = ''
  const context: DoctorContext = {
    configOptions: () => ({ cwd, environment: {} }),
    checks,
    colour,
    signal,
    write: (text) => {
      output += text
    },
  }
  const program = new Command().exitOverride()
  addDoctorCommand(program, context)
  process.exitCode = undefined
  await program.parseAsync(['doctor', ...args], { from: 'user' })
  return { output, lines: output.trimEnd().split('\n'), code: process.exitCode, cwd }
}

const healthy: ConfiguredCheck = {
  name: 'database',
  run: async (config) => ({ status: 'ok', detail: `Opens in ${config.data.split(/[\\/]/).at(-1)}.` }),
}

describe('hearth doctor', () => {
  it('has a line for everything, and exit code 0 when nothing fails', async () => {
    const careful: ConfiguredCheck = {
      name: 'models',
      run: async () => [
        { status: 'ok', detail: 'llama3.2 answers.' },
        { status: 'warn', detail: 'No embedding model.', mend: 'ollama pull nomic-embed-text' },
      ],
    }
    const { lines, code } = await doctor({ checks: [healthy, careful] })
    expect(lines).toEqual([
      `ok    node: Node ${process.versions.node}.`,
      'ok    configuration: There is no hearth.yaml; everything is as by default.',
      expect.stringMatching(/^(ok|warn) {2,4}disk: .*data can be written; \d+ [MG]iB are free\.$/),
      'ok    database: Opens in data.',
      'ok    models: llama3.2 answers.',
      'warn  models: No embedding model.',
      '      ollama pull nomic-embed-text',
    ])
    expect(code).toBe(0)
  })

  it('shows what a check throws as a failure with its mend, runs the rest, and has exit code 1', async () => {
    const broken: ConfiguredCheck = {
      name: 'vault',
      run: () => Promise.reject(storeError('The key is wrong.', { code: 'x', mend: 'Restore it.' })),
    }
    const foreign: ConfiguredCheck = {
      name: 'model hosts',
      run: () => {
        throw new TypeError('planted secret')
      },
    }
    const { lines, output, code } = await doctor({ checks: [broken, foreign, healthy] })
    expect(lines.slice(3)).toEqual([
      'fail  vault: The key is wrong.',
      '      Restore it.',
      'fail  model hosts: This could not be checked (TypeError).',
      'ok    database: Opens in data.',
    ])
    expect(output).not.toContain('planted')
    expect(code).toBe(1)
  })

  it('shows every problem of the configuration, and does not check what depends on it', async () => {
    const { lines, code } = await doctor({ yaml: 'dta: 1\nops: { port: x }\n', checks: [healthy] })
    expect(lines.slice(1)).toEqual([
      'fail  configuration: hearth.yaml:1: dta is no key of the configuration: did you mean data?',
      'fail  configuration: hearth.yaml:2: ops.port must be a whole number from 0 to 65535',
      '      Correct these 2 problems; docs/configuration.md explains every key.',
      'warn  disk: Not checked, because the configuration cannot be read.',
      'warn  database: Not checked, because the configuration cannot be read.',
    ])
    expect(code).toBe(1)
  })

  it('prints one JSON object when it is asked to', async () => {
    const failing: ConfiguredCheck = {
      name: 'vault',
      run: async () => ({ status: 'fail', detail: 'No.', mend: 'Do.' }),
    }
    const { output, code } = await doctor({ yaml: '', checks: [failing], args: ['--json'], colour: true })
    const { ok, findings } = JSON.parse(output)
    expect(ok).toBe(false)
    expect(findings.map(({ name }: { name: string }) => name)).toEqual([
      'node',
      'configuration',
      'disk',
      'vault',
    ])
    expect(findings[3]).toEqual({ name: 'vault', status: 'fail', detail: 'No.', mend: 'Do.' })
    expect(code).toBe(1)
  })

  it('has colours only where it is told so, and never passes an escape on', async () => {
    const hostile: ConfiguredCheck = {
      name: 'models',
      run: async () => ({ status: 'warn', detail: 'x\u001b[2J\ny', mend: 'a\u001b]0;b\u0007' }),
    }
    const plain = await doctor({ checks: [hostile] })
    expect(plain.output).not.toContain('\u001b')
    expect(plain.lines.slice(3)).toEqual(['warn  models: x[2J y', '      a]0;b'])
    const coloured = await doctor({ checks: [hostile], colour: true })
    expect(coloured.lines[3]).toBe('\u001b[33mwarn\u001b[39m  models: x[2J y')
  })

  it('gives up a check that does not end, tells it so, and says that it is left behind', async () => {
    let told = false
    const hangs = {
      name: 'database',
      run: (within: AbortSignal) => {
        within.addEventListener('abort', () => {
          told = true
        })
        return new Promise<never>(() => undefined)
      },
    }
    const next = { name: 'next', run: async () => ({ status: 'ok' as const, detail: 'Fine.' }) }
    const { findings, leftBehind } = await examine([hangs, next], () => undefined, signal, 20)
    expect(findings).toEqual([
      { name: 'database', status: 'fail', detail: 'There was no answer within 1 s.' },
      { name: 'next', status: 'ok', detail: 'Fine.' },
    ])
    expect([told, leftBehind]).toEqual([true, true])
  })

  it('stops when it is told to, also in the middle of a check', async () => {
    const stopping = new AbortController()
    const check: ConfiguredCheck = {
      name: 'x',
      run: () => {
        stopping.abort()
        return new Promise<never>(() => undefined)
      },
    }
    const cwd = await newFolder()
    const configOptions = () => ({ cwd, environment: {} })
    const context = {
      configOptions,
      checks: [check],
      colour: false,
      write: () => undefined,
      signal: stopping.signal,
    }
    await expect(runDoctor(context, false)).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('the check of Node', () => {
  it.each(['24.0.0', '24.21.0', '100.1.0'])('takes %s', (version) => {
    expect(checkNode(version).status).toBe('ok')
  })
  it.each(['23.11.1', '22.99.9', '9.0.0', 'x'])('refuses %s', (version) => {
    expect(checkNode(version)).toMatchObject({ status: 'fail', mend: expect.stringContaining('npm ci') })
  })
})

describe('the check of the disk', () => {
  const config = (cwd: string, data: string) =>
    readConfig({ cwd, environment: { HEARTH_DATA: data } }, signal)

  it('leaves nothing behind, and makes no folder', async () => {
    const cwd = await newFolder()
    expect(await checkDisk(await config(cwd, 'a/b/data'))).toMatchObject({
      detail: expect.stringContaining('free'),
    })
    expect(await readdir(cwd)).toEqual([])
  })

  it('fails where a file stands in the way', async () => {
    const cwd = await newFolder()
    await writeFile(join(cwd, 'data'), '')
    expect(await checkDisk(await config(cwd, 'data'))).toMatchObject({
      status: 'fail',
      detail: `Cannot write to ${join(cwd, 'data')}: a part of this path is no folder.`,
      mend: expect.stringContaining('HEARTH_DATA'),
    })
  })

  it.runIf(process.platform === 'linux')('fails where the system lets nobody write', async () => {
    const cwd = await newFolder()
    expect(await checkDisk(await config(cwd, '/proc/hearth'))).toMatchObject({ status: 'fail' })
  })

  it.skipIf(process.getuid?.() === 0)('fails without the right to write', async () => {
    const cwd = await newFolder()
    await mkdir(join(cwd, 'data'))
    await chmod(join(cwd, 'data'), 0o500)
    expect(await checkDisk(await config(cwd, 'data'))).toMatchObject({ status: 'fail' })
    await rm(join(cwd, 'data'), { recursive: true })
  })
})
