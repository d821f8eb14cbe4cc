import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { pgliteDatabase, postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { openLetterbox } from '../support/letterbox.ts'

const rooms = 10
const messagesARoom = 10
const child = path.join(import.meta.dirname, '../support/letterbox-child.ts')

/** Deterministic, so that a failing run can be repeated. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function start(database: TestDatabase, url: string): ChildProcess {
  return fork(child, {
    env: { ...process.env, ...database.environment, LETTERBOX_URL: url },
    stdio: 'inherit',
  })
}

const ended = (one: ChildProcess) =>
  one.exitCode !== null || one.signalCode !== null
    ? Promise.resolve()
    : new Promise<void>((resolve) => one.once('exit', () => resolve()))

async function killMany(database: TestDatabase, kills: number, seed: number): Promise<void> {
  await using letterbox = await openLetterbox()
  const next = random(seed)
  const questions: { room: string; text: string }[] = []
  const asked = new Map<string, number>()
  const ask = (room: string) => {
    const number = asked.get(room) ?? 0
    if (number >= messagesARoom && killed >= kills) return
    asked.set(room, number + 1)
    const text = `question ${room}-${number}`
    questions.push({ room, text })
    letterbox.say(room, text)
  }
  let killed = 0
  const roomNames = Array.from({ length: rooms }, (_, index) => `room${index}`)
  const answered = (room: string) => letterbox.visible(room).filter(({ final }) => final).length
  // Each person waits for the whole answer before they go on.
  letterbox.onChange(() => {
    for (const room of roomNames) if (answered(room) >= (asked.get(room) ?? 0)) ask(room)
  })
  for (const room of roomNames) ask(room)

  let running = start(database, letterbox.url)
  try {
    while (killed < kills) {
      await new Promise((resolve) => running.once('message', resolve))
      await sleep(next() * 400)
      running.kill('SIGKILL')
      await ended(running)
      killed++
      running = start(database, letterbox.url)
    }
    await letterbox.until(
      () => roomNames.every((room) => answered(room) >= messagesARoom && answered(room) === asked.get(room)),
      60_000,
    )
    await sleep(1_500)
  } finally {
    running.kill('SIGKILL')
    await ended(running)
  }

  expect(questions.length).toBeGreaterThanOrEqual(rooms * messagesARoom)
  for (const room of roomNames) {
    const shown = letterbox.visible(room)
    const due = questions.filter((question) => question.room === room)
    expect(shown.map(({ text }) => text)).toEqual(
      due.map(({ text }) => `You said: ${text} . That is all of it.`),
    )
    expect(shown.every(({ final, kind }) => final && kind === 'reply')).toBe(true)
  }
}

it('answers every message once and shows no reply twice when it is killed 50 times, over Postgres', {
  timeout: 240_000,
}, async () => {
  await using database = await postgresDatabase()
  await killMany(database, 50, 1)
})

it('does the same over PGlite', { timeout: 240_000 }, async () => {
  await using database = await pgliteDatabase()
  await killMany(database, 12, 2)
})
