/** The process under test: all of Hearth but the terminal, one room, one message after the other. */
import path from 'node:path'
import type { Adapter } from '../../src/core/adapter.ts'
import { accountId, externalId, personaId } from '../../src/core/ids.ts'
import { ollamaAddress } from '../../src/model/ollama-address.ts'
import { createPool } from '../../src/model/pool.ts'
import { readPersonas } from '../../src/persona/read.ts'
import { openStorage } from '../../src/storage.ts'
import { startEngine } from '../../src/turn/engine.ts'
import { quietObserver } from '../support/persona.ts'
import { wordsRecall } from '../support/recall.ts'
import { benchBook, topicOf } from './bench-lore.ts'
import { nowUs, type TurnTiming } from './timing.ts'

const bareCard = {
  systemPrompt: '',
  groupGreetings: [],
  talkativeness: undefined,
  creator: '',
  creatorNotes: '',
  characterVersion: '',
  tags: [],
}
const authorsNote = { text: '[{{char}} is in no hurry tonight.]', depth: 4, role: 'system' } as const
const data = process.env.HEARTH_DATA ?? ''
const turns = Number(process.env.BENCH_TURNS)
const { signal } = new AbortController()
const database = process.env.DATABASE_URL === '' ? undefined : process.env.DATABASE_URL

const { personas } = await readPersonas(path.join(import.meta.dirname, '../../personas'), signal)
/** With a book of lore and a note, as cards have them, or with neither. */
const entries = Number(process.env.BENCH_LORE)
const speaking = personas.map((persona) =>
  entries === 0
    ? { ...persona, lore: [] }
    : { ...persona, lore: [benchBook(entries)], card: { ...bareCard, note: authorsNote } },
)
const storage = await openStorage(
  { data, database, masterKey: { file: path.join(data, 'master.key') } },
  signal,
)
const pool = createPool({ hosts: [{ url: ollamaAddress(process.env.OLLAMA_HOST ?? '') }] })
let closed = Promise.withResolvers<number>()
const engine = startEngine({
  store: storage.store,
  generator: pool,
  recall: wordsRecall(storage.store),
  personas: new Map(speaking.map((persona) => [persona.id, persona])),
  observer: { ...quietObserver, closed: () => closed.resolve(nowUs()) },
  settleMs: 0,
  personaTurnsMost: 3,
  leaseMs: 8_000,
})
await pool.info(undefined, signal)
const readyUs = nowUs()

const timings: TurnTiming[] = []
const adapter: Adapter = {
  account: { id: accountId('bench'), platform: 'console' },
  limits: {
    messageChars: 4_000,
    canEdit: true,
    graceMs: 40,
    editPauseMs: () => 1_000,
    bursts: false,
    operator: false,
    answersAlone: false,
  },
  async start(onEvent) {
    const room = { externalId: externalId('room'), kind: 'direct' } as const
    const sender = { externalId: externalId('ada'), displayName: 'Ada' }
    for (let turn = 0; turn < turns; turn++) {
      closed = Promise.withResolvers<number>()
      const text = `Message ${turn}: the tram was late again and the man with the violin case got off at the ${topicOf(turn)}.`
      const receivedUs = nowUs()
      await onEvent({
        kind: 'message',
        room,
        sender,
        at: new Date(),
        externalId: externalId(`m${turn}`),
        text,
      })
      const acceptedUs = nowUs()
      timings.push({ receivedUs, acceptedUs, closedUs: await closed.promise })
    }
  },
  send: async () => externalId(`r${timings.length}`),
  edit: async () => {},
  remove: async () => {},
  signalTyping: async () => {},
  async [Symbol.asyncDispose]() {},
}
await engine.serve(adapter, personaId('mira'), { oneByOne: false }, signal)
const rssBytes = process.memoryUsage.rss()
await engine[Symbol.asyncDispose]()
await pool[Symbol.asyncDispose]()
await storage[Symbol.asyncDispose]()
process.send?.({ readyUs, rssBytes, timings })
process.disconnect?.()
