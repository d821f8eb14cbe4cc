import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { listen, makeAccount } from '../../support/discord/account.ts'
import type { Discord } from '../../support/discord/discord.ts'
import { key, onDiscord, reply, seen, signal, soon } from '../../support/discord/scene.ts'
import type { Channel } from '../../support/discord/world.ts'

// A nonce is forgotten at once, so that what is sent twice has to be found.
const it = onDiscord({ nonceLivesMs: 0 })

const buttons = (discord: Discord, channel: Channel) =>
  seen(discord, channel).map(
    ({ components }) =>
      JSON.stringify(components)
        .match(/(stop|retry|previous|next) /g)
        ?.join('') ?? '',
  )

describe('what a bot on Discord says', () => {
  it('shows the buttons under its last reply alone, and others while it writes', async ({
    discord,
    channel,
    start,
  }) => {
    const { listening } = await start()
    const { adapter } = listening
    const room = roomOf(channel.id, undefined)
    await adapter.send(room, reply('One.'), key(), signal())
    expect(buttons(discord, channel)).toEqual(['retry previous next '])
    const id = await adapter.send(room, reply('Tw', false), key(), signal())
    await vi.waitFor(() => expect(buttons(discord, channel)).toEqual(['', 'stop ']), soon)
    await adapter.edit(room, id, reply('Two.'), key(), signal())
    expect(buttons(discord, channel)).toEqual(['', 'retry previous next '])
    await adapter.send(room, { text: 'A notice.', kind: 'notice', final: true }, key(), signal())
    expect(buttons(discord, channel)).toEqual(['', 'retry previous next ', ''])
    expect(seen(discord, channel).map(({ content }) => content)).toEqual(['One.', 'Two.', '-# A notice.'])
  })

  it('leaves the buttons of a reply that is the last one again', async ({ discord, channel, start }) => {
    const { adapter } = await start()
    const room = roomOf(channel.id, undefined)
    const one = await adapter.send(room, reply('One.'), key(), signal())
    const two = await adapter.send(room, reply('Two.'), key(), signal())
    await adapter.remove(room, two, key(), signal())
    await adapter.edit(room, one, reply('Another one.'), key(), signal())
    // What waits for quiet has had its time.
    await sleep(2_500)
    expect(buttons(discord, channel)).toEqual(['retry previous next '])
  })

  it('gives the reply before its buttons back when the last one is taken back', async ({
    discord,
    channel,
    start,
  }) => {
    const { adapter } = await start()
    const room = roomOf(channel.id, undefined)
    const sent = []
    for (const text of ['One.', 'Two, a part.', 'Two, the rest.'])
      sent.push(await adapter.send(room, reply(text), key(), signal()))
    await vi.waitFor(() => expect(buttons(discord, channel)).toEqual(['', '', 'retry previous next ']), soon)
    for (const each of sent.slice(1)) await adapter.remove(room, each, key(), signal())
    await vi.waitFor(() => expect(buttons(discord, channel)).toEqual(['retry previous next ']), soon)
  })

  it('asks once by which key a reply was sent that another process began', async ({
    discord,
    bot,
    channel,
    open,
  }) => {
    const { connect } = makeAccount(discord, bot)
    const room = roomOf(channel.id, undefined)
    const first = await listen(discord, bot, connect())
    const id = await first.adapter.send(room, reply('It', false), key(), signal())
    await first[Symbol.asyncDispose]()
    const { adapter } = open.use(await listen(discord, bot, connect()))
    for (const text of ['It was', 'It was a'])
      await adapter.edit(room, id, reply(text, false), key(), signal())
    const asked = discord.requests.filter(({ route }) => route === 'GET /channels/:channel/messages/:message')
    expect(asked).toHaveLength(1)
  })

  it('finds a reply that has grown since it was sent', async ({ channel, start }) => {
    const { listening } = await start()
    const room = roomOf(channel.id, undefined)
    const long = { id: newUuid(), firstTriedAt: new Date(Date.now() - 2 * 60_000) }
    const first = await listening.adapter.send(room, reply('It', false), long, signal())
    await listening.adapter.edit(room, first, reply('It was', false), key(), signal())
    await listening.adapter.edit(room, first, reply('It was a', false), key(), signal())
    expect(await listening.adapter.send(room, reply('It was a night.'), long, signal())).toBe(first)
  })

  it('opens a thread again whose last reply is changed, and not for its buttons', async ({
    discord,
    bot,
    ada,
    start,
  }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const thread = ada.startThread(place.addChannel('general'), 'plums')
    const { adapter } = await start()
    const room = roomOf(thread.id, place.guild.id)
    await adapter.send(room, reply('One.'), key(), signal())
    const id = await adapter.send(room, reply('Two.'), key(), signal())
    place.updateChannel(thread, { archived: true })
    const patch = 'PATCH /channels/:channel/messages/:message'
    await discord.until(() => discord.requests.some(({ route, status }) => route === patch && status === 400))
    expect(thread.archived).toBe(true)
    await adapter.edit(room, id, reply('Another.'), key(), signal())
    expect(thread.archived).toBe(false)
    expect(seen(discord, thread).map(({ content }) => content)).toEqual(['One.', 'Another.'])
    place.updateChannel(thread, { archived: true, locked: true })
    await expect(adapter.edit(room, id, reply('No.'), key(), signal())).rejects.toMatchObject({
      code: 'discord-forbidden',
    })
  })

  it('says the same again where it is meant', async ({ discord, channel, start }) => {
    const { listening } = await start()
    const room = roomOf(channel.id, undefined)
    const notice = { text: 'Nothing is being written.', kind: 'notice', final: true } as const
    await listening.adapter.send(room, notice, key(), signal())
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 60_000 })
    const later = { id: newUuid(), firstTriedAt: new Date(Date.now() - 2 * 60_000) }
    await listening.adapter.send(room, notice, later, signal())
    vi.useRealTimers()
    expect(seen(discord, channel)).toHaveLength(2)
  })

  it('takes the buttons of an earlier life away', async ({ discord, bot, channel }) => {
    const account = makeAccount(discord, bot)
    const room = roomOf(channel.id, undefined)
    for (const text of ['One.', 'Two.', 'Three.']) {
      const listening = await listen(discord, bot, account.connect())
      await listening.adapter.send(room, reply(text), key(), signal())
      await vi.waitFor(() => expect(buttons(discord, channel).filter(Boolean)).toHaveLength(1), soon)
      await listening[Symbol.asyncDispose]()
    }
    expect(buttons(discord, channel)).toEqual(['', '', 'retry previous next '])
  })

  it('finds what was sent before a crash when Discord has forgotten the nonce', async ({
    discord,
    channel,
    start,
  }) => {
    const { listening } = await start()
    const room = roomOf(channel.id, undefined)
    const long = { id: newUuid(), firstTriedAt: new Date(Date.now() - 10 * 60_000) }
    const first = await listening.adapter.send(room, reply('It was', false), long, signal())
    const notice = { text: 'Wait.', kind: 'notice', final: true } as const
    const other = { ...long, id: newUuid() }
    const told = await listening.adapter.send(room, notice, other, signal())
    expect(await listening.adapter.send(room, notice, other, signal())).toBe(told)
    expect(await listening.adapter.send(room, reply('It was a dark night.'), long, signal())).toBe(first)
    expect(seen(discord, channel)).toHaveLength(2)
  })
})
