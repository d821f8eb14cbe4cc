/**
 * A whole Hearth but for its model and its platform, as a process that can be killed. It loads, waits to be
 * told to begin, and says when it is ready.
 */
import { once } from 'node:events'
import path from 'node:path'
import { openStorage } from '../../src/storage.ts'
import { startEngine } from '../../src/turn/engine.ts'
import { letterboxAdapter } from './letterbox-adapter.ts'
import { quietObserver, testPersona } from './persona.ts'
import { wordsRecall } from './recall.ts'
import { lastSaid, scriptedGenerator } from './scripted-generator.ts'

process.send?.('loaded')
await once(process, 'message')
const data = process.env.HEARTH_DATA ?? ''
const signal = new AbortController().signal
const storage = await openStorage(
  { data, database: process.env.DATABASE_URL, masterKey: { file: path.join(data, 'master.key') } },
  signal,
)
const engine = startEngine({
  store: storage.store,
  generator: scriptedGenerator((prompt) => `You said: ${lastSaid(prompt)} . That is all of it.`, {
    paceMs: 8,
  }),
  recall: wordsRecall(storage.store),
  personas: new Map([[testPersona.id, testPersona]]),
  observer: quietObserver,
  settleMs: 0,
  personaTurnsMost: 3,
  leaseMs: 400,
})
process.send?.('ready')
await engine.serve(
  letterboxAdapter(process.env.LETTERBOX_URL ?? ''),
  testPersona.id,
  { oneByOne: false },
  signal,
)
