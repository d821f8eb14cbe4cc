/**
 * How much of what was said is found again: loads each conversation of FILE through store and vault, asks each of
 * its questions of recall, and prints turn-level recall at 5, 10 and 20, as docs/performance.md explains. The last
 * line is JSON, in percent.
 *
 *     npm run bench:recall -- FILE [--out ranked.jsonl] [--store pglite|postgres] [--words]
 *
 * `--out` gets one line a question with the ids of the first 20 turns. `--words` leaves out the embedding model.
 */
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { Room } from '../../src/core/conversation.ts'
import { accountId, externalId, personaId } from '../../src/core/ids.ts'
import type { Embedder } from '../../src/core/model.ts'
import type { Doorway } from '../../src/core/store.ts'
import { createRecall, type Recall } from '../../src/memory/recall.ts'
import { openLocalEmbedder } from '../../src/model/local-embedder.ts'
import { type BenchHouse, openBenchHouse } from './bench-house.ts'
import { percentile, round } from './timing.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    store: { type: 'string', default: 'pglite' },
    words: { type: 'boolean', default: false },
  },
})
const [file] = positionals
if (file === undefined) {
  process.stderr.write('usage: npm run bench:recall -- FILE [--out ranked.jsonl] [--store pglite|postgres]\n')
  process.exit(2)
}

const conversationSchema = z.object({
  id: z.string(),
  turns: z.array(
    z.object({
      id: z.string(),
      session: z.number(),
      date: z.string(),
      speaker: z.string(),
      text: z.string(),
    }),
  ),
  questions: z.array(
    z.object({
      id: z.string(),
      text: z.string(),
      category: z.string(),
      evidence: z.array(z.string()),
      any: z.boolean().optional(),
    }),
  ),
})
const set = z
  .object({ name: z.string(), conversations: z.array(conversationSchema) })
  .parse(JSON.parse(await readFile(file, 'utf8')))
type Conversation = z.infer<typeof conversationSchema>

const depths = [5, 10, 20]
const deepest = Math.max(...depths)
const doorway: Doorway = { account: accountId('bench'), platform: 'matrix', persona: personaId('wren') }
const signal = new AbortController().signal

/** `1:47 pm on 18 May, 2023`, or what `Date` reads. In one session the turns come a few seconds apart. */
function timeOf(date: string, turn: number): Date {
  const told = /^(\d+):(\d+) (am|pm) on (\d+) (\w+),? (\d+)$/.exec(date)
  const [, hour = '', minute = '', half, day = '', month = '', year = ''] = told ?? []
  const at = told === null ? new Date(date) : new Date(`${day} ${month} ${year} 00:00 UTC`)
  if (told !== null) at.setUTCHours((Number(hour) % 12) + (half === 'pm' ? 12 : 0), Number(minute))
  if (Number.isNaN(at.getTime())) throw new TypeError(`not a date: ${date}`)
  return new Date(at.getTime() + turn * 2000)
}

async function load({ store }: BenchHouse, { id, turns }: Conversation): Promise<Room> {
  let room: Room | undefined
  for (const [index, turn] of turns.entries()) {
    const accepted = await store.inbox.accept(
      doorway,
      {
        kind: 'message',
        room: { externalId: externalId(id), kind: 'group' },
        sender: { externalId: externalId(`${id} ${turn.speaker}`), displayName: turn.speaker },
        at: timeOf(turn.date, index),
        externalId: externalId(`${id} ${turn.id}`),
        text: turn.text,
        unanswered: true,
      },
      0,
    )
    room = accepted.room
  }
  if (room === undefined) throw new TypeError(`conversation ${id} has no turns`)
  return room
}

interface Outcome {
  readonly category: string
  /** By depth, from 0 to 1. */
  readonly found: readonly number[]
  readonly ms: number
}

async function ask(
  house: BenchHouse,
  recall: Recall,
  conversation: Conversation,
): Promise<readonly Outcome[]> {
  const room = await load(house, conversation)
  const audience = await house.store.memories.readAudience(room, doorway.persona)
  while ((await recall.embedMissing(audience, 64, signal)) > 0) process.stderr.write('.')
  const outcomes: Outcome[] = []
  for (const { id, text, category, evidence, any } of conversation.questions) {
    const startedAt = performance.now()
    const ranked = await recall.recall(audience, { text }, deepest, signal)
    const ms = performance.now() - startedAt
    // Positions count a room's messages from 1.
    const ids = ranked.map(({ memory }) => conversation.turns[memory.position - 1]?.id ?? '')
    out?.write(`${JSON.stringify({ conversation: conversation.id, id, category, ranked: ids })}\n`)
    const wanted = new Set(evidence)
    if (wanted.size === 0) continue
    outcomes.push({
      category,
      found: depths.map((depth) => {
        const hits = ids.slice(0, depth).filter((each) => wanted.has(each)).length
        return any === true ? Math.min(1, hits) : hits / wanted.size
      }),
      ms,
    })
  }
  process.stderr.write(` ${conversation.id}\n`)
  return outcomes
}

function shares(outcomes: readonly Outcome[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    depths.map((depth, index) => {
      const sum = outcomes.reduce((sum, { found }) => sum + (found[index] ?? 0), 0)
      return [depth, round((100 * sum) / outcomes.length, 1)]
    }),
  )
}

const out = values.out === undefined ? undefined : createWriteStream(values.out)
await using house = await openBenchHouse(values.store)
await using local = openLocalEmbedder({
  modelsFolder: process.env.HEARTH_MODELS ?? 'node_modules/.cache/hearth-models',
})
const embedder: Embedder | undefined = values.words ? undefined : local
const onTrouble = (error: unknown) => {
  throw error
}
const recall = createRecall(
  { memories: house.store.memories, vectors: house.store.vectors, embedder, onTrouble },
  { precision: 'int8', keptBytes: 256 * 2 ** 20 },
)
const outcomes: Outcome[] = []
for (const conversation of set.conversations) outcomes.push(...(await ask(house, recall, conversation)))
const categories = Map.groupBy(outcomes, ({ category }) => category)
const laps = outcomes.map(({ ms }) => ms)
process.stdout.write(
  `${JSON.stringify({
    name: set.name,
    questions: outcomes.length,
    recall: shares(outcomes),
    byCategory: Object.fromEntries([...categories].map(([category, own]) => [category, shares(own)])),
    msPerQuery: { p50: round(percentile(laps, 0.5), 1), p95: round(percentile(laps, 0.95), 1) },
  })}\n`,
)
if (out !== undefined) await new Promise<void>((resolve) => out.end(resolve))
