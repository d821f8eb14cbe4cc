import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import { openStorage } from '../../src/storage.ts'
import { pgliteDatabase, postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { openLetterbox } from '../support/letterbox.ts'
import { letterboxAccount } from '../support/letterbox-adapter.ts'
import { noonZone } from '../support/noon-zone.ts'
import { testPersona } from '../support/persona.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const rooms = 10
const messagesARoom = 10
/** Twice as long as the lease of a turn whose worker was killed (`letterbox-child.ts`), so that work is under way. */
const lateMs = 800
const patienceMs = 60_000
/** From one word of a reply to the next. */
const wordMs = 8
const child = path.join(import.meta.dirname, '../support/letterbox-child.ts')

/** Deterministic, so that a failing run can be repeated. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Begins to load at once, so that there is always one that can take over. */
class Hearth implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #told = new Set<unknown>()
  readonly #exit: Promise<unknown>

  constructor(database: TestDatabase, url: string) {
    this.#process = fork(child, {
      env: { ...process.env, ...database.environment, LETTERBOX_URL: url },
      stdio: 'inherit',
    })
    this.#process.on('message', (message) => void this.#told.add(message))
    this.#exit = once(this.#process, 'exit')
  }

  /** Throws when it ended by itself: whatever was killed, the next one must start. */
  async hears(word: 'loaded' | 'ready'): Promise<void> {
    while (!this.#told.has(word)) {
      const ended = this.#exit.then(() => 'ended')
      if ((await Promise.race([once(this.#process, 'message'), ended])) === 'ended')
        throw new Error(`Hearth ended with ${this.#process.exitCode} before it was ${word}`)
    }
  }

  async begin(): Promise<void> {
    await this.hears('loaded')
    this.#process.send('begin')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exit
  }
}

/** `kills.early` at some moment of the start, and `kills.late` at some moment of the work. */
async function killMany(
  database: TestDatabase,
  kills: { readonly early: number; readonly late: number; readonly startMs: number },
  seed: number,
): Promise<void> {
  await using letterbox = await openLetterbox()
  const next = random(seed)
  const questions: { room: string; text: string }[] = []
  const asked = new Map<string, number>()
  let left = kills.early + kills.late
  const ask = (room: string) => {
    const number = asked.get(room) ?? 0
    if (number >= messagesARoom && left === 0) return
    asked.set(room, number + 1)
    const text = `question ${room}-${number}`
    questions.push({ room, text })
    letterbox.say(room, text)
  }
  const roomNames = Array.from({ length: rooms }, (_, index) => `room${index}`)
  const answered = (room: string) => letterbox.visible(room).filter(({ final }) => final).length
  // Each person waits for the whole answer before they go on.
  letterbox.onChange(() => {
    for (const room of roomNames) if (answered(room) >= (asked.get(room) ?? 0)) ask(room)
  })
  for (const room of roomNames) ask(room)

  const halfShown = () => letterbox.visible().some(({ final }) => !final)
  let halves = 0
  let following = new Hearth(database, letterbox.url)
  for (; left > 0; left--) {
    await using running = following
    await running.begin()
    following = new Hearth(database, letterbox.url)
    // The first starts find an empty database, and are cut off in the middle of making it.
    const late = left <= kills.late
    if (late) await running.hears('ready')
    await sleep(next() * (late ? lateMs : kills.startMs))
    // Every other one of the late ones falls while somebody reads half an answer, also on a slow machine.
    if (late && left % 2 === 0) {
      await letterbox.until(halfShown, patienceMs)
      await sleep(next() * wordMs)
    }
    if (halfShown()) halves++
  }
  await using last = following
  await last.begin()
  await letterbox.until(
    () => roomNames.every((room) => answered(room) >= messagesARoom && answered(room) === asked.get(room)),
    patienceMs,
  )
  await sleep(1_500)

  expect(questions.length).toBeGreaterThanOrEqual(rooms * messagesARoom)
  for (const room of roomNames) {
    const shown = letterbox.visible(room)
    const due = questions.filter((question) => question.room === room)
    expect(shown.map(({ text }) => text)).toEqual(
      due.map(({ text }) => `You said: ${text} . That is all of it.`),
    )
    expect(shown.every(({ final, kind }) => final && kind === 'reply')).toBe(true)
  }
  // The kills were worth it.
  expect(halves).toBeGreaterThan(kills.late / 4)
}

it('answers every message once and shows no reply twice when it is killed 50 times, over Postgres', {
  timeout: 240_000,
}, async () => {
  await using database = await postgresDatabase()
  await killMany(database, { early: 15, late: 35, startMs: 250 }, 1)
})

it('does the same over PGlite', { timeout: 240_000 }, async () => {
  await using database = await pgliteDatabase()
  await killMany(database, { early: 5, late: 7, startMs: 3_000 }, 2)
})

it('says a reminder once when it is killed while it falls due and while it is said', async () => {
  await using database = await postgresDatabase()
  await using letterbox = await openLetterbox()
  const reminders = 6
  await plan(database, reminders)
  const halfShown = () => letterbox.visible().some(({ final }) => !final)
  for (let kill = 0; kill < 3; kill++) {
    await using running = new Hearth(database, letterbox.url)
    await running.begin()
    await running.hears('ready')
    // It looks every second; what it has begun then is shown within a fifth of one.
    if (kill % 2 === 0) await sleep(900 + kill * 100)
    else await letterbox.until(halfShown, patienceMs)
  }
  await using last = new Hearth(database, letterbox.url)
  await last.begin()
  const whole = () => letterbox.visible().filter(({ final }) => final)
  await letterbox.until(() => whole().length >= reminders, patienceMs)
  await sleep(1_500)
  expect(
    whole()
      .map(({ room }) => room)
      .toSorted(),
  ).toEqual(Array.from({ length: reminders }, (_, index) => `room${index}`))
  expect(letterbox.visible()).toHaveLength(reminders)
})

/** One after the other in the next seconds, each in a room of its own. */
async function plan(database: TestDatabase, count: number): Promise<void> {
  const data = database.folder
  const signal = new AbortController().signal
  const masterKey = { file: path.join(data, 'master.key') }
  await using storage = await openStorage(
    { data, database: database.environment.DATABASE_URL, masterKey },
    signal,
  )
  const { book } = storage.store
  const zone = noonZone()
  for (let index = 0; index < count; index++) {
    const sender = { externalId: externalId(`person${index}`), displayName: 'Ada' }
    const room = { externalId: externalId(`room${index}`), kind: 'direct' } as const
    const doorway = { account: letterboxAccount.id, platform: 'matrix', persona: testPersona.id } as const
    const place = await book.find(doorway, { sender, room })
    await book.setOn(place, true)
    await book.setTerms(place, { ...place.terms, zone })
    const at = new Date(Date.now() + index * 400)
    await book.add(place, { kind: 'errand', dueAt: at, content: { text: 'the lamp', at, language: 'en' } })
  }
}
