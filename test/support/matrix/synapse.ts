import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { registerBySecret } from './register.ts'

export const serverName = 'home.test'
const readyMostMs = 60_000

export interface SynapseOptions {
  readonly python: string
  /** True: the limits that Synapse has by default. */
  readonly rateLimits?: boolean
}

/** A real homeserver of its own on loopback, with SQLite, that talks to no other one. */
export interface Synapse extends AsyncDisposable {
  readonly url: string
  readonly registrationSecret: string
  /** By the shared secret; returns the user's id. */
  register(name: string, password: string): Promise<string>
  /** As a power cut does. */
  kill(): Promise<void>
  stop(): Promise<void>
  /** Again under the same address, with all that it had. */
  start(): Promise<void>
  /** Its own log, for a test that failed. */
  log(): Promise<string>
}

export async function startSynapse({ python, rateLimits = false }: SynapseOptions): Promise<Synapse> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-synapse-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const registrationSecret = randomBytes(16).toString('hex')
  await writeFile(path.join(folder, 'log.yaml'), logConfig(folder))
  await writeFile(path.join(folder, 'homeserver.yaml'), config(folder, port, registrationSecret, rateLimits))
  // As `--generate-keys` writes it, which is a start of its own.
  const seed = randomBytes(32).toString('base64').replace(/=+$/, '')
  await writeFile(path.join(folder, 'signing.key'), `ed25519 a_test ${seed}\n`)
  const program = ['-m', 'synapse.app.homeserver', '--config-path', 'homeserver.yaml']
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const starting = spawn(python, program, { cwd: folder, stdio: 'ignore' })
    child = starting
    const beganMs = performance.now()
    while (!(await answers(url))) {
      if (starting.exitCode !== null) throw new Error(`Synapse ended with code ${starting.exitCode}`)
      if (performance.now() - beganMs > readyMostMs) throw new Error('Synapse did not start in time')
      await sleep(100)
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null) return
    const ended = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    await ended
  }

  await start()
  return {
    url,
    registrationSecret,
    register: (name, password) => registerBySecret(url, registrationSecret, name, password),
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    log: () => readFile(path.join(folder, 'homeserver.log'), 'utf8'),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/_matrix/client/versions`).then(
    ({ ok }) => ok,
    () => false,
  )

function logConfig(folder: string): string {
  return `version: 1
formatters: {plain: {format: '%(asctime)s %(levelname)s %(name)s %(message)s'}}
handlers: {file: {class: logging.FileHandler, filename: '${folder}/homeserver.log', formatter: plain}}
root: {level: WARNING, handlers: [file]}
`
}

const unlimited = '{per_second: 100000, burst_count: 100000}'

function config(folder: string, port: number, secret: string, rateLimits: boolean): string {
  const limits = `
rc_message: ${unlimited}
rc_reactions: ${unlimited}
rc_login: {address: ${unlimited}, account: ${unlimited}, failed_attempts: ${unlimited}}
rc_registration: ${unlimited}
rc_admin_redaction: ${unlimited}
rc_joins: {local: ${unlimited}, remote: ${unlimited}}
rc_joins_per_room: ${unlimited}
rc_invites: {per_room: ${unlimited}, per_user: ${unlimited}, per_issuer: ${unlimited}}
rc_key_requests: ${unlimited}
rc_room_creation: ${unlimited}
`
  return `
server_name: ${serverName}
listeners: [{port: ${port}, type: http, bind_addresses: ['127.0.0.1'], resources: [{names: [client, media]}]}]
database: {name: sqlite3, args: {database: '${folder}/homeserver.db'}}
media_store_path: '${folder}/media'
log_config: '${folder}/log.yaml'
signing_key_path: '${folder}/signing.key'
enable_registration: false
registration_shared_secret: '${secret}'
macaroon_secret_key: 'of these tests'
form_secret: 'of these tests'
# Each sign-in would take a third of a second of processor time.
bcrypt_rounds: 4
report_stats: false
presence: {enabled: false}
trusted_key_servers: []
federation_domain_whitelist: []
allow_public_rooms_over_federation: false
url_preview_enabled: false
${rateLimits ? '' : limits}
`
}
