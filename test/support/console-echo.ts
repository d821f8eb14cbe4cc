import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectConsole } from '../../adapters/console/connect.ts'
import type { Adapter, DeliveryKey, Outgoing } from '../../src/core/adapter.ts'
import type { RoomReference } from '../../src/core/events.ts'
import { accountId, externalId, newUuid } from '../../src/core/ids.ts'

/**
 * A program for tests: the console adapter on this process's own terminal or pipe, with an engine that
 * says everything back, word by word. Its one argument is the journal's path.
 */
const room: RoomReference = { externalId: externalId('echo'), kind: 'direct' }
const isTTY = process.stdin.isTTY === true && process.stdout.isTTY === true
const signal = new AbortController().signal
let stopped = false
let last = ''
let turns: Promise<void> = Promise.resolve()

async function answer(adapter: Adapter, text: string): Promise<void> {
  const key: DeliveryKey = { id: `${newUuid()}.0.0`, firstTriedAt: new Date() }
  const reply = (words: string, final: boolean): Outgoing => ({ text: words, kind: 'reply', final })
  if (!adapter.limits.canEdit) {
    await adapter.send(room, reply(text, true), key, signal)
    return
  }
  stopped = false
  await adapter.signalTyping(room, signal)
  await sleep(100)
  const words = text.split(' ')
  const message = await adapter.send(room, reply(words[0] ?? '', false), key, signal)
  let shown = words[0] ?? ''
  for (const word of words.slice(1)) {
    if (stopped) break
    await sleep(20)
    shown += ` ${word}`
    await adapter.edit(
      room,
      message,
      reply(shown, false),
      { ...key, id: `${key.id}.${shown.length}` },
      signal,
    )
  }
  await adapter.edit(room, message, reply(stopped ? `${shown} (stopped)` : shown, true), key, signal)
}

const hostile = 'Look: \u001b[2J\u001b]0;owned\u0007 \u009b31m \u202edne eht'

await using adapter = connectConsole({
  account: { id: accountId('console'), platform: 'console' },
  person: externalId('keyboard'),
  personaName: 'Echo',
  personName: 'Ada',
  room: room.externalId,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  isTTY,
  colour: isTTY,
  journalFile: process.argv[2] ?? '',
  filesFolder: tmpdir(),
  onLeave: () => {},
})

const say = (text: string) => {
  // As the real engine, this one keeps a reply that could not be shown, and is quiet about it.
  turns = turns.then(() => answer(adapter, text)).catch(() => {})
}

await adapter.start(async (event) => {
  if (event.kind === 'membership') say('Say something.')
  if (event.kind === 'command' && event.name === 'stop') stopped = true
  if (event.kind === 'command' && event.name === 'retry') say(`Again: ${last}`)
  if (event.kind !== 'message') return
  last = event.text
  say(event.text === 'hostile' ? hostile : `You said: ${event.text.replaceAll('\n', ' | ')}`)
  // As the real engine serves a pipe: one by one.
  if (!isTTY) await turns
}, signal)
