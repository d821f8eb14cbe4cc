import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { postgresDatabase } from '../../support/databases.ts'
import { startDiscord } from '../../support/discord/discord.ts'
import { makeHouse } from '../../support/discord/house.ts'
import { noonZone } from '../../support/noon-zone.ts'
import { startOllamaServer } from '../../support/ollama-server.ts'

// A whole house, started twice.
vi.setConfig({ testTimeout: 120_000 })
const soonMs = 20_000

it('a house on Discord writes first where somebody lets it: also after it was killed, and not to whoever blocks it', async () => {
  await using stack = new AsyncDisposableStack()
  const discord = stack.use(await startDiscord({ identifySpacingMs: 0 }))
  const ollama = stack.use(
    await startOllamaServer({
      script: ({ messages = [] }) => {
        const word = messages.at(-1)
        const what = word?.role === 'system' ? /“(.*)”/.exec(word.content)?.[1] : undefined
        return { pieces: [what === undefined ? 'Very well.' : `Think of it: ${what}`] }
      },
    }),
  )
  const database = stack.use(await postgresDatabase())
  const bot = discord.addBot('mira')
  const ada = discord.addPerson('ada')
  const { home } = await makeHouse(
    discord,
    { mira: bot },
    { ...database.environment, OLLAMA_HOST: ollama.url },
  )
  stack.use(home)
  const channel = ada.openDirect(bot)
  const said = () =>
    discord
      .messages(channel)
      .filter(({ author }) => author === 'mira')
      .map(({ content }) => content)
  const firsts = () => said().filter((text) => text.startsWith('Think of it'))
  const order = async (command: string, text?: string) => {
    const used = ada.slash(bot, channel, `unprompted ${command}`, text === undefined ? {} : { text })
    await discord.until(() => (used.answer?.content ?? '') !== '', soonMs)
    return used.answer?.content ?? ''
  }

  const hearth = home.start(['run'])
  await discord.until(() => bot.commands.size > 0, 30_000)
  expect(await order('zone', noonZone())).toContain('Where you are is')
  expect(await order('on')).toContain('I may write to you first here: reminders, follow-ups, mornings.')
  ada.say(channel, 'Remind me in 2 seconds to feed Mirzl.')
  await discord.until(() => firsts().length === 1, soonMs)
  expect(said().slice(-3)).toEqual([
    expect.stringContaining('Noted as number 1: I remind you on '),
    'Very well.',
    'Think of it: feed Mirzl',
  ])

  expect(await order('remind', 'in 3 seconds to call mum')).toContain('Noted as number 2')
  hearth.kill('SIGKILL')
  await hearth.ended
  const again = home.start(['run'])
  await discord.until(() => firsts().length === 2, 30_000)
  expect(firsts().at(-1)).toBe('Think of it: call mum')

  await order('remind', 'in 3 hours to wave again')
  await order('remind', 'in 3 seconds to wave')
  ada.block(bot)
  const log = path.join(home.data, 'hearth.log')
  await vi.waitFor(async () => expect(await readFile(log, 'utf8')).toContain('"outcome":"failed"'), {
    timeout: soonMs,
    interval: 50,
  })
  ada.unblock(bot)
  expect(await order('show')).toContain('I do not write to you first here.')
  expect(firsts()).toHaveLength(2)
  again.kill('SIGTERM')
  expect((await again.ended).code).toBe(0)
})
