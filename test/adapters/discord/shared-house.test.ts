import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresDatabase } from '../../support/databases.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import { makeHouse } from '../../support/discord/house.ts'
import type { Channel } from '../../support/discord/world.ts'
import type { HearthProcess } from '../../support/hearth-process.ts'
import { type OllamaServer, startOllamaServer } from '../../support/ollama-server.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })
const soon = { timeout: 30_000, interval: 100 }
const shards = [0, 1, 2, 3]

/** Names what it answers: everything that was said since its last reply. */
const script: OllamaServer['script'] = ({ messages = [] }) => {
  const said = messages.filter(({ role }) => role !== 'system')
  const last = said.findLastIndex(({ role }) => role === 'assistant')
  const words = said.slice(last + 1).flatMap(({ content }) => content.match(/word-\w+/g) ?? [])
  return { pieces: ['I heard ', ...words.map((word) => `${word} `), 'and that is all.'], paceMs: 10 }
}

describe('houses that share a bot on Discord', () => {
  const stack = new AsyncDisposableStack()
  let discord: Discord
  beforeAll(async () => {
    // Nonces are forgotten at once: nothing but Hearth itself keeps a reply from being shown twice.
    discord = stack.use(await startDiscord({ identifySpacingMs: 0, nonceLivesMs: 0 }))
  })
  afterAll(() => stack.disposeAsync())

  it('have its shards in even parts, whoever comes, is killed or stops, and answer each message once', async () => {
    const database = stack.use(await postgresDatabase())
    const ollama = stack.use(await startOllamaServer({ script }))
    const bot = discord.addBot('mira')
    bot.maxConcurrency = shards.length
    const ada = discord.addPerson('ada')
    const guilds = shards.map((shard) =>
      discord.addGuild(`Home ${shard}`, { members: [ada], bots: [bot], shard: [shard, shards.length] }),
    )
    const channels = [ada.openDirect(bot), ...guilds.map((guild) => guild.addChannel('general'))]
    /** In which nothing is said before the process that has their shard is killed. */
    const fresh = guilds.map((guild) => guild.addChannel('fresh'))
    const all = [...channels, ...fresh]
    const { home } = await makeHouse(
      discord,
      { mira: bot },
      { ...database.environment, OLLAMA_HOST: ollama.url },
      [
        "allow: ['*']",
        `shards: ${shards.length}`,
        `always: ['${all
          .slice(1)
          .map(({ id }) => id)
          .join("', '")}']`,
      ],
    )
    stack.use(home)

    const log = () => readFile(path.join(home.data, 'hearth.log'), 'utf8').catch(() => '')
    /** The shards that each process says are here. */
    async function here(process: HearthProcess): Promise<readonly string[]> {
      const last = (await log())
        .split('\n')
        .filter((line) => line.includes('the shards that are here') && line.includes(`"pid":${process.pid}`))
        .at(-1)
      const told = last === undefined ? '' : (JSON.parse(last) as { here: string }).here
      return told === '' ? [] : told.split(', ')
    }
    /** That they have so many, all different, and that Discord sees the same. */
    const parted = (...expected: readonly (readonly [HearthProcess, number])[]) =>
      vi.waitFor(async () => {
        const had = await Promise.all(expected.map(([process]) => here(process)))
        expect(had.map(({ length }) => length).toSorted()).toEqual(
          expected.map(([, count]) => count).toSorted(),
        )
        expect(had.flat().map(Number).toSorted()).toEqual(shards)
        const connected = discord.gateway.sessions(bot).filter(({ send }) => send !== undefined)
        expect(connected.map(({ shard }) => shard[0]).toSorted()).toEqual(shards)
      }, soon)

    /** As a restart of the server does. */
    async function cutLocks(): Promise<void> {
      await using opened = await database.open()
      await opened.script(({ query }) =>
        query(
          "select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'hearth locks' and datname = current_database()",
          [],
        ),
      )
    }

    const said: string[] = []
    const say = (when: string, where: readonly Channel[] = channels) =>
      where.forEach((channel, index) => {
        said.push(`word-${when}${index}`)
        ada.say(channel, `word-${when}${index}`)
      })
    const replies = () =>
      all.flatMap((channel) =>
        discord
          .messages(channel)
          .filter(({ author, content }) => author === 'mira' && content.startsWith('I heard')),
      )
    const heard = () => replies().flatMap(({ content }) => content.match(/word-\w+/g) ?? [])
    const answered = () =>
      discord.until(
        () =>
          said.every((word) => heard().includes(word)) &&
          replies().every(({ content }) => content.endsWith('all.')),
        30_000,
      )

    const [first, second] = [home.start(['run']), home.start(['run'])]
    await parted([first, 2], [second, 2])
    say('before')
    await answered()
    expect((await home.run(['doctor'])).stdout).toContain(
      'discord: processes that share the 4 shards: mira (2 of them)',
    )

    const third = home.start(['run'])
    await third.until(() => third.stdout.includes('is a bot on Discord'))
    say('joining')
    await parted([first, 2], [second, 1], [third, 1])
    say('joined')

    first.kill('SIGKILL')
    await first.ended
    say('killed')
    say('new', fresh)
    await parted([second, 2], [third, 2])
    say('after')
    await answered()

    const stoppedMs = performance.now()
    second.kill('SIGTERM')
    say('stopping')
    expect((await second.ended).code).toBe(0)
    expect(performance.now() - stoppedMs).toBeLessThan(10_000)
    await parted([third, 4])
    say('alone')
    await answered()

    await cutLocks()
    await vi.waitFor(async () => expect(await log()).toContain('the account was lost'), soon)
    say('lost')
    await parted([third, 4])
    say('back')
    await answered()
    // What would come twice needs a moment to come.
    await sleep(1_000)
    expect(heard().toSorted()).toEqual(said.toSorted())
    // Of what one channel takes each process knows its own part alone.
    expect(discord.limits.refused.filter(({ scope }) => scope === 'global')).toEqual([])
  })
})
