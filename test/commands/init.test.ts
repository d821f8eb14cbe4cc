import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addInitCommand, type FoundModels, type InitContext } from '../../src/commands/init.ts'
import { readConfig } from '../../src/ops/config.ts'
import { type ConfigChoices, renderConfig } from '../../src/ops/config-template.ts'
import { temporaryFolders } from '../ops/temp-folder.ts'

const newFolder = temporaryFolders()
const signal = new AbortController().signal
type Environment = Readonly<Record<string, string>>

const enter = '\r'
const down = '\u001b[B'
const leave = '\u001b'
const interrupt = '\u0003'
const backspace = '\u007f'

const withModels: FoundModels = {
  found: true,
  url: 'http://127.0.0.1:11434',
  chat: ['llama3.2', 'qwen3:8b'],
  embed: ['nomic-embed-text'],
}
const nobody: FoundModels = { found: false, url: 'http://127.0.0.1:11434', reason: 'nobody answers' }

interface Run {
  readonly cwd: string
  readonly args?: readonly string[]
  readonly environment?: Environment
  readonly findModels?: (url: string | undefined) => FoundModels
  /** Beside the configuration. */
  readonly withPersonas?: boolean
  /** What is typed when a text has appeared on the screen, in this order; without it there is no terminal. */
  readonly typed?: readonly (readonly [appears: string, keys: string])[]
}

/** The wizard on streams that behave like a terminal. */
async function init({
  cwd,
  args = [],
  environment = {},
  findModels = () => withModels,
  withPersonas = true,
  typed,
}: Run): Promise<string> {
  const terminal =
    typed === undefined ? {} : { isTTY: true, setRawMode: () => undefined, columns: 120, rows: 40 }
  const input = Object.assign(new PassThrough(), terminal)
  const output = Object.assign(new PassThrough(), terminal)
  let screen = ''
  let seen = 0
  const waiting = [...(typed ?? [])]
  output.setEncoding('utf8').on('data', (chunk: string) => {
    screen += chunk
    for (let next = waiting[0]; next !== undefined && screen.includes(next[0], seen); next = waiting[0]) {
      seen = screen.length
      waiting.shift()
      const keys = next[1]
      setImmediate(() => input.write(keys))
    }
  })
  const context: InitContext = {
    configOptions: () => ({ cwd, environment }),
    findModels: async (url) => findModels(url),
    shippedPersonas: '/shipped/personas',
    listPersonas: async (folder) => {
      expect(folder).toMatch(/[\\/]personas$/)
      if (!withPersonas && folder !== '/shipped/personas') return []
      return [
        { id: 'anna', name: 'Anna' },
        { id: 'mira', name: 'Mira\u001b[2J' },
      ]
    },
    input,
    output,
    signal,
  }
  const program = new Command().exitOverride()
  addInitCommand(program, context)
  await program.parseAsync(['init', ...args], { from: 'user' })
  expect(waiting).toEqual([])
  return screen
}

const read = (cwd: string, environment: Environment = {}) => readConfig({ cwd, environment }, signal)
const fileIn = (cwd: string) => readFile(join(cwd, 'hearth.yaml'), 'utf8')

describe('hearth init --yes', () => {
  it('writes what was found, with comments, for its owner alone, and says what comes next', async () => {
    const cwd = await newFolder()
    const screen = await init({ cwd, args: ['--yes'] })
    expect(screen).toBe('Wrote hearth.yaml.\nStart: npm start\nCheck everything: npx hearth doctor\n')
    expect(await read(cwd)).toMatchObject({
      persona: 'mira',
      data: join(cwd, 'data'),
      database: undefined,
      models: {
        hosts: [{ url: 'http://127.0.0.1:11434', parallel: 1 }],
        hostsListed: true,
        chat: 'llama3.2',
        embed: 'nomic-embed-text',
      },
    })
    expect(await fileIn(cwd)).toContain('# Who speaks in the terminal')
    expect((await stat(join(cwd, 'hearth.yaml'))).mode & 0o777).toBe(0o600)
    expect(await readdir(cwd)).toEqual(['hearth.yaml'])
  })

  it('leaves the models open when there is no Ollama server', async () => {
    const cwd = await newFolder()
    await init({ cwd, args: ['-y'], findModels: () => nobody })
    expect((await read(cwd)).models).toMatchObject({ hostsListed: false, chat: undefined })
  })

  it('names the personas that come with Hearth where there are none beside the file', async () => {
    const cwd = await newFolder()
    await init({ cwd, args: ['--yes'], withPersonas: false })
    expect(await read(cwd)).toMatchObject({ personas: '/shipped/personas', persona: 'mira' })
  })

  it('never writes the address of the database down', async () => {
    const cwd = await newFolder()
    const environment = { DATABASE_URL: 'postgres://ada:planted@db/hearth' }
    await init({ cwd, args: ['--yes'], environment })
    expect(await fileIn(cwd)).not.toContain('planted')
    expect((await read(cwd, environment)).database).toBe(environment.DATABASE_URL)
    await expect(read(cwd)).rejects.toThrow('database needs the environment variable DATABASE_URL')
  })

  it('leaves a file that is there already as it is', async () => {
    const cwd = await newFolder()
    await writeFile(join(cwd, 'hearth.yaml'), 'persona: anna\n')
    await expect(init({ cwd, args: ['--yes'] })).rejects.toMatchObject({
      code: 'config-exists',
      who: 'config',
    })
    expect(await fileIn(cwd)).toBe('persona: anna\n')
  })

  it('writes the file that HEARTH_CONFIG names', async () => {
    const cwd = await newFolder()
    const context = { HEARTH_CONFIG: join(cwd, 'other.yaml') }
    await init({ cwd, args: ['--yes'], environment: context })
    expect(await readdir(cwd)).toEqual(['other.yaml'])
  })

  it('leaves nothing half-written where it cannot write', async () => {
    const cwd = await newFolder()
    await writeFile(join(cwd, 'file'), '')
    const environment = { HEARTH_CONFIG: join(cwd, 'file', 'hearth.yaml') }
    await expect(init({ cwd, args: ['--yes'], environment })).rejects.toMatchObject({
      code: 'config-unwritable',
    })
    expect(await readdir(cwd)).toEqual(['file'])
  })
})

