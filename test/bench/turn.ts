/**
 * What Hearth adds to a model's time: 200 turns in one room against a scripted Ollama-compatible
 * server without latency, and the same by bare `fetch` with an append-only history as the floor.
 * Each runs in a process of its own, so that its memory is its own. The last line is JSON.
 *
 *     npm run bench:turn -- [--store pglite|postgres] [--turns 200] [--lore 40]
 *
 * `--lore`: how many entries the persona's lorebook has; 0 is none, and no note either.
 */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { RequestBody } from '../support/ollama-script.ts'
import { startOllamaServer } from '../support/ollama-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { nowUs, percentile, round, type TurnTiming } from './timing.ts'

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'postgres' },
    turns: { type: 'string', default: '200' },
    lore: { type: 'string', default: '40' },
  },
})
const turns = Number(values.turns)
const lore = Number(values.lore)
if (
  (values.store !== 'pglite' && values.store !== 'postgres') ||
  !Number.isInteger(turns) ||
  turns < 60 ||
  !Number.isInteger(lore)
) {
  process.stderr.write(
    'usage: npm run bench:turn -- [--store pglite|postgres] [--turns 200 (at least 60)] [--lore 40]\n',
  )
  process.exit(2)
}

const replyPieces =
  'That sounds like a long day, and the kind that keeps talking after it is over. What was the one thing in it that you would keep, if you had to choose?'.match(
    /\S+\s*/g,
  ) ?? []

interface ModelCall {
  readonly arrivedUs: number
  readonly prompt: string
  lastTokenUs: number
}

export interface Report {
  readonly readyUs: number
  readonly rssBytes: number
  readonly timings: readonly TurnTiming[]
}

let calls: ModelCall[] = []
await using server = await startOllamaServer({
  record: false,
  models: [{ name: 'bench', contextTokens: 131_072 }],
  script(body) {
    const call = { arrivedUs: nowUs(), prompt: promptOf(body), lastTokenUs: 0 }
    calls.push(call)
    return { pieces: stamped(call) }
  },
})

function* stamped(call: ModelCall): Iterable<string> {
  for (const piece of replyPieces) {
    call.lastTokenUs = nowUs()
    yield piece
  }
}

/** The bytes that a model server's prefix cache sees, whatever template it puts around them. */
function promptOf({ messages = [] }: RequestBody): string {
  return messages.map(({ role, content }) => `<${role}>${content}`).join('')
}

async function measure(program: string, environment: NodeJS.ProcessEnv) {
  calls = []
  const startedUs = nowUs()
  const child = fork(path.join(import.meta.dirname, program), {
    env: {
      ...process.env,
      ...environment,
      OLLAMA_HOST: server.url,
      BENCH_TURNS: String(turns),
      BENCH_LORE: String(lore),
    },
  })
  const report = await new Promise<Report>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Report))
    child.once('exit', (code) => reject(new Error(`${program} ended with code ${code}`)))
  })
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
  const perTurn = report.timings.map((timing, index) => {
    // One request a message is asserted below; with more of them this pairing would be wrong.
    const call = calls[index]
    if (call === undefined) throw new Error('a turn without a model request')
    const beforeMs = (call.arrivedUs - timing.acceptedUs) / 1000
    const afterMs = (timing.closedUs - call.lastTokenUs) / 1000
    return {
      beforeMs,
      afterMs,
      bothMs: beforeMs + afterMs,
      acceptMs: (timing.acceptedUs - timing.receivedUs) / 1000,
    }
  })
  const spread = (pick: (turn: (typeof perTurn)[number]) => number) => ({
    p50: round(percentile(perTurn.map(pick), 0.5), 2),
    p95: round(percentile(perTurn.map(pick), 0.95), 2),
  })
  return {
    overheadMs: spread(({ bothMs }) => bothMs),
    acceptedToRequestMs: spread(({ beforeMs }) => beforeMs),
    lastTokenToClosedMs: spread(({ afterMs }) => afterMs),
    receivedToAcceptedMs: spread(({ acceptMs }) => acceptMs),
    modelRequestsPerMessage: round(calls.length / turns, 3),
    prefixShare: prefixShares(calls.map(({ prompt }) => prompt)),
    rssMb: round(report.rssBytes / 2 ** 20, 0),
    readyMs: round((report.readyUs - startedUs) / 1000, 0),
  }
}

/** The share of each prompt that is the beginning of the one before, byte by byte. */
function prefixShares(prompts: readonly string[]) {
  const shares = prompts.slice(1).map((prompt, index) => {
    const before = Buffer.from(prompts[index] ?? '')
    const now = Buffer.from(prompt)
    let same = 0
    while (same < now.length && same < before.length && now[same] === before[same]) same++
    return same / now.length
  })
  const late = shares.slice(49)
  const mean = late.reduce((sum, share) => sum + share, 0) / late.length
  return {
    p50: round(percentile(shares, 0.5), 3),
    fromTurn50: round(mean, 3),
    cuts: shares.filter((share) => share < 0.5).length,
  }
}

const folder = await mkdtemp(path.join(tmpdir(), 'hearth-bench-'))
try {
  await using postgres = values.store === 'postgres' ? await startPostgres({ durable: true }) : undefined
  const floor = await measure('turn-floor.ts', {})
  process.stdout.write(`${JSON.stringify({ floor: 'bare fetch, history in memory', ...floor })}\n`)
  const figures = await measure('turn-child.ts', {
    HEARTH_DATA: folder,
    ...(postgres === undefined ? { DATABASE_URL: '' } : { DATABASE_URL: await postgres.createDatabase() }),
  })
  const { overheadMs, modelRequestsPerMessage, prefixShare, rssMb, readyMs, ...parts } = figures
  process.stdout.write(
    `${JSON.stringify({ turns, loreEntries: lore, settleMs: 0, cuts: prefixShare.cuts, ...parts })}\n`,
  )
  process.stdout.write(
    `${JSON.stringify({
      store: values.store,
      overheadMs,
      modelRequestsPerMessage,
      prefixShare: { p50: prefixShare.p50, fromTurn50: prefixShare.fromTurn50 },
      rssMb,
      readyMs,
    })}\n`,
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
