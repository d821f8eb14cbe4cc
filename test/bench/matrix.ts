/**
 * From a message that a person's client sends to the first text of the reply that it sees, against a real
 * Synapse on this machine and a scripted model without latency; and the same for the smallest bot that
 * matrix-bot-sdk can make, as the floor. The last line is JSON.
 *
 *     npm run bench:matrix
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type MatrixPerson, openPerson } from '../support/matrix/person.ts'
import { registerBySecret } from '../support/matrix/register.ts'
import { startSynapse } from '../support/matrix/synapse.ts'
import { installSynapse } from '../support/matrix/synapse-install.ts'
import { startOllamaServer } from '../support/ollama-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { percentile, round } from './timing.ts'

const rounds = { single: 40, many: 4 }
const manyRooms = 50
const password = 'of this benchmark'
const cli = path.join(import.meta.dirname, '../../src/cli.ts')

const installed = await installSynapse()
if (!installed.ready) {
  process.stderr.write(`bench:matrix needs Synapse: ${installed.reason}.\n`)
  process.exit(2)
}
/** Servers that are ended before the process is, which the person's client would keep alive. */
const servers = new AsyncDisposableStack()
const synapse = servers.use(await startSynapse({ python: installed.python }))
const ollama = servers.use(
  await startOllamaServer({ record: false, script: () => 'That is a good question.' }),
)
const postgres = servers.use(await startPostgres({ durable: true }))
const folder = await mkdtemp(path.join(tmpdir(), 'hearth-bench-matrix-'))

async function person(name: string): Promise<MatrixPerson> {
  await synapse.register(name, password)
  return await openPerson(synapse.url, name, password)
}

/** Milliseconds from `say` to the first text in the same room that stands after it. */
async function answerMs(who: MatrixPerson, room: string, bot: string): Promise<number> {
  const before = who.seen(room, bot).length
  const startedMs = performance.now()
  await who.say(room, 'How was the tide today?')
  await who.until(() => who.seen(room, bot).length > before, 'an answer', 60_000)
  return performance.now() - startedMs
}

async function measure(who: MatrixPerson, bot: string, encrypted: boolean, greets: boolean) {
  const rooms = await Promise.all(
    Array.from({ length: manyRooms }, () => who.makeRoom([bot], { encrypted, direct: true })),
  )
  for (const room of rooms) {
    await who.until(
      () =>
        greets
          ? who.seen(room, bot).length > 0
          : who.client.getRoom(room)?.getMember(bot)?.membership === 'join',
      'the bot in its room',
      120_000,
    )
  }
  const [first = ''] = rooms
  const single: number[] = []
  for (let n = 0; n < rounds.single; n++) single.push(await answerMs(who, first, bot))
  const many: number[] = []
  for (let n = 0; n < rounds.many; n++)
    many.push(...(await Promise.all(rooms.map((room) => answerMs(who, room, bot)))))
  const spread = (values: readonly number[]) => ({
    p50: round(percentile(values, 0.5), 1),
    p95: round(percentile(values, 0.95), 1),
  })
  return { '1': spread(single), [manyRooms]: spread(many) }
}

async function floor() {
  using bea = await person('bea')
  const bot = await registerBySecret(synapse.url, synapse.registrationSecret, 'echo', password)
  const login = await fetch(`${synapse.url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'echo' },
      password,
    }),
  })
  const { access_token: token } = (await login.json()) as { access_token: string }
  const child = fork(path.join(import.meta.dirname, 'matrix-floor-child.ts'), {
    env: { ...process.env, HOMESERVER: synapse.url, TOKEN: token },
  })
  await once(child, 'message')
  try {
    return await measure(bea, bot, false, false)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

async function hearth() {
  using ada = await person('ada')
  await writeFile(
    path.join(folder, 'hearth.yaml'),
    `personas: ${path.join(import.meta.dirname, '../../personas')}
ops: { port: 0 }
turns: { settleMs: 0 }
matrix:
  homeserver: ${synapse.url}
  accounts: [{ user: mira, persona: mira }]
  allow: ["${ada.id}"]
`,
  )
  const env = {
    ...process.env,
    HEARTH_DATA: folder,
    DATABASE_URL: await postgres.createDatabase(),
    OLLAMA_HOST: ollama.url,
    HEARTH_MATRIX_SECRET: synapse.registrationSecret,
  }
  const run = (...args: string[]) =>
    spawn(process.execPath, [cli, ...args], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
  await once(run('matrix', 'register'), 'exit')
  const child = run('run')
  try {
    const plain = await measure(ada, '@mira:home.test', false, true)
    return { plain, encrypted: await measure(ada, '@mira:home.test', true, true) }
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}

try {
  const echo = await floor()
  process.stdout.write(`${JSON.stringify({ floor: 'matrix-bot-sdk, echo, plain', answerMs: echo })}\n`)
  const { plain, encrypted } = await hearth()
  process.stdout.write(`${JSON.stringify({ unit: 'ms', roomsAtOnce: { floor: echo, plain, encrypted } })}\n`)
} finally {
  await servers.disposeAsync()
  await rm(folder, { recursive: true, force: true })
}
process.exit()
