import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresDatabase } from '../../support/databases.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import { makeHouse } from '../../support/discord/house.ts'
import { type OllamaServer, startOllamaServer } from '../../support/ollama-server.ts'

const kills = Number(process.env.HEARTH_KILLS ?? 20)
/** A dead process's turn is nobody's for two seconds: meanwhile somebody else is answered. */
const names = ['ada', 'bea', 'cleo', 'dora', 'eve', 'fay']
const ending = ['and ', 'that ', 'is ', 'all.']
const paceMs = 120
const replyMs = paceMs * (1 + ending.length)
const warm = path.join(import.meta.dirname, '../../support/discord/warm-child.ts')
vi.setConfig({ testTimeout: 120_000 + kills * 10_000, hookTimeout: 60_000 })

describe('a house on Discord that is killed again and again', () => {
  const stack = new AsyncDisposableStack()
  let discord: Discord
  let ollama: OllamaServer
  const asked = new Set<string>()
  let onAsked = () => {}
  /** Names what it answers: everything that was said since its last reply. */
  const script: OllamaServer['script'] = ({ messages = [] }) => {
    const said = messages.filter(({ role }) => role !== 'system')
    const last = said.findLastIndex(({ role }) => role === 'assistant')
    const words = said.slice(last + 1).map(({ content }) => content)
    for (const word of words) asked.add(word)
    onAsked()
    return { pieces: ['I heard ', ...words.map((word) => `${word} `), ...ending], paceMs }
  }
  beforeAll(async () => {
    // Nonces are forgotten as soon as Hearth counts with it; Discord says "a few minutes".
    discord = stack.use(await startDiscord({ identifySpacingMs: 0, nonceLivesMs: 60_000 }))
    ollama = stack.use(await startOllamaServer({ script }))
  })
  afterAll(() => stack.disposeAsync())

  it(`answers each message once and shows no reply twice (${kills} kills in the middle of a reply)`, async () => {
    const database = stack.use(await postgresDatabase())
    const bot = discord.addBot('mira')
    const { home } = await makeHouse(
      discord,
      { mira: bot },
      { ...database.environment, OLLAMA_HOST: ollama.url },
    )
    stack.use(home)
    const people = names.map((name) => {
      const person = discord.addPerson(name)
      return { person, channel: person.openDirect(bot) }
    })
    const shown = () => people.flatMap(({ channel }) => discord.messages(channel))
    const replies = () =>
      shown()
        .filter(({ author, content }) => author === 'mira' && content.startsWith('I heard'))
        .map(({ content }) => content)
    const answered = () => replies().flatMap((text) => text.match(/word-\d+/g) ?? [])
    const isAsked = (word: string) =>
      new Promise<void>((resolve) => {
        onAsked = () => asked.has(word) && resolve()
        onAsked()
      })

    const prepare = () =>
      home.start(['run'], {
        nodeOptions: ['--import', warm],
        environment: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '' },
      })
    let next = prepare()
    function begin() {
      const begun = next
      begun.say('begin')
      next = prepare()
      return begun
    }
    async function kill(): Promise<void> {
      hearth.kill('SIGKILL')
      await hearth.ended
      hearth = begin()
    }

    let hearth = begin()
    await discord.until(() => discord.gateway.connected(bot) > 0, 30_000)
    const said: string[] = []
    function say({ person, channel }: (typeof people)[number]): string {
      const word = `word-${said.length}`
      said.push(word)
      person.say(channel, word)
      return word
    }
    for (const each of people) say(each)
    await discord.until(() => said.every((word) => answered().includes(word)), 30_000)
    for (let n = 1; n <= kills; n++) {
      await isAsked(say(people[n % people.length]!))
      await sleep(Math.random() * replyMs)
      await kill()
      if (n % 10 !== 0) continue
      // Sometimes it dies again before it is there.
      await sleep(Math.random() * 500)
      await kill()
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
    expect(shown().filter(({ content }) => content.startsWith('-# '))).toEqual([])
    expect(discord.limits.refused).toEqual([])
    next.kill('SIGKILL')
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)
  })
})
