import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresDatabase } from '../../support/databases.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import { makeHouse } from '../../support/discord/house.ts'
import { type OllamaServer, startOllamaServer } from '../../support/ollama-server.ts'

/** 20 in the long form: HEARTH_KILLS=20. */
const kills = Number(process.env.HEARTH_KILLS ?? 6)
vi.setConfig({ testTimeout: 120_000 + kills * 10_000, hookTimeout: 60_000 })

/** Names what it answers: everything that was said since its last reply. */
const script: OllamaServer['script'] = ({ messages = [] }) => {
  const said = messages.filter(({ role }) => role !== 'system')
  const last = said.findLastIndex(({ role }) => role === 'assistant')
  const words = said.slice(last + 1).map(({ content }) => content)
  return { pieces: [`I heard `, ...words.map((word) => `${word} `), 'and that is all.'], paceMs: 60 }
}

describe('a house on Discord that is killed again and again', () => {
  const stack = new AsyncDisposableStack()
  let discord: Discord
  beforeAll(async () => {
    // Nonces are forgotten at once: nothing but Hearth itself keeps a reply from being shown twice.
    discord = stack.use(await startDiscord({ identifySpacingMs: 0, nonceLivesMs: 0 }))
  })
  afterAll(() => stack.disposeAsync())

  it(`answers each message once and shows no reply twice (${kills} kills)`, async () => {
    const database = stack.use(await postgresDatabase())
    const ollama = stack.use(await startOllamaServer({ script }))
    const bot = discord.addBot('mira')
    const ada = discord.addPerson('ada')
    const { home } = await makeHouse(
      discord,
      { mira: bot },
      { ...database.environment, OLLAMA_HOST: ollama.url },
    )
    stack.use(home)
    const channel = ada.openDirect(bot)
    const connected = () => discord.until(() => discord.gateway.connected(bot) > 0, 30_000)
    const replies = () =>
      discord
        .messages(channel)
        .filter(({ author, content }) => author === 'mira' && content.startsWith('I heard'))
        .map(({ content }) => content)
    const answered = () => replies().flatMap((text) => text.match(/word-\d+/g) ?? [])
    let hearth = home.start(['run'])
    await connected()
    const said: string[] = ['word-0']
    ada.say(channel, 'word-0')
    await discord.until(() => answered().includes('word-0'), 30_000)
    for (let kill = 1; kill <= kills; kill++) {
      const word = `word-${kill}`
      said.push(word)
      ada.say(channel, word)
      await sleep(Math.random() * 1_500)
      hearth.kill('SIGKILL')
      await hearth.ended
      hearth = home.start(['run'])
      // Sometimes it dies again before it is there.
      if (kill % 3 !== 0) await connected()
    }
    await discord.until(
      () =>
        said.every((word) => answered().includes(word)) && replies().every((text) => text.endsWith('all.')),
      90_000,
    )
    // What would come twice needs a moment to come.
    await sleep(3_000)
    expect(answered().toSorted()).toEqual(said.toSorted())
    expect(new Set(replies()).size).toBe(replies().length)
    expect(discord.messages(channel).filter(({ content }) => content.startsWith('-# '))).toEqual([])
    expect(discord.limits.refused).toEqual([])
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)
  })
})
