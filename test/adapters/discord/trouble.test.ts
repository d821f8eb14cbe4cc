import { getEventListeners } from 'node:events'
import { describe, expect, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { storeError } from '../../../src/core/errors.ts'
import { everybody, listen, makeAccount } from '../../support/discord/account.ts'
import { key, onDiscord, reply, signal, soon, texts } from '../../support/discord/scene.ts'

vi.setConfig({ testTimeout: 60_000 })
const post = 'POST /channels/:channel/messages'
const it = onDiscord({ heartbeatIntervalMs: 300 }, { maySlowDown: true })

describe('trouble with Discord', () => {
  it.for(['before', 'after'] as const)(
    'shows one message when Discord fails %s it has taken it',
    async (when, { discord, channel, start }) => {
      const { adapter } = await start()
      for (const kind of [500, 'reset'] as const) {
        discord.faults.next({ route: post, kind, when })
        await adapter.send(roomOf(channel.id, undefined), reply(`Once, ${kind}.`), key(), signal())
      }
      const ours = discord.messages(channel).map(({ content }) => content)
      expect(ours).toEqual(['Once, 500.', 'Once, reset.'])
    },
  )

  it.for(['user', 'global', 'shared', 'cloudflare'] as const)(
    'waits as long as it is told to by a limit (%s)',
    async (scope, { discord, channel, start }) => {
      const { adapter } = await start()
      discord.limits.refuseNext(post, { scope, retryAfterMs: 300 })
      const startedMs = performance.now()
      await adapter.send(roomOf(channel.id, undefined), reply('At last.'), key(), signal())
      expect(performance.now() - startedMs).toBeGreaterThan(250)
      expect(discord.messages(channel)).toHaveLength(1)
    },
  )

  it('ends where it is told to, whatever is under way', async ({ discord, bot, ada, channel, open }) => {
    const account = makeAccount(discord, bot)
    const listening = await listen(discord, bot, account.connect(), async () => {
      throw storeError('The database is away.', { code: 'test-away', retryable: true })
    })
    open.use(listening)
    ada.say(channel, 'Hello.')
    await vi.waitFor(() => expect(account.news.some(({ kind }) => kind === 'troubled')).toBe(true), soon)
    discord.gateway.close(bot, 4004)
    await expect(listening.ended).rejects.toMatchObject({ code: 'discord-wrong-token' })
  })

  it('says that it is well again when what it brought could be stored', async ({
    discord,
    bot,
    ada,
    channel,
    open,
  }) => {
    const account = makeAccount(discord, bot)
    let away = true
    const listening = await listen(discord, bot, account.connect(), async () => {
      if (away) throw storeError('The database is away.', { code: 'test-away', retryable: true })
    })
    open.use(listening)
    ada.say(channel, 'Hello.')
    await vi.waitFor(() => expect(account.news.at(-1)?.kind).toBe('troubled'), soon)
    away = false
    await vi.waitFor(() => expect(account.news.at(-1)?.kind).toBe('answering'), soon)
    expect(texts(listening)).toEqual(['Hello.'])
  })

  it('stops at the first call that its token is refused for, and loses nothing that is to be said', async ({
    discord,
    channel,
    start,
  }) => {
    const { adapter, listening } = await start()
    discord.world.bots.find(({ name }) => name === 'mira')!.token += 'renewed'
    for (let n = 0; n < 2; n++)
      await expect(
        adapter.send(roomOf(channel.id, undefined), reply('Hm.'), key(), signal()),
      ).rejects.toMatchObject({
        code: 'discord-wrong-token',
        retryable: true,
      })
    await expect(listening.ended).rejects.toMatchObject({ code: 'discord-wrong-token' })
  })

  it('lets go of whoever called', async ({ channel, start }) => {
    const { adapter } = await start()
    const { signal: life } = new AbortController()
    for (let n = 0; n < 5; n++) await adapter.send(roomOf(channel.id, undefined), reply(`${n}`), key(), life)
    expect(getEventListeners(life, 'abort').length).toBeLessThan(2)
  })

  it('tells a stranger who has blocked it nothing, and does not try again', async ({
    discord,
    bot,
    ada,
    channel,
    start,
  }) => {
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

  it('tells a failing Discord from a message that it does not take', async ({
    discord,
    bot,
    ada,
    channel,
    start,
  }) => {
    const { adapter } = await start()
    discord.faults.next({ route: post, kind: 500, when: 'before', times: 20 })
    await expect(
      adapter.send(roomOf(channel.id, undefined), reply('Hm.'), key(), signal()),
    ).rejects.toMatchObject({
      code: 'discord-away',
      retryable: true,
    })
    discord.faults.clear()
    ada.block(bot)
    await expect(
      adapter.send(roomOf(channel.id, undefined), reply('Hm.'), key(), signal()),
    ).rejects.toMatchObject({
      code: 'discord-cannot-write',
      retryable: false,
    })
    await expect(
      adapter.edit(
        roomOf(channel.id, undefined),
        '123456789012345678' as never,
        reply('Hm.'),
        key(),
        signal(),
      ),
    ).rejects.toMatchObject({
      code: 'discord-gone',
    })
  })
})
