/**
 * From a person's message to the first text of the reply, against the double of Discord, with its rate limits,
 * and a scripted model without latency; and the same for the smallest bot that discord.js can make, as the
 * floor. Each message is said in a conversation of its own, since Discord lets a bot say five things in five
 * seconds in each. The model answers as many at once as it is asked: who waits for it waits for no work of ours.
 * The last line is JSON.
 *
 *     npm run bench:discord [-- --distance 40]
 *
 * `--distance`: how many milliseconds everything is under way to Discord, and back.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Discord, startDiscord } from '../support/discord/discord.ts'
import type { Bot } from '../support/discord/world.ts'
import { startOllamaServer } from '../support/ollama-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { percentile, round } from './timing.ts'

const rounds = { single: 60, many: 3 }
const manyConversations = 200
/** Then the limits begin anew, in each conversation and for all together. */
const quietMs = 6_000
/** And nothing is tidied up any more. */
const stillMs = 1_500
const cli = path.join(import.meta.dirname, '../../src/cli.ts')

const { values } = parseArgs({ options: { distance: { type: 'string', default: '0' } } })
const distanceMs = Number(values.distance)
const stack = new AsyncDisposableStack()
const discord: Discord = stack.use(await startDiscord({ identifySpacingMs: 0, distanceMs }))
const ollama = stack.use(await startOllamaServer({ record: false, script: () => 'That is a good question.' }))
const postgres = stack.use(await startPostgres({ durable: true }))
const folder = await mkdtemp(path.join(tmpdir(), 'hearth-bench-discord-'))

/** Milliseconds from what somebody says to the first text that stands after it. */
function conversations(bot: Bot) {
  return Array.from({ length: manyConversations }, (_, n) => {
    const person = discord.addPerson(`person-${n}`)
    const channel = person.openDirect(bot)
    return async (): Promise<number> => {
      const before = channel.messages.size
      const startedMs = performance.now()
      person.say(channel, 'How was the tide today?')
      await discord.until(() => channel.messages.size > before + 1, 60_000)
      return performance.now() - startedMs
    }
  })
}

async function quiet(): Promise<void> {
  await sleep(quietMs)
  const lastMs = () => discord.requests.at(-1)?.arrivedAtMs ?? 0
  while (performance.now() - lastMs() < stillMs) await sleep(stillMs / 10)
}

async function measure(bot: Bot) {
  await discord.until(() => discord.gateway.connected(bot) > 0, 60_000)
  const all = conversations(bot)
  // What is made at the first use is made before it counts.
  await Promise.all(all.map((ask) => ask()))
  await quiet()
  const single: number[] = []
  for (const ask of all.slice(0, rounds.single)) single.push(await ask())
  const many: number[] = []
  for (let n = 0; n < rounds.many; n++) {
    await quiet()
    many.push(...(await Promise.all(all.map((ask) => ask()))))
  }
  const spread = (values: readonly number[]) => ({
    p50: round(percentile(values, 0.5), 1),
    p95: round(percentile(values, 0.95), 1),
  })
  return { '1': spread(single), [manyConversations]: spread(many) }
}

async function floor() {
  const bot = discord.addBot('echo')
  const child = fork(path.join(import.meta.dirname, 'discord-floor-child.ts'), {
    env: { ...process.env, DISCORD_API: discord.apiUrl, TOKEN: bot.token },
  })
  try {
    return await measure(bot)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

async function hearth() {
  const bot = discord.addBot('mira')
  await writeFile(
    path.join(folder, 'hearth.yaml'),
    `personas: ${path.join(import.meta.dirname, '../../personas')}
ops: { port: 0 }
models: { hosts: [{ url: ${ollama.url}, parallel: 64 }] }
turns: { settleMs: 0 }
discord:
  api: ${discord.apiUrl}
  files: ${discord.cdnUrl}
  accounts: [{ token: ${bot.token}, persona: mira }]
  allow: ['*']
`,
  )
  const env = {
    ...process.env,
    HEARTH_DATA: folder,
    DATABASE_URL: await postgres.createDatabase(),
  }
  const child = spawn(process.execPath, [cli, 'run'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    return await measure(bot)
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}

try {
  const echo = await floor()
  process.stdout.write(`${JSON.stringify({ floor: 'discord.js, echo', answerMs: echo })}\n`)
  const refusedBefore = discord.limits.refused.length
  const answered = await hearth()
  const refused = { floor: refusedBefore, hearth: discord.limits.refused.length - refusedBefore }
  process.stdout.write(
    `${JSON.stringify({ unit: 'ms', distanceMs, conversationsAtOnce: { floor: echo, hearth: answered }, refused })}\n`,
  )
} finally {
  await stack.disposeAsync()
  await rm(folder, { recursive: true, force: true })
}
process.exit()