describe('the wizard', () => {
  it('asks for persona, model, folder and database', async () => {
    const cwd = await newFolder()
    const screen = await init({
      cwd,
      typed: [
        ['Who speaks', `\u001b[A${enter}`],
        ['Which model answers?', `${down}${enter}`],
        ['Where do you talk?', enter],
        ['Where is everything kept', `${backspace.repeat(6)}/srv/\${x} # y${enter}`],
        ['Where are conversations stored?', `${down}${enter}`],
      ],
    })
    expect(screen).toContain('Set DATABASE_URL')
    expect(screen).not.toContain('\u001b[2J')
    const environment = { DATABASE_URL: 'postgres://localhost/x' }
    expect(await read(cwd, environment)).toMatchObject({
      persona: 'anna',
      data: `/srv/\${x} # y`,
      database: environment.DATABASE_URL,
      models: { chat: 'qwen3:8b' },
    })
  })

  it('asks who talks with whom on Matrix', async () => {
    const cwd = await newFolder()
    const screen = await init({
      cwd,
      typed: [
        ['Who speaks', enter],
        ['Which model answers?', enter],
        ['Where do you talk?', `${down}${enter}`],
        ['At which address', enter],
        ['Who are you there?', `ada${enter}`],
        ['Write your whole id', `${backspace.repeat(3)}@ada:home${enter}`],
        ['account of the companion', enter],
        ['Where is everything kept', enter],
        ['Where are conversations stored?', enter],
      ],
    })
    expect(screen).toContain('npx hearth matrix register')
    expect((await read(cwd)).matrix).toMatchObject({
      homeserver: 'http://localhost:8008',
      accounts: [{ user: 'mira', persona: 'mira' }],
      allow: ['@ada:home'],
      operators: ['@ada:home'],
    })
  })

  it('looks for Ollama at another address when there is none here', async () => {
    const cwd = await newFolder()
    const asked: unknown[] = []
    await init({
      cwd,
      findModels: (url) => {
        asked.push(url)
        return url === undefined ? nobody : { found: true, url, chat: ['gemma3'], embed: [] }
      },
      typed: [
        ['Who speaks', enter],
        ['nobody answers', ''],
        ['Which model answers?', `${down}${enter}`],
        ['At which address?', `gpu${enter}`],
        ['Write it like this', `${backspace.repeat(3)}http://gpu:11434${enter}`],
        ['Ollama at http://gpu:11434', enter],
        ['Where do you talk?', enter],
        ['Where is everything kept', enter],
        ['Where are conversations stored?', enter],
      ],
    })
    expect(asked).toEqual([undefined, 'http://gpu:11434'])
    const { models, database } = await read(cwd)
    expect(models).toMatchObject({
      hosts: [{ url: 'http://gpu:11434', parallel: 1 }],
      chat: 'gemma3',
      embed: undefined,
    })
    expect(database).toBeUndefined()
  })

  it('takes the pocket model alone when that is wanted', async () => {
    const cwd = await newFolder()
    await init({
      cwd,
      environment: { DATABASE_URL: 'postgres://localhost/x' },
      typed: [
        ['Who speaks', enter],
        ['Which model answers?', `${down}${down}${enter}`],
        ['Where do you talk?', enter],
        ['Where is everything kept', enter],
      ],
    })
    const { models } = await read(cwd, { DATABASE_URL: 'postgres://localhost/x' })
    expect(models).toMatchObject({ hosts: [], hostsListed: true, chat: undefined })
  })

  it.each([
    ['at the first question', [['Who speaks', leave]]],
    [
      'with ctrl-c at a later one',
      [
        ['Who speaks', enter],
        ['Which model answers?', interrupt],
      ],
    ],
  ] as const)('writes nothing when it is left %s', async (_, typed) => {
    const cwd = await newFolder()
    expect(await init({ cwd, typed })).toContain('Nothing was written.')
    expect(await readdir(cwd)).toEqual([])
  })

  it('asks before it replaces a file, and by default does not', async () => {
    const cwd = await newFolder()
    await writeFile(join(cwd, 'hearth.yaml'), 'persona: anna\n')
    expect(await init({ cwd, typed: [['Replace it?', enter]] })).toContain('Nothing was written.')
    expect(await fileIn(cwd)).toBe('persona: anna\n')
    await init({
      cwd,
      typed: [
        ['Replace it?', 'y'],
        ['Who speaks', enter],
        ['Which model answers?', enter],
        ['Where do you talk?', enter],
        ['Where is everything kept', enter],
        ['Where are conversations stored?', enter],
      ],
    })
    expect((await read(cwd)).persona).toBe('mira')
  })

  it('does not begin where nobody can answer', async () => {
    const cwd = await newFolder()
    await expect(init({ cwd })).rejects.toMatchObject({
      code: 'no-terminal',
      mend: expect.stringContaining('--yes'),
    })
    expect(await readdir(cwd)).toEqual([])
  })
})

