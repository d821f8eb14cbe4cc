import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { storeError } from '../../../src/core/errors.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { shareShards } from '../../../src/shards.ts'
import { ownLocks } from '../../../src/store/own-locks.ts'
import { everybody, type Listening, listen, makeAccount } from '../../support/discord/account.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import type { Person } from '../../support/discord/person.ts'
import type { Bot, Channel } from '../../support/discord/world.ts'

vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 20_000, interval: 10 }
const signal = () => AbortSignal.timeout(20_000)
const reply = (text: string) => ({ text, kind: 'reply', final: true }) as const
const key = () => ({ id: newUuid(), firstTriedAt: new Date() })
const post = 'POST /channels/:channel/messages'

describe('trouble with Discord', () => {
  let discord: Discord
  let bot: Bot
  let ada: Person
  let channel: Channel
  const open: AsyncDisposable[] = []
  beforeEach(async () => {
    discord = await startDiscord({ identifySpacingMs: 0, heartbeatIntervalMs: 300 })
    bot = discord.addBot('mira')
    ada = discord.addPerson('ada')
    channel = ada.openDirect(bot)
  })
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
    await discord[Symbol.asyncDispose]()
  })

  async function start(options: Parameters<typeof makeAccount>[2] = {}) {
    const account = makeAccount(discord, bot, options)
    const listening = await listen(discord, bot, account.connect())
    open.push(listening)
    return { ...account, listening, adapter: listening.adapter }
  }
  const texts = ({ of }: Listening) => of('message').map(({ text }) => text)
  const room = () => roomOf(channel.id, undefined)

  describe.each<[string, () => void]>([
    ['breaks off', () => discord.gateway.drop(bot)],
    ['is closed, to be resumed', () => discord.gateway.close(bot, 4000)],
    ['is closed because it was too much', () => discord.gateway.close(bot, 4008)],
    ['is closed because its session has timed out', () => discord.gateway.close(bot, 4009)],
    ['is asked to be made anew', () => discord.gateway.askToReconnect(bot)],
    ['has an invalid session that can be resumed', () => discord.gateway.invalidate(bot, true)],
    ['has an invalid session', () => discord.gateway.invalidate(bot, false)],
    [
      'has a session that is forgotten meanwhile',
      () => {
        discord.gateway.expire(bot)
        discord.gateway.drop(bot)
      },
    ],
    ['is dead and does not know it', () => discord.gateway.goSilent(bot)],
  ])('a connection that %s', (_, happens) => {
    it('comes back, and nothing that was said meanwhile is lost or taken twice', async () => {
      const { listening } = await start()
      ada.say(channel, 'One.')
      await vi.waitFor(() => expect(texts(listening)).toEqual(['One.']), soon)
      happens()
      ada.say(channel, 'Two.')
      ada.say(channel, 'Three.')
      await vi.waitFor(() => expect(texts(listening)).toEqual(['One.', 'Two.', 'Three.']), soon)
      ada.say(channel, 'Four.')
      await vi.waitFor(() => expect(texts(listening)).toEqual(['One.', 'Two.', 'Three.', 'Four.']), soon)
    })
  })

  it.each([
    [4004, 'discord-wrong-token', 'Reset Token'],
    [4014, 'discord-intent-missing', 'Message Content Intent'],
    [4011, 'discord-shards', 'discord.shards'],
  ])('ends where Discord closes for good (%i), and says why', async (code, name, mend) => {
    const { listening } = await start()
    discord.gateway.close(bot, code)
    await expect(listening.ended).rejects.toMatchObject({ code: name, mend: expect.stringContaining(mend) })
  })

  it('says that the token is none', async () => {
    const { connect } = makeAccount(discord, { ...bot, token: `${bot.token}x` })
    await expect(connect().start(async () => {}, signal())).rejects.toMatchObject({
      code: 'discord-wrong-token',
    })
  })

  it('says which switch is not set, at its first start', async () => {
    const limited = discord.addBot('limited', { privileged: 0 })
    const { connect } = makeAccount(discord, limited, {
      allowed: { ...everybody, guilds: ['123456789012345678'] },
    })
    await expect(connect().start(async () => {}, signal())).rejects.toMatchObject({
      code: 'discord-intent-missing',
    })
  })

  it('waits for a Discord that is away at its start, says so, and goes on', async () => {
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

  it.each(['before', 'after'] as const)(
    'shows one message when Discord fails %s it has taken it',
    async (when) => {
      const { adapter } = await start()
      for (const kind of [500, 'reset'] as const) {
        discord.faults.next({ route: post, kind, when })
        await adapter.send(room(), reply(`Once, ${kind}.`), key(), signal())
      }
      const ours = discord.messages(channel).map(({ content }) => content)
      expect(ours).toEqual(['Once, 500.', 'Once, reset.'])
    },
  )

  it.each(['user', 'global', 'shared', 'cloudflare'] as const)(
    'waits as long as it is told to by a limit (%s)',
    async (scope) => {
      const { adapter } = await start()
      discord.limits.refuseNext(post, { scope, retryAfterMs: 300 })
      const startedMs = performance.now()
      await adapter.send(room(), reply('At last.'), key(), signal())
      expect(performance.now() - startedMs).toBeGreaterThan(250)
      expect(discord.messages(channel)).toHaveLength(1)
    },
  )

  it('ends where it is told to, whatever is under way', async () => {
    const account = makeAccount(discord, bot)
    const listening = await listen(discord, bot, account.connect(), async () => {
      throw storeError('The database is away.', { code: 'test-away', retryable: true })
    })
    open.push(listening)
    ada.say(channel, 'Hello.')
    await vi.waitFor(() => expect(account.news.some(({ kind }) => kind === 'troubled')).toBe(true), soon)
    discord.gateway.close(bot, 4004)
    await expect(listening.ended).rejects.toMatchObject({ code: 'discord-wrong-token' })
  })

  it('says that it is well again when what it brought could be stored', async () => {
    const account = makeAccount(discord, bot)
    let away = true
    const listening = await listen(discord, bot, account.connect(), async () => {
      if (away) throw storeError('The database is away.', { code: 'test-away', retryable: true })
    })
    open.push(listening)
    ada.say(channel, 'Hello.')
    await vi.waitFor(() => expect(account.news.at(-1)?.kind).toBe('troubled'), soon)
    away = false
    await vi.waitFor(() => expect(account.news.at(-1)?.kind).toBe('answering'), soon)
    expect(texts(listening)).toEqual(['Hello.'])
  })

  it('stops at the first call that its token is refused for, and loses nothing that is to be said', async () => {
    const { adapter, listening } = await start()
    discord.world.bots.find(({ name }) => name === 'mira')!.token += 'renewed'
    for (let n = 0; n < 2; n++)
      await expect(adapter.send(room(), reply('Hm.'), key(), signal())).rejects.toMatchObject({
        code: 'discord-wrong-token',
        retryable: true,
      })
    await expect(listening.ended).rejects.toMatchObject({ code: 'discord-wrong-token' })
  })

  it('lets go of whoever called', async () => {
    const { adapter } = await start()
    const { signal: life } = new AbortController()
    for (let n = 0; n < 5; n++) await adapter.send(room(), reply(`${n}`), key(), life)
    expect(getEventListeners(life, 'abort').length).toBeLessThan(2)
  })

  it('tells a stranger who has blocked it nothing, and does not try again', async () => {
    const { news } = await start({ allowed: { ...everybody, users: [] } })
    ada.block(bot)
    for (const text of ['One.', 'Two.', 'Three.']) ada.say(channel, text)
    await discord.until(() => discord.requests.some(({ route, status }) => route === post && status === 403))
    const bea = discord.addPerson('bea')
    const hers = bea.openDirect(bot)
    bea.say(hers, 'Hello?')
    await discord.until(() => discord.messages(hers).length === 2)
    expect(discord.requests.filter(({ status }) => status === 403)).toHaveLength(1)
    expect(news.some(({ kind }) => kind === 'passed-over')).toBe(false)
  })

  it('tells a failing Discord from a message that it does not take', async () => {
    const { adapter } = await start()
    discord.faults.next({ route: post, kind: 500, when: 'before', times: 20 })
    await expect(adapter.send(room(), reply('Hm.'), key(), signal())).rejects.toMatchObject({
      code: 'discord-away',
      retryable: true,
    })
    discord.faults.clear()
    ada.block(bot)
    await expect(adapter.send(room(), reply('Hm.'), key(), signal())).rejects.toMatchObject({
      code: 'discord-cannot-write',
      retryable: false,
    })
    await expect(
      adapter.edit(room(), '123456789012345678' as never, reply('Hm.'), key(), signal()),
    ).rejects.toMatchObject({
      code: 'discord-gone',
    })
  })

  it('shards by itself, and as it is told', async () => {
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
