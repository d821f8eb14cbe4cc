import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import type { Shard, ShardShare } from '../../../adapters/discord/shards.ts'
import { guestAccountId } from '../../../adapters/discord/token.ts'
import { accountId, newUuid, personaId } from '../../../src/core/ids.ts'
import { quotaOf, shareShards } from '../../../src/shards.ts'
import type { Database } from '../../../src/store/database.ts'
import { postgresDatabase } from '../../support/databases.ts'
import { everybody, type Listening, listen, makeAccount } from '../../support/discord/account.ts'
import { type Discord, type DiscordOptions, startDiscord } from '../../support/discord/discord.ts'
import { openRaw } from '../../support/discord/raw-gateway.ts'

vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 30_000, interval: 20 }
const signal = () => AbortSignal.timeout(20_000)
const key = () => ({ id: newUuid(), firstTriedAt: new Date() })
const reply = (text: string) => ({ text, kind: 'reply', final: true }) as const
const texts = ({ of }: Listening) => of('message').map(({ text }) => text)
const identified = (discord: Discord) => discord.gateway.frames.filter(({ op }) => op === 2).length

describe.concurrent('a bot on Discord that several processes serve', () => {
  const place = new AsyncDisposableStack()
  let database: Database
  beforeAll(async () => {
    const made = place.use(await postgresDatabase())
    database = place.use(await made.open())
  })
  afterAll(() => place.disposeAsync())

  async function start(stack: AsyncDisposableStack, options: DiscordOptions = {}) {
    const discord = stack.use(await startDiscord({ identifySpacingMs: 0, ...options }))
    const bot = discord.addBot('mira')
    /** Two Discords may give the same ids. */
    const account = accountId(newUuid())
    return {
      discord,
      bot,
      ada: discord.addPerson('ada'),
      /** As a process of its own does it. */
      async join(count: number, { connect }: ReturnType<typeof makeAccount>): Promise<Listening> {
        const locks = stack.use(await database.locks())
        const share = shareShards(locks, account, count, () => undefined)
        return stack.use(await listen(discord, bot, connect({ share })))
      },
    }
  }

  /** Another process has the shards, or this one has them all. */
  const fixed = (processes: number, shards: readonly Shard[]): ShardShare => ({
    processes: () => processes,
    awaitTurn: async () => undefined,
    hold: async (serve, life) => {
      await Promise.all(shards.map((shard) => serve(shard, life)))
      if (!life.aborted) await new Promise((resolve) => life.addEventListener('abort', resolve))
    },
  })

  it('takes each message once while its shards move', async () => {
    await using stack = new AsyncDisposableStack()
    const { discord, bot, ada, join } = await start(stack)
    bot.maxConcurrency = 2
    const channels = [
      ada.openDirect(bot),
      ...[0, 1].map((shard) =>
        discord
          .addGuild(`Home ${shard}`, { members: [ada], bots: [bot], shard: [shard, 2] })
          .addChannel('general'),
      ),
    ]
    const account = makeAccount(discord, bot, {
      allowed: { ...everybody, channels: channels.map(({ id }) => id) },
      always: channels.map(({ id }) => id),
    })
    const said: string[] = []
    const say = () => {
      const text = `${said.length}`
      said.push(text)
      ada.say(channels[said.length % channels.length]!, text)
    }
    const first = await join(2, account)
    await discord.until(() => discord.gateway.connected(bot) === 2, 20_000)
    for (let n = 0; n < 6; n++) say()
    await vi.waitFor(() => expect(texts(first)).toHaveLength(said.length), soon)
    const second = await join(2, account)
    const talking = setInterval(say, 50)
    const both = () => [...texts(first), ...texts(second)]
    const heard = (listening: Listening, after: number) =>
      texts(listening).filter((text) => Number(text) >= after)
    await vi.waitFor(() => expect(heard(second, 0)).not.toEqual([]), soon)
    const moved = said.length
    await vi.waitFor(() => {
      for (const each of [first, second]) expect(heard(each, moved)).not.toEqual([])
    }, soon)
    await first[Symbol.asyncDispose]()
    const left = said.length
    await vi.waitFor(
      () => expect(new Set(heard(second, left).map((text) => Number(text) % 3)).size).toBe(3),
      soon,
    )
    clearInterval(talking)
    await vi.waitFor(() => expect(new Set(both()).size).toBe(said.length), soon)
    expect(both().toSorted()).toEqual(said.toSorted())
  })

  it('begins its sessions one after the other, whichever process they are in', async () => {
    await using stack = new AsyncDisposableStack()
    const { discord, bot, join } = await start(stack, { identifySpacingMs: 4_000 })
    const account = makeAccount(discord, bot)
    for (let n = 0; n < 2; n++) await join(2, account)
    await discord.until(() => discord.gateway.connected(bot) === 2, 30_000)
    expect(identified(discord)).toBe(2)
  })

  it('tries again where Discord has just begun a session of somebody else', async () => {
    await using stack = new AsyncDisposableStack()
    const { discord, bot, join } = await start(stack, { identifySpacingMs: 2_000 })
    await using raw = await openRaw(discord)
    raw.send({ op: 2, d: { token: bot.token, intents: 0, properties: {} } })
    await raw.next('READY')
    await join(1, makeAccount(discord, bot))
    await discord.until(() => discord.gateway.connected(bot) === 2, 30_000)
    expect(identified(discord)).toBe(3)
  })

  it('shows the buttons under its last reply alone, whichever process has written it', async () => {
    await using stack = new AsyncDisposableStack()
    const { discord, bot, ada } = await start(stack)
    const channel = ada.openDirect(bot)
    const room = roomOf(channel.id, undefined)
    const { connect } = makeAccount(discord, bot)
    const first = stack.use(connect({ share: fixed(2, []) }))
    const second = stack.use(connect({ share: fixed(2, []) }))
    const buttons = () =>
      discord.messages(channel).map(({ components }) => JSON.stringify(components).includes('retry'))
    await first.send(room, reply('One.'), key(), signal())
    const two = await second.send(room, reply('Two.'), key(), signal())
    await vi.waitFor(() => expect(buttons()).toEqual([false, true]), soon)
    await first.edit(room, two, reply('Two again.'), key(), signal())
    expect(buttons()).toEqual([false, true])
    await second.send(room, reply('Three.'), key(), signal())
    await first.send(room, reply('Four.'), key(), signal())
    await vi.waitFor(() => expect(buttons()).toEqual([false, false, false, true]), soon)
  })

  it('ends what it was told before it gives a shard up', async () => {
    await using stack = new AsyncDisposableStack()
    const { discord, bot, ada } = await start(stack)
    const channel = ada.openDirect(bot)
    const life = new AbortController()
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const share: ShardShare = {
      ...fixed(2, []),
      hold: (serve) => serve({ id: 0, of: 1 }, life.signal).then(end),
    }
    const { promise: stored, resolve: store } = Promise.withResolvers<void>()
    const adapter = makeAccount(discord, bot).connect({ share })
    const listening = stack.use(await listen(discord, bot, adapter, () => stored))
    await discord.until(() => bot.commands.size > 0, 20_000)
    ada.say(channel, 'Hello.')
    const used = ada.slash(bot, channel, 'stop')
    await discord.until(() => used.state !== 'waiting', 20_000)
    life.abort()
    await discord.until(() => discord.gateway.connected(bot) === 0, 20_000)
    // It has seen the end of the connection by then, too.
    await sleep(500)
    store()
    await ended
    expect(texts(listening)).toEqual(['Hello.'])
    expect(listening.of('command').map(({ name }) => name)).toEqual(['stop'])
  })

  it('leaves another process time to write down what it takes back itself', async () => {
    await using stack = new AsyncDisposableStack()
    const { discord, bot, ada } = await start(stack)
    const channel = ada.openDirect(bot)
    const room = roomOf(channel.id, undefined)
    const { connect } = makeAccount(discord, bot)
    const here = connect({ share: fixed(2, [{ id: 0, of: 1 }]) })
    const listening = stack.use(await listen(discord, bot, here))
    const other = stack.use(connect({ share: fixed(2, []) }))
    const hers = ada.say(channel, 'Hello.')
    await vi.waitFor(() => expect(texts(listening)).toEqual(['Hello.']), soon)
    const ours = await other.send(room, reply('Hm.'), key(), signal())
    await other.remove(room, ours, key(), signal())
    ada.delete(hers)
    const targets = () => listening.of('redaction').map(({ target }) => target)
    await vi.waitFor(() => expect(targets()).toEqual([hers.id, ours]), soon)
  })

  it('lets its guests speak by one webhook and once, whichever process they are in', async () => {
    await using stack = new AsyncDisposableStack()
    const { discord, bot, ada } = await start(stack)
    const home = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = home.addChannel('general')
    home.allow(general, bot, ['ManageWebhooks'])
    const thread = ada.startThread(general, 'Story')
    const lena = { id: guestAccountId(bot.token, personaId('lena')), platform: 'discord' } as const
    const { connectAll } = makeAccount(discord, bot, {
      share: fixed(2, []),
      guests: [{ account: lena, personaName: 'Lena', avatar: undefined }],
    })
    const guest = () => stack.use(connectAll()[1]!)
    const [first, second] = [guest(), guest()]
    const room = roomOf(thread.id, home.guild.id)
    const said = await Promise.all(
      [first, second].map((each, index) => each.send(room, reply(`${index}.`), key(), signal())),
    )
    expect([...discord.world.webhooks.values()].map((webhook) => webhook.channel)).toEqual([general])
    await first.edit(room, said[1]!, reply('Changed.'), key(), signal())
    await second.edit(room, said[0]!, reply('Changed too.'), key(), signal())
    const again = key()
    discord.faults.next({ route: 'POST /webhooks/:webhook/:token', kind: 'reset', when: 'after' })
    await first.send(room, reply('Once.'), again, signal()).catch(() => undefined)
    await guest().send(room, reply('Once.'), again, signal())
    expect(discord.messages(thread).map(({ content }) => content)).toEqual(
      expect.arrayContaining(['Changed.', 'Changed too.', 'Once.']),
    )
    expect(discord.messages(thread)).toHaveLength(3)
  })

  it('is shared in parts that differ by one at most, and none is left over', () => {
    for (let count = 1; count <= 40; count++)
      for (let processes = 1; processes <= 50; processes++) {
        const quotas = Array.from({ length: processes }, (_, index) => quotaOf(count, index, processes))
        expect(quotas.reduce((sum, each) => sum + each)).toBe(count)
        expect(Math.max(...quotas) - Math.min(...quotas)).toBeLessThan(2)
      }
  })
})
