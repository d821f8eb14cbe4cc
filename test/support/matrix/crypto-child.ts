/**
 * A bare Matrix account as a process that can be killed: it reads what comes and sends `k0`, `k1` … into a
 * room. The transaction id of each is its number, so that what nobody knows whether it was sent is sent again.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountRecords } from '../../../src/core/store.ts'
import { openStorage } from '../../../src/storage.ts'
import { openBareAccount, type Session, textOf } from './bare-account.ts'

const {
  HEARTH_DATA: data = '',
  DATABASE_URL: database,
  SESSION = '',
  ROOM: room = '',
  FIRST = '0',
} = process.env
await using storage = await openStorage(
  { data, database, masterKey: { file: path.join(data, 'master.key') } },
  new AbortController().signal,
)
const { records } = storage.store
/** As on a busy disk, so that a kill finds something that is not durable yet. */
const slowRecords: AccountRecords = {
  read: (...arguments_) => records.read(...arguments_),
  async write(...arguments_) {
    await sleep(Math.random() * 100)
    await records.write(...arguments_)
  },
}
await using account = openBareAccount(JSON.parse(SESSION) as Session, slowRecords)
await account.sync()
process.send?.('ready')

const sync = async (): Promise<void> => {
  for (let seen = 0; ; ) {
    for (; seen < account.received.length; seen++) {
      const text = account.received[seen] && textOf(account.received[seen]!)
      if (text !== undefined) process.send?.(`read ${text}`)
    }
    await account.sync(200)
  }
}
const send = async (): Promise<void> => {
  for (let n = Number(FIRST); ; n++) {
    await account.send(room, `k${n}`, `k${n}`)
    process.send?.(`sent ${n}`)
  }
}
await Promise.all([sync(), send()])
