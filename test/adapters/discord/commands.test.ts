import {
  type APIApplicationCommand,
  ApplicationCommandType,
  EntryPointCommandHandlerType,
} from 'discord-api-types/v10'
import { describe, expect, vi } from 'vitest'
import { slashCommands } from '../../../adapters/discord/commands.ts'
import { roomOf } from '../../../adapters/discord/places.ts'
import { type CommandEvent, commands } from '../../../src/core/events.ts'
import { everybody, listen, makeAccount } from '../../support/discord/account.ts'
import { key, onDiscord, signal, soon } from '../../support/discord/scene.ts'

/** Started, and answering what it is asked. */
const it = onDiscord({ interactions: { deadlineMs: 1_000 } }).extend(
  'offer',
  async ({ discord, bot, open }) =>
    async (options: Parameters<typeof makeAccount>[2] = {}) => {
      let busy = Promise.resolve()
      const adapter = makeAccount(discord, bot, options).connect()
      const listening = await listen(discord, bot, adapter, async (event) => {
        await busy
        if (event.kind !== 'command' || event.externalId === undefined || event.name === 'retry') return
        const notice = {
          text: `So: ${event.name}.`,
          kind: 'notice',
          final: true,
          answers: event.externalId,
        } as const
        await adapter.send(event.room, notice, key(), signal())
      })
      open.use(listening)
      await discord.until(() => bot.commands.size > 0)
      const made = () => listening.of('command').map(({ name }) => name)
      const hold = (): (() => void) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        open.defer(resolve)
        busy = promise
        return resolve
      }
      return { adapter, listening, made, hold }
    },
)

