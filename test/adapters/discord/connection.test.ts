import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, vi } from 'vitest'
import { shareShards } from '../../../src/shards.ts'
import { ownLocks } from '../../../src/store/own-locks.ts'
import { everybody, listen, makeAccount } from '../../support/discord/account.ts'
import type { Discord } from '../../support/discord/discord.ts'
import { onDiscord, signal, soon, texts } from '../../support/discord/scene.ts'
import type { Bot } from '../../support/discord/world.ts'

vi.setConfig({ testTimeout: 60_000 })
const it = onDiscord({ heartbeatIntervalMs: 300 }, { maySlowDown: true })

// Each has a Discord of its own, and mostly waits: discord.js pauses for 5 s before it begins anew.
describe.concurrent('the connection to Discord', () => {
  describe.each<[string, (discord: Discord, bot: Bot) => void]>([
    ['breaks off', (discord, bot) => discord.gateway.drop(bot)],
    ['is closed, to be resumed', (discord, bot) => discord.gateway.close(bot, 4000)],
    ['is closed because it was too much', (discord, bot) => discord.gateway.close(bot, 4008)],
    ['is closed because its session has timed out', (discord, bot) => discord.gateway.close(bot, 4009)],
    ['is asked to be made anew', (discord, bot) => discord.gateway.askToReconnect(bot)],
    ['has an invalid session that can be resumed', (discord, bot) => discord.gateway.invalidate(bot, true)],
    ['has an invalid session', (discord, bot) => discord.gateway.invalidate(bot, false)],
    [
      'has a session that is forgotten meanwhile',
      (discord, bot) => {
        discord.gateway.expire(bot)
        discord.gateway.drop(bot)
      },
    ],
    ['is dead and does not know it', (discord, bot) => discord.gateway.goSilent(bot)],
  ])('a connection that %s', (_, happens) => {
    it('comes back, and nothing that was said meanwhile is lost or taken twice', async ({
      discord,
      bot,
      ada,
      channel,
      start,
    }) => {
      const { listening } = await start()
      ada.say(channel, 'One.')
      await vi.waitFor(() => expect(texts(listening)).toEqual(['One.']), soon)
      happens(discord, bot)
      ada.say(channel, 'Two.')
      ada.say(channel, 'Three.')
      await vi.waitFor(() => expect(texts(listening)).toEqual(['One.', 'Two.', 'Three.']), soon)
      ada.say(channel, 'Four.')
      await vi.waitFor(() => expect(texts(listening)).toEqual(['One.', 'Two.', 'Three.', 'Four.']), soon)
    })
  })

  it.for<[number, string, string]>([
    [4004, 'discord-wrong-token', 'Reset Token'],
    [4014, 'discord-intent-missing', 'Message Content Intent'],
    [4011, 'discord-shards', 'discord.shards'],
  ])(
    'ends where Discord closes for good (%i), and says why',
    async ([code, name, mend], { discord, bot, start }) => {
      const { listening } = await start()
      discord.gateway.close(bot, code)
      await expect(listening.ended).rejects.toMatchObject({ code: name, mend: expect.stringContaining(mend) })
    },
  )

  it('says that the token is none', async ({ discord, bot }) => {
    const { connect } = makeAccount(discord, { ...bot, token: `${bot.token}x` })
    await expect(connect().start(async () => {}, signal())).rejects.toMatchObject({
      code: 'discord-wrong-token',
    })
  })

  it('says which switch is not set, at its first start', async ({ discord }) => {
    const limited = discord.addBot('limited', { privileged: 0 })
    const { connect } = makeAccount(discord, limited, {
      allowed: { ...everybody, guilds: ['123456789012345678'] },
    })
    await expect(connect().start(async () => {}, signal())).rejects.toMatchObject({
      code: 'discord-intent-missing',
    })
  })

  it('waits for a Discord that is away at its start, says so, and goes on', async ({ discord, bot }) => {
    discord.faults.away = true
    const account = makeAccount(discord, bot)
    const adapter = account.connect()
    const stop = new AbortController()
    const ended = adapter.start(async () => {}, stop.signal)
    await vi.waitFor(() => expect(account.news.map(({ kind }) => kind)).toContain('troubled'), soon)
    discord.faults.away = false
    await vi.waitFor(() => expect(account.news.map(({ kind }) => kind)).toContain('answering'), soon)
    stop.abort()
    await ended
    await adapter[Symbol.asyncDispose]()
  })

  it('says that Discord lets it begin no more connections, and goes on when it does', async ({
    discord,
    bot,
  }) => {
    const { connect, news } = makeAccount(discord, bot)
    bot.sessionStarts.remaining = 0
    await using adapter = connect()
    adapter.start(async () => undefined, signal()).catch(() => undefined)
    await vi.waitFor(() => expect(news).toHaveLength(1), soon)
    expect(news).toMatchObject([{ kind: 'troubled', error: { code: 'discord-sessions', retryable: true } }])
    bot.sessionStarts.remaining = 1
    await vi.waitFor(() => expect(news.at(-1)).toEqual({ kind: 'answering' }), soon)
  })

  it('begins no connection when it was told to end while it asked where to', async ({ discord, bot }) => {
    discord.faults.next({ route: 'GET /gateway/bot', kind: 'slow', lateMs: 300 })
    const adapter = makeAccount(discord, bot).connect()
    const stop = new AbortController()
    const ended = adapter.start(async () => {}, stop.signal)
    await discord.until(() => discord.requests.length > 0)
    stop.abort()
    await ended
    await discord.until(() => discord.requests.some(({ status }) => status === 200))
    await sleep(500)
    expect(discord.gateway.frames).toEqual([])
    await adapter[Symbol.asyncDispose]()
  })

  it('shards by itself, and as it is told', async ({ discord, bot, ada, channel }) => {
    bot.shards = 2
    const place = (shard: number) =>
      discord.addGuild(`Home ${shard}`, { members: [ada], bots: [bot], shard: [shard, 2] })
    const channels = [place(0), place(1)].map((each) => each.addChannel('general'))
    const { id } = makeAccount(discord, bot).account
    for (const share of [undefined, shareShards(ownLocks(), id, 2, () => undefined)]) {
      const account = makeAccount(discord, bot, {
        share,
        allowed: { ...everybody, channels: channels.map(({ id }) => id) },
      })
      const listening = await listen(discord, bot, account.connect())
      await discord.until(() => discord.gateway.connected(bot) === 2, 20_000)
      for (const [shard, where] of channels.entries()) ada.say(where, `Mira, shard ${shard}`)
      ada.say(channel, 'And directly.')
      await vi.waitFor(
        () =>
          expect([...new Set(texts(listening))].toSorted()).toEqual([
            'And directly.',
            'Mira, shard 0',
            'Mira, shard 1',
          ]),
        soon,
      )
      await listening[Symbol.asyncDispose]()
      await discord.until(() => discord.gateway.connected(bot) === 0, 20_000)
    }
  })
})
