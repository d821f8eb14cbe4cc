import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'

import { startDiscord } from './discord.ts'

test('a bot whose process is killed leaves a session behind, and comes back with a new one', async () => {
  await using discord = await startDiscord({ identifySpacingMs: 0 })
  const bot = discord.addBot('mira')
  const ada = discord.addPerson('ada')
  const room = ada.openDirect(bot)
  const start = (): ChildProcess =>
    spawn(process.execPath, [path.join(import.meta.dirname, 'echo-child.ts'), discord.apiUrl, bot.token])
  const kill = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const heard = (text: string): Promise<true> =>
    discord.until(() => discord.messages(room).some(({ content }) => content === text), 10_000)
  const connected = (count: number): Promise<true> =>
    discord.until(() => discord.gateway.connected(bot) === count, 10_000)

  let child = start()
  try {
    await connected(1)
    ada.say(room, 'one')
    await heard('again: one')
    await kill(child)
    await connected(0)
    ada.say(room, 'two')
    child = start()
    await connected(1)
    ada.say(room, 'three')
    await heard('again: three')
  } finally {
    await kill(child)
  }
  expect(discord.gateway.sessions(bot)).toHaveLength(2)
  const contents = discord.messages(room).map(({ content }) => content)
  expect(contents).toEqual(['one', 'again: one', 'two', 'three', 'again: three'])
})
