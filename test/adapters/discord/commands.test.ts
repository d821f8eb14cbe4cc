import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { slashCommands } from '../../../adapters/discord/commands.ts'
import { roomOf } from '../../../adapters/discord/places.ts'
import { commands } from '../../../src/core/events.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { everybody, type Listening, listen, makeAccount } from '../../support/discord/account.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import type { Person } from '../../support/discord/person.ts'
import type { Bot, Channel } from '../../support/discord/world.ts'

const soon = { timeout: 10_000, interval: 5 }
const signal = () => AbortSignal.timeout(10_000)

describe('commands on Discord', () => {
  let discord: Discord
  let bot: Bot
  let ada: Person
  let channel: Channel
  let listening: Listening
  let busy: Promise<void>
  let free: () => void

  beforeEach(async () => {
    discord = await startDiscord({ identifySpacingMs: 0, interactions: { deadlineMs: 1_000 } })
    bot = discord.addBot('mira')
    ada = discord.addPerson('ada')
    channel = ada.openDirect(bot)
    busy = Promise.resolve()
    free = () => {}
  })
  afterEach(async () => {
    free()
    await listening[Symbol.asyncDispose]()
    expect(discord.limits.refused).toEqual([])
    await discord[Symbol.asyncDispose]()
  })

  async function start(options: Parameters<typeof makeAccount>[2] = {}) {
    const adapter = makeAccount(discord, bot, options).connect()
    listening = await listen(discord, bot, adapter, async (event) => {
      await busy
      if (event.kind !== 'command' || event.externalId === undefined || event.name === 'retry') return
      const notice = {
        text: `So: ${event.name}.`,
        kind: 'notice',
        final: true,
        answers: event.externalId,
      } as const
      await adapter.send(event.room, notice, { id: newUuid(), firstTriedAt: new Date() }, signal())
    })
    await discord.until(() => bot.commands.size > 0)
    return adapter
  }
  const made = () => listening.of('command').map(({ name }) => name)

  it('offers all of them, and a word to begin with', async () => {
    await start()
    expect([...bot.commands.values()].map(({ name }) => name).toSorted()).toEqual(
      ['talk', ...commands.map(({ name }) => name)].toSorted(),
    )
    expect(slashCommands(['Mira'])).toHaveLength(commands.length + 1)
  })

  it('answers them to whoever asked, and to nobody else', async () => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    await start({ allowed: { ...everybody, channels: [general.id] } })
    for (const where of [channel, general]) {
      const used = ada.slash(bot, where, 'whoami')
      await discord.until(() => used.state === 'answered')
      expect(used.answer).toMatchObject({ content: 'So: whoami.', onlyFor: 'ada' })
    }
    await vi.waitFor(() => expect(made()).toEqual(['whoami', 'whoami']), soon)
    expect(listening.of('command').map(({ room }) => room.kind)).toEqual(['direct', 'group'])
  })

  it('takes what shows by itself without a word', async () => {
    await start()
    const used = ada.slash(bot, channel, 'retry')
    await discord.until(() => used.state !== 'waiting' && used.answer === undefined && made().length > 0)
    expect(discord.messages(channel)).toEqual([])
  })

  it('acknowledges at once, however much is under way', async () => {
    await start()
    busy = new Promise((resolve) => (free = resolve))
    ada.say(channel, 'Think hard.')
    const used = ada.slash(bot, channel, 'help')
    await discord.until(() => used.state === 'thinking', 900)
    expect(made()).toEqual([])
    free()
    await discord.until(() => used.state === 'answered')
  })

  it('does what a button says, for those who may', async () => {
    const eve = discord.addPerson('eve')
    const place = discord.addGuild('Home', { members: [ada, eve], bots: [bot] })
    const general = place.addChannel('general')
    const adapter = await start({ allowed: { ...everybody, users: [ada.id], channels: [general.id] } })
    const room = roomOf(general.id, place.guild.id)
    const key = { id: newUuid(), firstTriedAt: new Date() }
    const id = await adapter.send(room, { text: 'One.', kind: 'reply', final: true }, key, signal())
    const idOf = (name: string) =>
      new RegExp(`"(${name} [^"]+)"`).exec(JSON.stringify(discord.messages(general)[0]!.components))?.[1] ??
      ''
    const refused = eve.click({ id }, idOf('retry'))
    await vi.waitFor(
      () =>
        expect(discord.messages(general).filter(({ onlyFor }) => onlyFor === 'eve')).toMatchObject([
          { content: expect.stringContaining('I do not know you yet') },
        ]),
      soon,
    )
    expect(refused.state).not.toBe('failed')
    ada.click({ id }, idOf('next'))
    await vi.waitFor(() => expect(made()).toEqual(['next']), soon)
    expect(listening.of('command')[0]).toMatchObject({ target: id, sender: { externalId: ada.id } })
  })

  it('speaks by a command, in sight of all, and greets', async () => {
    await start()
    ada.slash(bot, channel, 'talk', { text: 'Good evening, <@1> @everyone.' })
    await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
    expect(listening.of('message')[0]).toMatchObject({ text: 'Good evening, <@1> @everyone.' })
    expect(discord.messages(channel)).toMatchObject([
      { content: '**Ada:** Good evening, <@1> @everyone.', onlyFor: undefined, pinged: [] },
    ])
    ada.slash(bot, channel, 'talk')
    await vi.waitFor(() => expect(listening.of('membership')).toHaveLength(1), soon)
    expect(listening.of('membership')[0]).toMatchObject({ change: 'joined' })
  })

  it('says nothing in sight of all for somebody who may not talk, or where it does not', async () => {
    const eve = discord.addPerson('eve')
    const place = discord.addGuild('Home', { members: [ada, eve], bots: [bot] })
    const [general, other] = [place.addChannel('general'), place.addChannel('other')]
    await start({ allowed: { ...everybody, users: [ada.id], channels: [general.id] } })
    const refused = eve.slash(bot, general, 'talk', { text: 'Buy this!' })
    await discord.until(() => refused.state === 'answered')
    const elsewhere = ada.slash(bot, other, 'talk', { text: 'And this!' })
    await discord.until(() => elsewhere.state === 'answered')
    const shown = [...discord.messages(general), ...discord.messages(other)]
    expect(shown.filter(({ onlyFor }) => onlyFor === undefined)).toEqual([])
    expect(refused.answer?.content).toContain('I do not know you yet')
    expect(listening.events).toEqual([])
  })

  it('knows what was said by a command by what stands there, so that it can be deleted', async () => {
    await start()
    ada.slash(bot, channel, 'talk', { text: 'Forget this.' })
    await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
    expect(listening.of('message')[0]!.externalId).toBe(discord.messages(channel)[0]!.id)
  })

  it('answers plainly where Discord has given the command up, and says nothing of the token', async () => {
    const adapter = await start()
    discord.faults.next({
      route: 'POST /interactions/:interaction/:token/callback',
      kind: 'slow',
      when: 'before',
      lateMs: 1_500,
    })
    ada.slash(bot, channel, 'help')
    await vi.waitFor(() => expect(made()).toEqual(['help']), soon)
    await discord.until(() => discord.messages(channel).some(({ content }) => content === '-# So: help.'))
    expect(adapter.account.platform).toBe('discord')
  })

  it('is not ended by an interaction that is none', async () => {
    await start()
    const broken = { op: 0, t: 'INTERACTION_CREATE', s: 999, d: { type: 2 } }
    discord.gateway.sessions(bot)[0]!.send?.(JSON.stringify(broken))
    ada.say(channel, 'Still there?')
    await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
  })

  it('says where it does not talk', async () => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    await start()
    const used = ada.slash(bot, general, 'help')
    await discord.until(() => used.state === 'answered')
    expect(used.answer).toMatchObject({ content: 'I do not talk in this channel.', onlyFor: 'ada' })
    expect(made()).toEqual([])
  })
})
