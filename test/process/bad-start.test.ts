import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { type Dump, dumpDatabase } from '../support/database-dump.ts'
import { pgliteDatabase, postgresDatabase, type TestDatabase } from '../support/databases.ts'
import {
  type Ended,
  type HearthHome,
  linesOf,
  makeHome,
  nobodyUrl,
  type StartOptions,
} from '../support/hearth-process.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let ollama: OllamaServer
beforeAll(async () => {
  ollama = await startOllamaServer()
})
afterAll(() => ollama[Symbol.asyncDispose]())

/** At most so many lines: a sentence and its mend, or a sentence for each problem and one mend. */
function expectRefusal({ code, signal, stdout, stderr }: Ended, lines: number): void {
  expect({ code, signal }).toEqual({ code: 1, signal: null })
  expect(stdout).toBe('')
  expect(linesOf(stderr)).toHaveLength(lines)
  for (const line of linesOf(stderr)) expect(line).toMatch(/\S/)
  expect(stderr).not.toMatch(/ {4}at |Hearth has made a mistake|undefined|\[object/)
}

const refused = async (home: HearthHome, options: StartOptions & { readonly lines?: number } = {}) => {
  const ended = await home.run(['run'], { input: 'Hello.\n', ...options })
  expectRefusal(ended, options.lines ?? 2)
  return ended.stderr
}

const filesIn = async (folder: string) => (existsSync(folder) ? (await readdir(folder)).toSorted() : [])

describe('before anything is opened', () => {
  let home: HearthHome
  beforeAll(async () => {
    home = await makeHome({ OLLAMA_HOST: ollama.url })
  })
  afterAll(() => home[Symbol.asyncDispose]())

  it('names every problem of hearth.yaml at once, with the nearest right name', async () => {
    await home.configure('persona: mira\nmodles:\n  chat: x\nturns:\n  settelMs: 5\n  leaseMs: soon\n')
    const errors = await refused(home, { lines: 4 })
    expect(errors).toMatch(/hearth\.yaml:2.*modles.*models/)
    expect(errors).toMatch(/hearth\.yaml:5.*settelMs.*settleMs/)
    expect(errors).toMatch(/hearth\.yaml:6.*turns\.leaseMs/)
    expect(await filesIn(home.data)).toEqual([])
  })

  it('says where hearth.yaml is no YAML', async () => {
    await home.configure('persona: [mira\n')
    expect(await refused(home)).toMatch(/hearth\.yaml:/)
    expect(await filesIn(home.data)).toEqual([])
  })

  it('refuses a configuration that is named and not there', async () => {
    await home.configure('')
    const errors = await refused(home, { environment: { HEARTH_CONFIG: 'no-such.yaml' } })
    expect(errors).toContain('no-such.yaml')
    expect(await filesIn(home.data)).toEqual([])
  })

  it('refuses a DATABASE_URL of another kind, without showing its password', async () => {
    const errors = await refused(home, { environment: { DATABASE_URL: 'mysql://ada:planted@127.0.0.1/x' } })
    expect(errors).toContain('DATABASE_URL must begin with postgres://')
    expect(errors).not.toContain('planted')
    expect(await filesIn(home.data)).toEqual([])
  })

  it('names the nearest persona for one that is not there', async () => {
    const ended = await home.run(['chat', 'mria'], { input: 'Hello.\n' })
    expectRefusal(ended, 2)
    expect(ended.stderr).toContain('Did you mean mira?')
    expect(await filesIn(home.data)).toEqual([])
  })

  it('says what is wrong with the file of the persona that shall speak', async () => {
    const file = path.join(home.folder, 'personas', 'mira', 'persona.yaml')
    const right = await readFile(file, 'utf8')
    await writeFile(file, right.replace(/^description:/m, 'descripton:'))
    const errors = await refused(home, { lines: 4 })
    await writeFile(file, right)
    expect(errors).toMatch(/mira\/persona\.yaml:\d+: descripton .*description/)
    expect(errors).toContain('hearth persona check')
    expect(await filesIn(home.data)).toEqual([])
  })

  it('names every problem where no persona is left', async () => {
    await home.configure('personas: ./wrong\n')
    await mkdir(path.join(home.folder, 'wrong', 'ada'), { recursive: true })
    await writeFile(path.join(home.folder, 'wrong', 'ada', 'persona.yaml'), 'name: Ada\ngreting: Hello.\n')
    const errors = await refused(home, { lines: 4 })
    await home.configure('')
    expect(errors).toMatch(/persona\.yaml:2.*greting.*greetings/)
    expect(errors).toContain('hearth persona check')
    expect(await filesIn(home.data)).toEqual([])
  })

  it('refuses a data folder that cannot be one', async () => {
    const place = path.join(home.folder, 'file')
    await writeFile(place, 'mine')
    for (const data of [place, path.join(place, 'below')]) {
      const errors = await refused(home, { environment: { HEARTH_DATA: data } })
      expect(errors).toContain(place)
    }
    expect(await readFile(place, 'utf8')).toBe('mine')
  })
})

describe('when the database is wrong', () => {
  let database: TestDatabase
  let home: HearthHome
  beforeAll(async () => {
    database = await postgresDatabase()
    home = await makeHome({ OLLAMA_HOST: ollama.url })
  })
  afterAll(async () => {
    await home[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  const changed = (change: (url: URL) => void): StartOptions => {
    const url = new URL(database.environment.DATABASE_URL ?? '')
    change(url)
    return { environment: { DATABASE_URL: url.href } }
  }

  it('says that nobody listens there', async () => {
    const errors = await refused(
      home,
      changed((url) => {
        url.port = new URL(nobodyUrl).port
      }),
    )
    expect(errors).toContain('127.0.0.1:2 does not answer')
  })

  it('says that what listens there is no Postgres', async () => {
    const errors = await refused(
      home,
      changed((url) => {
        url.port = new URL(ollama.url).port
      }),
    )
    expect(errors).toContain('does not answer')
  })

  it('says that the password is wrong, and does not show it', async () => {
    const errors = await refused(
      home,
      changed((url) => {
        url.password = 'planted'
      }),
    )
    expect(errors).toContain('refuses the user name or password')
    expect(errors).not.toContain('planted')
  })

  it('says that the database does not exist', async () => {
    const errors = await refused(
      home,
      changed((url) => {
        url.pathname = '/nowhere'
      }),
    )
    expect(errors).toContain('nowhere')
    expect(errors).toContain('createdb')
  })

  it('leaves nothing behind but its log', async () => {
    expect(await filesIn(home.data)).toEqual(['hearth.log'])
  })
})

describe('when the database has been in use', () => {
  let database: TestDatabase
  let home: HearthHome
  let key: string
  let before: Dump
  const dump = async () => {
    await using open = await database.open()
    return await dumpDatabase(open, 'ours')
  }
  beforeAll(async () => {
    database = await postgresDatabase()
    home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
    key = path.join(home.data, 'master.key')
    const { code } = await home.run(['run'], { input: 'Hello.\n' })
    expect(code).toBe(0)
    before = await dump()
  })
  afterAll(async () => {
    await home[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  async function withKey(change: () => Promise<void>): Promise<string> {
    const kept = await readFile(key)
    await change()
    const files = await filesIn(home.data)
    try {
      const errors = await refused(home)
      expect(await dump()).toEqual(before)
      expect(await filesIn(home.data)).toEqual(files)
      return errors
    } finally {
      await rm(key, { force: true, recursive: true })
      await writeFile(key, kept, { mode: 0o600 })
    }
  }

  it('has something in it', () => {
    expect([...before.values()].flat().length).toBeGreaterThan(5)
  })

  it('refuses a start without the master key, and makes no new one', async () => {
    const errors = await withKey(() => rm(key))
    expect(errors).toContain(`${key} does not exist`)
    expect(errors).toContain('Restore the master key')
  })

  it('refuses the key of another database', async () => {
    const other = `hearth-master-1:${Buffer.alloc(32, 7).toString('base64url')}\n`
    const errors = await withKey(() => writeFile(key, other, { mode: 0o600 }))
    expect(errors).toContain(key)
    expect(errors).toContain('is not the one of this database')
  })

  it.each([
    ['empty', ''],
    ['cut', 'hearth-master-1:AAAA\n'],
    ['binary', Uint8Array.from({ length: 64 }, (_, index) => index * 37)],
  ])('refuses a key file that is %s', async (_, content) => {
    const errors = await withKey(() => writeFile(key, content, { mode: 0o600 }))
    expect(errors).toContain(`No master key in the master key file ${key}`)
  })

  it('refuses a key file that others may read', async () => {
    const errors = await withKey(() => chmod(key, 0o644))
    expect(errors).toContain(`chmod 600 ${key}`)
  })

  it('refuses a folder in the place of the key file', async () => {
    const errors = await withKey(async () => {
      await rm(key)
      await mkdir(key)
    })
    expect(errors).toContain(key)
  })

  it('says which of the hosts in hearth.yaml does not answer', async () => {
    await home.configure(`models:\n  hosts:\n    - url: ${nobodyUrl}\n`)
    const errors = await refused(home)
    expect(errors).toContain(nobodyUrl)
  })

  it('says how to get a model that is missing', async () => {
    await home.configure(`models:\n  hosts:\n    - url: ${ollama.url}\n  chat: absent-model:1b\n`)
    const errors = await refused(home)
    expect(errors).toContain(ollama.url)
    expect(errors).toContain('ollama pull absent-model:1b')
  })

  it('says that a database is newer than the program, and leaves it as it is', async () => {
    await home.configure('')
    await database.open().then(async (open) => {
      await using newer = open
      await newer.script(({ query }) =>
        query('insert into hearth_migrations (name, sha256) values ($1, $2)', ['9999_later.sql', 'x']),
      )
    })
    const then = await dump()
    const errors = await refused(home)
    expect(errors).toContain('9999_later.sql')
    expect(errors).toContain('newer version of Hearth')
    expect(await dump()).toEqual(then)
  })
})

describe('with the built-in database', () => {
  it('refuses a folder that another running Hearth has open, and a lost key, and keeps what is in it', async () => {
    await using database = await pgliteDatabase(inject('pgliteMigrated'))
    await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
    const first = home.start(['run'])
    first.say('Hello.')
    await first.until(() => linesOf(first.stdout).length === 1)
    const errors = await refused(home)
    expect(errors).toContain(home.data)
    expect(errors).toContain('already open in another Hearth')
    first.say('Still there?')
    first.finish()
    expect(await first.ended).toMatchObject({ code: 0 })
    expect(linesOf(first.stdout)).toHaveLength(2)

    const dump = async () => {
      await using open = await database.open()
      return await dumpDatabase(open, 'ours')
    }
    const before = await dump()
    expect(before.get('public.messages')?.length).toBeGreaterThanOrEqual(4)
    const key = path.join(home.data, 'master.key')
    await rename(key, `${key}.away`)
    expect(await refused(home)).toContain('Restore the master key')
    expect(await dump()).toEqual(before)
    expect(await filesIn(home.data)).not.toContain('master.key')
  })
})