describe('commands on Discord', () => {
  it('offers all of them, and a word to begin with', async ({ bot, offer }) => {
    await offer()
    expect([...bot.commands.values()].map(({ name }) => name).toSorted()).toEqual(
      ['talk', ...commands.map(({ name }) => name)].toSorted(),
    )
    expect(slashCommands(['Mira'])).toHaveLength(commands.length + 1)
  })

  it('leaves the way into an Activity that is set up for the same application', async ({ bot, offer }) => {
    const launch = {
      id: '123456789012345678',
      application_id: bot.applicationId,
      name: 'launch',
      type: ApplicationCommandType.PrimaryEntryPoint,
      handler: EntryPointCommandHandlerType.DiscordLaunchActivity,
    } as APIApplicationCommand
    bot.commands.set(launch.id, launch)
    await offer()
    await vi.waitFor(() => expect(bot.commands.size).toBe(commands.length + 2), soon)
    expect(bot.commands.get(launch.id)).toMatchObject({ name: 'launch', type: 4, handler: 2 })
  })

  it('answers them to whoever asked, and to nobody else', async ({ discord, bot, ada, channel, offer }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    const { listening, made } = await offer({ allowed: { ...everybody, channels: [general.id] } })
    for (const where of [channel, general]) {
      const used = ada.slash(bot, where, 'whoami')
      await discord.until(() => used.state === 'answered')
      expect(used.answer).toMatchObject({ content: 'So: whoami.', onlyFor: 'ada' })
    }
    await vi.waitFor(() => expect(made()).toEqual(['whoami', 'whoami']), soon)
    expect(listening.of('command').map(({ room }) => room.kind)).toEqual(['direct', 'group'])
  })

  it('tells the whole of a long answer, to nobody else', async ({ discord, bot, ada, channel, offer }) => {
    const { adapter, listening } = await offer()
    const used = ada.slash(bot, channel, 'whoami')
    await discord.until(() => used.state === 'answered')
    await vi.waitFor(() => expect(listening.of('command')).toHaveLength(1), soon)
    const [{ externalId: answers, room }] = listening.of('command') as [CommandEvent]
    const lines = 'It is so.\n'.repeat(190)
    for (const text of [`${lines}One`, `${lines}Two`]) {
      const notice = { text, kind: 'notice', final: true, ...(answers && { answers }) } as const
      await adapter.send(room, notice, key(), signal())
    }
    const notice = { text: `${lines}Three`, kind: 'notice', final: true } as const
    await adapter.send(room, notice, key(), signal())
    expect(discord.messages(channel)).toMatchObject([
      { content: 'So: whoami.', onlyFor: 'ada' },
      { content: `${lines}One`, onlyFor: 'ada' },
      { content: `${lines}Two`, onlyFor: 'ada' },
      { content: expect.stringMatching(/Three$/) },
    ])
  })

  it('hands a file out in a message of its own', async ({ discord, bot, ada, channel, offer }) => {
    const { adapter, listening } = await offer()
    ada.slash(bot, channel, 'whoami')
    await vi.waitFor(() => expect(listening.of('command')).toHaveLength(1), soon)
    const [{ room }] = listening.of('command') as [CommandEvent]
    const file = {
      kind: 'file',
      name: 'all.zip',
      mediaType: 'application/zip',
      bytes: Buffer.from('all'),
    } as const
    await adapter.send(
      room,
      { text: 'Here.', kind: 'notice', final: true, attachment: file },
      key(),
      signal(),
    )
    expect(discord.messages(channel).at(-1)).toMatchObject({
      content: expect.stringContaining('Here.'),
      files: [{ name: 'all.zip' }],
    })
  })

  it('takes what shows by itself without a word', async ({ discord, bot, ada, channel, offer }) => {
    const { made } = await offer()
    const used = ada.slash(bot, channel, 'retry')
    await discord.until(() => used.state !== 'waiting' && used.answer === undefined && made().length > 0)
    expect(discord.messages(channel)).toEqual([])
  })

  it('takes those that have parts, with what is written to them', async ({
    discord,
    bot,
    ada,
    channel,
    offer,
  }) => {
    const { listening } = await offer()
    ada.slash(bot, channel, 'memory forget', { text: 'my sister' })
    const used = ada.slash(bot, channel, 'memory list')
    await discord.until(() => used.state === 'answered')
    await vi.waitFor(
      () =>
        expect(listening.of('command').map(({ name, text }) => [name, text])).toEqual([
          ['memory', 'forget my sister'],
          ['memory', 'list'],
        ]),
      soon,
    )
  })

  it('does not let a stop wait for what is said before it', async ({ discord, bot, ada, channel, open }) => {
    const { promise: loaded, resolve: load } = Promise.withResolvers<void>()
    const adapter = makeAccount(discord, bot).connect()
    const listening = await listen(discord, bot, adapter, (event) =>
      event.kind === 'message' ? loaded : Promise.resolve(),
    )
    open.use(listening)
    // Before the account is closed, which waits for what it is storing.
    open.defer(load)
    await discord.until(() => bot.commands.size > 0)
    ada.say(channel, 'Look at these pictures.')
    ada.slash(bot, channel, 'stop')
    await vi.waitFor(() => expect(listening.of('command')).toMatchObject([{ name: 'stop' }]), soon)
    expect(listening.of('message')).toEqual([])
  })

  it('acknowledges at once, however much is under way', async ({ discord, bot, ada, channel, offer }) => {
    const { made, hold } = await offer()
    const free = hold()
    ada.say(channel, 'Think hard.')
    const used = ada.slash(bot, channel, 'help')
    await discord.until(() => used.state === 'thinking', 900)
    expect(made()).toEqual([])
    free()
    await discord.until(() => used.state === 'answered')
  })

  it('does what a button says, for those who may', async ({ discord, bot, ada, offer }) => {
    const eve = discord.addPerson('eve')
    const place = discord.addGuild('Home', { members: [ada, eve], bots: [bot] })
    const general = place.addChannel('general')
    const { adapter, listening, made } = await offer({
      allowed: { ...everybody, users: [ada.id], channels: [general.id] },
    })
    const room = roomOf(general.id, place.guild.id)
    const id = await adapter.send(room, { text: 'One.', kind: 'reply', final: true }, key(), signal())
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

  it('speaks by a command, in sight of all, and greets', async ({ discord, bot, ada, channel, offer }) => {
    const { listening } = await offer()
    ada.slash(bot, channel, 'talk', { text: 'Good evening, <@1> @everyone.' })
    await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
    expect(listening.of('message')[0]).toMatchObject({ text: 'Good evening, <@1> @everyone.' })
    const [shown] = await discord.until(() => {
      const all = discord.messages(channel)
      return all[0]?.content !== '' && all
    })
    expect(shown).toMatchObject({
      content: '**Ada:** Good evening, <@1> @everyone.',
      onlyFor: undefined,
      pinged: [],
    })
    ada.slash(bot, channel, 'talk')
    await vi.waitFor(() => expect(listening.of('membership')).toHaveLength(1), soon)
    expect(listening.of('membership')[0]).toMatchObject({ change: 'joined' })
  })

  it('shows nothing of what is said by a command before it is stored, and acknowledges it at once', async ({
    discord,
    bot,
    ada,
    channel,
    offer,
  }) => {
    const { listening, hold } = await offer()
    const store = hold()
    const used = ada.slash(bot, channel, 'talk', { text: 'Good evening.' })
    await discord.until(() => used.state === 'thinking', 900)
    const contents = () => discord.messages(channel).map(({ content }) => content)
    expect(contents()).toEqual([''])
    store()
    await discord.until(() => used.state === 'answered')
    expect(contents()).toEqual(['**Ada:** Good evening.'])
    expect(listening.of('message')).toHaveLength(1)
  })

  it('is spoken to by a command with names in the place of ids', async ({ discord, bot, ada, offer }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    const { listening } = await offer({ allowed: { ...everybody, channels: [general.id] } })
    const text = `In <#${general.id}>, <:wave:123456789012345678> at <t:0:t>.`
    ada.slash(bot, general, 'talk', { text })
    await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
    const words = 'In #general, :wave: at Thursday, 1 January 1970 at 00:00 UTC.'
    expect(listening.of('message')[0]!.text).toBe(words)
  })

  it('says nothing in sight of all for somebody who may not talk, or where it does not', async ({
    discord,
    bot,
    ada,
    offer,
  }) => {
    const eve = discord.addPerson('eve')
    const place = discord.addGuild('Home', { members: [ada, eve], bots: [bot] })
    const [general, other] = [place.addChannel('general'), place.addChannel('other')]
    const { listening } = await offer({ allowed: { ...everybody, users: [ada.id], channels: [general.id] } })
    const refused = eve.slash(bot, general, 'talk', { text: 'Buy this!' })
    await discord.until(() => refused.state === 'answered')
    const elsewhere = ada.slash(bot, other, 'talk', { text: 'And this!' })
    await discord.until(() => elsewhere.state === 'answered')
    const shown = [...discord.messages(general), ...discord.messages(other)]
    expect(shown.filter(({ onlyFor }) => onlyFor === undefined)).toEqual([])
    expect(refused.answer?.content).toContain('I do not know you yet')
    expect(listening.events).toEqual([])
  })

  it('knows what was said by a command by what stands there, so that it can be deleted', async ({
    discord,
    bot,
    ada,
    channel,
    offer,
  }) => {
    const { listening } = await offer()
    ada.slash(bot, channel, 'talk', { text: 'Forget this.' })
    await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
    expect(listening.of('message')[0]!.externalId).toBe(discord.messages(channel)[0]!.id)
  })

  it('answers plainly where Discord has given the command up, and says nothing of the token', async ({
    discord,
    bot,
    ada,
    channel,
    offer,
  }) => {
    const { adapter, made } = await offer()
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

  it.for([500, 'reset'] as const)(
    'answers also where Discord has taken the acknowledgement, and the answer to that was lost (%s)',
    async (kind, { discord, bot, ada, offer }) => {
      const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
      const general = place.addChannel('general')
      const { listening } = await offer({ allowed: { ...everybody, channels: [general.id] } })
      const fault = { route: 'POST /interactions/:interaction/:token/callback', kind, when: 'after' } as const
      discord.faults.next(fault)
      const used = ada.slash(bot, general, 'whoami')
      await discord.until(() => used.state === 'answered')
      expect(used.answer).toMatchObject({ content: 'So: whoami.', onlyFor: 'ada' })
      discord.faults.next(fault)
      ada.slash(bot, general, 'talk', { text: 'Good evening.' })
      await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
      const all = () => discord.messages(general).filter(({ onlyFor }) => onlyFor === undefined)
      await discord.until(() => all()[0]?.content === '**Ada:** Good evening.')
      const shown = all()
      expect(shown).toHaveLength(1)
      expect(listening.of('message')[0]!.externalId).toBe(shown[0]!.id)
    },
  )

  it('is not ended by an interaction that is none', async ({ discord, bot, ada, channel, offer }) => {
    const { listening } = await offer()
    const broken = { op: 0, t: 'INTERACTION_CREATE', s: 999, d: { type: 2 } }
    discord.gateway.sessions(bot)[0]!.send?.(JSON.stringify(broken))
    ada.say(channel, 'Still there?')
    await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
  })

  it('says where it does not talk', async ({ discord, bot, ada, offer }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    const { made } = await offer()
    const used = ada.slash(bot, general, 'help')
    await discord.until(() => used.state === 'answered')
    expect(used.answer).toMatchObject({ content: 'I do not talk in this channel.', onlyFor: 'ada' })
    expect(made()).toEqual([])
  })
})
