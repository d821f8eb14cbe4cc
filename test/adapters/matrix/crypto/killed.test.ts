import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { newRecoveryKey } from '../../../../adapters/matrix/crypto/recovery-key.ts'
import { openStorage } from '../../../../src/storage.ts'
import { postgresDatabase, type TestDatabase } from '../../../support/databases.ts'
import { openBareAccount, type Session } from '../../../support/matrix/bare-account.ts'
import { hasSynapse, makePerson, makeSession } from '../../../support/matrix/house.ts'
import type { MatrixPerson } from '../../../support/matrix/person.ts'
import { ratchetPlace } from '../../../support/matrix/ratchet-place.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

describe.runIf(hasSynapse())('an account whose process is killed', () => {
  let database: TestDatabase
  let ada: MatrixPerson
  let session: Session
  beforeAll(async () => {
    database = await postgresDatabase()
    session = await makeSession('wren')
    ada = await makePerson('ada')
  })
  afterAll(async () => {
    ada?.[Symbol.dispose]()
    await database?.[Symbol.asyncDispose]()
  })

  it('at any moment, twelve times, loses no session and uses no place of a ratchet twice', async () => {
    const { HEARTH_DATA: data = '', DATABASE_URL } = database.environment
    const room = await ada.makeRoom([session.user], { encrypted: true })
    {
      await using storage = await openStorage(
        { data, database: DATABASE_URL, masterKey: { file: path.join(data, 'master.key') } },
        new AbortController().signal,
      )
      await using wren = openBareAccount(session, storage.store.records)
      await wren.crypto.call(
        'setUp',
        { password: undefined, recoveryKey: newRecoveryKey() },
        new AbortController().signal,
      )
      await wren.sync()
      await wren.sync()
    }
    await ada.until(
      () => ada.client.getRoom(room)?.getMember(session.user)?.membership === 'join',
      'its joining',
    )

    let next = 0
    const read = new Set<string>()
    const asked: string[] = []
    for (let kill = 0; kill < 12; kill++) {
      const child: ChildProcess = fork(
        path.join(import.meta.dirname, '../../../support/matrix/crypto-child.ts'),
        {
          env: {
            ...process.env,
            ...database.environment,
            SESSION: JSON.stringify(session),
            ROOM: room,
            FIRST: String(next),
          },
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          execArgv: [],
        },
      )
      const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
      await new Promise<void>((resolve) => {
        child.on('message', (message: string) => {
          if (message === 'ready') resolve()
          if (message.startsWith('sent ')) next = Number(message.slice(5)) + 1
          if (message.startsWith('read ')) read.add(message.slice(5))
        })
        child.on('exit', () => resolve())
      })
      asked.push(`p${kill}`)
      await ada.say(room, `p${kill}`)
      await sleep(50 + Math.random() * 1_200)
      child.kill('SIGKILL')
      expect(await ended).toBe('SIGKILL')
    }

    await using storage = await openStorage(
      { data, database: DATABASE_URL, masterKey: { file: path.join(data, 'master.key') } },
      new AbortController().signal,
    )
    await using wren = openBareAccount(session, storage.store.records)
    await wren.send(room, 'the last', 'last')
    const texts = () => ada.seen(room, session.user).map(({ text }) => text)
    await ada.until(() => texts().includes('the last'), 'the last message')
    for (let quiet = 0; quiet < 3; quiet++) await wren.sync(300)
    for (const { decryption } of wren.received) {
      if (decryption?.readable) read.add(String((decryption.event.content as { body: unknown }).body))
    }

    const events = ada.client
      .getRoom(room)!
      .getLiveTimeline()
      .getEvents()
      .filter((event) => event.getSender() === session.user)
    expect(events.filter((event) => event.isDecryptionFailure())).toEqual([])
    const numbers = texts()
      .filter((text) => /^k\d+$/.test(text))
      .map((text) => Number(text.slice(1)))
    // How many there were in the time is the machine's affair.
    expect(numbers.length).toBeGreaterThan(5)
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, i) => i))
    const places = events
      .filter((event) => event.isEncrypted())
      .map((event) => ratchetPlace(event.getWireContent()))
    expect(new Set(places).size).toBe(places.length)
    // A session lasts for a hundred messages; whoever loses it begins another.
    expect(new Set(places.map((place) => place.split(' ')[0])).size).toBeLessThanOrEqual(
      1 + Math.floor(places.length / 90),
    )
    expect(asked.filter((text) => !read.has(text))).toEqual([])
  })
})