describe('the file', () => {
  it.each<ConfigChoices>([
    {
      persona: 'mira',
      personas: undefined,
      data: './data',
      postgres: false,
      models: { kind: 'found' },
      matrix: undefined,
    },
    {
      persona: 'null',
      personas: '- x: #1',
      data: '- a: "b" # c',
      postgres: true,
      models: { kind: 'pocket' },
      matrix: undefined,
    },
    {
      persona: '007',
      personas: undefined,
      data: 'C:\\data\\',
      postgres: false,
      models: { kind: 'ollama', url: 'http://[::1]:1/x', chat: 'yes', embed: '1.0' },
      matrix: { homeserver: 'https://[::1]:8448', owner: '@a"b:c', user: 'null' },
    },
    {
      persona: 'a',
      personas: undefined,
      data: `\${DATABASE_URL}`,
      postgres: false,
      models: { kind: 'ollama', url: 'https://a', chat: undefined, embed: undefined },
      matrix: { homeserver: 'http://h', owner: '@null:1', user: '007' },
    },
    {
      persona: 'a',
      personas: undefined,
      data: `long ${'path '.repeat(60)}end`,
      postgres: false,
      models: { kind: 'found' },
      matrix: undefined,
    },
  ])('says what was chosen, whatever it is: $data', async (choices) => {
    const cwd = await newFolder()
    await writeFile(join(cwd, 'hearth.yaml'), renderConfig(choices))
    const environment = { DATABASE_URL: 'postgres://localhost/x' }
    const config = await read(cwd, environment)
    expect(config.persona).toBe(choices.persona)
    expect(config.personas).toBe(join(cwd, choices.personas ?? 'personas'))
    expect(config.data).toBe(join(cwd, choices.data).replace(/\/$/, ''))
    if (choices.models.kind === 'ollama') {
      expect(config.models).toMatchObject({ chat: choices.models.chat, embed: choices.models.embed })
      expect(config.models.hosts[0]?.url).toBe(choices.models.url)
    }
    if (choices.matrix !== undefined) {
      const { homeserver, owner, user } = choices.matrix
      const accounts = [{ user, persona: choices.persona }]
      expect(config.matrix).toMatchObject({ homeserver, accounts, allow: [owner], operators: [owner] })
    }
  })

  it('still reads when every comment that holds a key is opened', async () => {
    const cwd = await newFolder()
    const text = renderConfig({
      persona: 'mira',
      personas: undefined,
      data: './data',
      postgres: false,
      models: { kind: 'found' },
      matrix: undefined,
    })
    const token = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz'
    const opened = text.replace(/^# ( *(?:- )?[a-zA-Z]+:(?: \S+)?)$/gm, '$1')
    expect(opened).toContain('\nmasterKey:\n  file: ./data/master.key\n')
    await writeFile(join(cwd, 'hearth.yaml'), opened)
    expect(await read(cwd, { DATABASE_URL: 'postgres://localhost/x', DISCORD_TOKEN: token })).toMatchObject({
      masterKey: { file: join(cwd, 'data', 'master.key') },
      models: { chat: 'llama3.2' },
      log: { level: 'info' },
    })
  })
})
