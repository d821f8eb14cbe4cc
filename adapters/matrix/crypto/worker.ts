import 'fake-indexeddb/auto'
import { parentPort, workerData } from 'node:worker_threads'
import { fromPlainError, toPlainError } from './errors.ts'
import type { Answer } from './homeserver.ts'
import { createJournal } from './journal.ts'
import { keptSecrets, pack, unpack } from './luggage.ts'
import { describeStores, openMachine, restoreStores } from './machine.ts'
import { createMethods } from './methods.ts'
import type { StoreChange } from './object-stores.ts'
import { tapObjectStores } from './object-stores.ts'
import type { CryptoMethods, FromThread, ThreadData, ToThread } from './protocol.ts'
import { createReplies } from './replies.ts'

/*
 * One account's keys, in a thread of their own. The library is one instance of WebAssembly for each
 * thread, and where it panics it throws out of nowhere and leaves whoever waits for it waiting: so what
 * dies of it is this thread, and no other account's.
 *
 * The gate: what leaves this thread (a result, a request for the homeserver, news) leaves only after all
 * that was changed before it is durable. There is no other way out.
 */
const port = parentPort
if (port === null) throw new TypeError('not a thread')
const { user, device, records, previous } = workerData as ThreadData

const written = createReplies<void>()
const answers = createReplies<Answer>()
const journal = createJournal((changes) => {
  const { id, reply } = written.expect()
  port.postMessage({ kind: 'write', id, changes } satisfies FromThread)
  return reply
})

async function leave(message: FromThread): Promise<void> {
  await tap?.settled()
  await journal.durable()
  port?.postMessage(message)
}

let tap: ReturnType<typeof tapObjectStores> | undefined
let methods: CryptoMethods | undefined

async function answer(id: number, method: keyof CryptoMethods, argument: unknown): Promise<void> {
  try {
    const run = methods?.[method] as ((argument: unknown) => Promise<unknown>) | undefined
    const value = await run?.(argument)
    await leave({ kind: 'result', id, value })
  } catch (error) {
    await leave({ kind: 'failure', id, error: toPlainError(error) })
  }
}

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'call':
      void answer(message.id, message.method, message.argument)
      break
    case 'written':
      written.resolve(message.id)
      break
    case 'answer':
      answers.resolve(message.id, message.answer)
      break
    case 'no-answer':
      answers.reject(message.id, fromPlainError(message.error))
      break
  }
})

try {
  const luggage =
    records.size > 0 || previous === undefined
      ? undefined
      : await pack({ user, device: previous.device }, previous.records)
  await restoreStores(records, journal.restore)
  tap = tapObjectStores((changes: readonly StoreChange[]) => journal.append(changes))
  const machine = await openMachine({ user, device })
  if (luggage !== undefined) await unpack(machine, luggage, journal)
  await describeStores(records, journal)
  methods = createMethods(
    machine,
    async (method, path, body) => {
      const { id, reply } = answers.expect()
      await leave({ kind: 'request', id, method, path, body })
      return reply
    },
    async (message) => {
      const { id, reply } = answers.expect()
      await leave({ kind: 'room-message', id, message })
      return reply
    },
    (news) => void leave({ kind: 'news', news }),
    keptSecrets(records, luggage, journal),
  )
  await leave({ kind: 'ready' })
} catch (error) {
  port.postMessage({ kind: 'broken', error: toPlainError(error) } satisfies FromThread)
}
