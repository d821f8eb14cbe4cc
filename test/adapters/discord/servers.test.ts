import { Client } from 'discord.js'
import { describe, expect, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { approve, createDoorman, readKnocks } from '../../../adapters/pairing.ts'
import { everybody, type Listening, listen, makeAccount } from '../../support/discord/account.ts'
import { key, onDiscord, received, reply, seen, signal, soon, texts } from '../../support/discord/scene.ts'

const it = onDiscord().extend(
  'inServer',
  async ({ discord, bot, ada, start }) =>
    async (options: Parameters<typeof makeAccount>[2] = {}) => {
      const bea = discord.addPerson('bea')
      const place = discord.addGuild('Home', { members: [ada, bea], bots: [bot] })
      const general = place.addChannel('general')
      const other = place.addChannel('other')
      const started = await start({
        allowed: { ...everybody, channels: [general.id] },
        ...options,
      })
      return { ...started, bea, place, general, other }
    },
)
const addressed = ({ of }: Listening) =>
  of('message').map(({ text, unanswered, toAll, barred }) =>
    [unanswered && '(', toAll && 'to all: ', barred && 'barred: ', text].filter(Boolean).join(''),
  )

describe('who may talk with a bot on Discord, and where', () => {
  it('gives a stranger a code, once, keeps nothing of theirs, and hears them when they were let in', async ({
    discord,
    ada,
    channel,
    start,
  }) => {
    const { listening, records, account } = await start({
      allowed: { ...everybody, users: [] },
    })
    ada.say(channel, 'Hello?')
    await vi.waitFor(() => expect(seen(discord, channel)).toHaveLength(1), soon)
    const { id: last } = ada.say(channel, 'Anybody?')
    await vi.waitFor(async () => {
      const place = (await records.read(account.id, 'places')).get(channel.id)
      expect(JSON.parse(Buffer.from(place!).toString())).toEqual({ last })
    }, soon)
    const [knock] = await readKnocks(account.id, records)
    const code = knock?.code ?? ''
    expect(seen(discord, channel)[0]!.content).toContain(code)
    await approve(account.id, records, code)
    ada.say(channel, 'Hello again.')
    await received(listening, 1)
    expect(texts(listening)).toEqual(['Hello again.'])
    expect(seen(discord, channel)).toHaveLength(1)
  })

  it('hears only those who are named, and no bots', async ({ discord, bot, ada, channel, start }) => {
    const bea = discord.addPerson('bea')
    const echo = discord.addStrangeBot('echo')
    const { listening } = await start({ allowed: { ...everybody, users: [ada.id] } })
    echo.say(echo.openDirect(bot), 'Beep.')
    bea.say(bea.openDirect(bot), 'I am Bea.')
    ada.say(channel, 'I am Ada.')
    await received(listening, 1)
    expect(texts(listening)).toEqual(['I am Ada.'])
  })

  it('lets in by code as on the other platforms', async ({ discord, bot, ada }) => {
    const { account, records } = makeAccount(discord, bot)
    const doorman = createDoorman(account.id, records, () => false, 'write to me again')
    expect(await doorman.refusal(ada.id)).toMatch(/[A-Z2-9]{4}-[A-Z2-9]{4}$/)
  })

  it('answers what is said to it, hears the rest, and nothing where it is not allowed', async ({
    bot,
    ada,
    inServer,
  }) => {
    const { listening, bea, place, general, other } = await inServer()
    const [ownRole] = place.guild.members.get(bot.account.id)!.roles
    const room = roomOf(general.id, place.guild.id)
    const id = await listening.adapter.send(room, reply('Good evening.'), key(), signal())
    ada.say(other, 'Mira, can you hear me?')
    ada.say(general, 'How are you, Bea?')
    bea.say(general, `<@${bot.account.id}> and you?`)
    bea.say(general, `<@&${ownRole}> and me?`)
    bea.say(general, 'Is MIRA there?')
    bea.say(general, 'Miranda is not.')
    ada.say(general, 'I mean you.', { reply: { id } })
    ada.say(general, `<@${bea.id}>, not you.`)
    place.sayThrough(place.addWebhook(general, 'News'), 'Mira, read this.')
    const thread = ada.startThread(general, 'plums')
    ada.say(thread, 'Mira, plums?')
    await received(listening, 8)
    const inThread = listening.of('message').filter((event) => event.room.externalId === thread.id)
    // Channels do not wait for each other.
    expect(addressed(listening).filter((text) => text !== 'Mira, plums?')).toEqual([
      '(to all: How are you, Bea?',
      '@mira and you?',
      '@mira and me?',
      'Is MIRA there?',
      '(to all: Miranda is not.',
      'I mean you.',
      '(@Bea, not you.',
    ])
    expect(inThread).toMatchObject([{ text: 'Mira, plums?', room: { externalId: thread.id, kind: 'group' } }])
  })

  it('follows the edits of those whom it hears and does not answer', async ({ discord, bot, ada, start }) => {
    const eve = discord.addPerson('eve')
    const place = discord.addGuild('Home', { members: [ada, eve], bots: [bot] })
    const general = place.addChannel('general')
    const { listening } = await start({ allowed: { ...everybody, users: [ada.id], channels: [general.id] } })
    const messages = [ada, eve].map((each) => each.say(general, 'Mira, I live at 5 Elm Street.'))
    await received(listening, 2)
    ada.edit(messages[0]!, 'Never mind, Mira.')
    eve.edit(messages[1]!, 'Never mind.')
    await vi.waitFor(() => expect(listening.of('edit')).toHaveLength(2), soon)
    expect(listening.of('edit').map(({ text, unanswered }) => [text, unanswered])).toEqual([
      ['Never mind, Mira.', undefined],
      ['Never mind.', true],
    ])
  })

  it('answers everything where it always answers', async ({ discord, bot, ada, start }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const lounge = place.addChannel('lounge')
    const { listening } = await start({
      allowed: { ...everybody, channels: [lounge.id] },
      always: [lounge.id],
    })
    ada.say(lounge, 'Just so.')
    await received(listening, 1)
    expect(addressed(listening)).toEqual(['Just so.'])
  })

  it('knows people by their roles', async ({ discord, bot, ada, start }) => {
    const bea = discord.addPerson('bea')
    const place = discord.addGuild('Home', { members: [ada, bea], bots: [bot] })
    const general = place.addChannel('general')
    const friends = place.addRole('friends', { members: [ada] })
    const { listening } = await start({
      allowed: { users: [], roles: [friends.id], guilds: [place.guild.id], channels: [] },
    })
    bea.say(general, 'Mira, it is Bea.')
    ada.say(general, 'Mira, it is Ada.')
    await received(listening, 2)
    expect(addressed(listening)).toEqual(['(Mira, it is Bea.', 'Mira, it is Ada.'])
  })

  it('for adults answers in age-restricted channels alone', async ({ discord, bot, ada, start }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const [everyones, adults] = [place.addChannel('general'), place.addChannel('late', { nsfw: true })]
    const { listening } = await start({
      allowed: { ...everybody, guilds: [place.guild.id] },
      adult: true,
    })
    ada.say(everyones, 'Mira?')
    ada.say(adults, 'Mira!')
    await received(listening, 2)
    expect(addressed(listening).toSorted()).toEqual(['(barred: Mira?', 'Mira!'])
  })

  it('for adults follows edits also where it may say nothing', async ({ ada, inServer }) => {
    const { listening, general } = await inServer({ adult: true })
    const message = ada.say(general, 'I live at 5 Elm Street.')
    await received(listening, 1)
    ada.edit(message, 'Never mind.')
    await vi.waitFor(() => expect(listening.of('edit')).toHaveLength(1), soon)
    expect(listening.of('edit')[0]).toMatchObject({ text: 'Never mind.', unanswered: true })
  })

  it('hears that it was put out, and that it is back', async ({ bot, ada, inServer }) => {
    const { listening, place, general } = await inServer()
    ada.say(general, 'Mira?')
    await received(listening, 1)
    place.remove(bot)
    await vi.waitFor(() => expect(listening.of('membership')).toHaveLength(1), soon)
    expect(listening.of('membership')[0]).toMatchObject({
      change: 'left',
      room: { externalId: general.id },
    })
    place.add(bot)
    ada.say(general, 'Mira, again?')
    ada.say(general, 'Mira?')
    await received(listening, 3)
    expect(listening.events.map((event) => event.kind)).toEqual([
      'message',
      'membership',
      'membership',
      'message',
      'message',
    ])
    expect(listening.of('membership')[1]).toMatchObject({ change: 'joined' })
  })

  it.for(['talk', 'quiet'])(
    'hears that it is back by a command, too (%s)',
    async (name, { discord, bot, ada, inServer }) => {
      const { listening, place, general } = await inServer()
      await discord.until(() => bot.commands.size > 0)
      ada.say(general, 'Mira?')
      await received(listening, 1)
      place.remove(bot)
      await vi.waitFor(() => expect(listening.of('membership')).toHaveLength(1), soon)
      place.add(bot)
      ada.slash(bot, general, name, name === 'talk' ? { text: 'Mira, again?' } : {})
      await vi.waitFor(() => expect(listening.events).toHaveLength(4), soon)
      expect(listening.events.slice(1)).toMatchObject([
        { kind: 'membership', change: 'left' },
        { kind: 'membership', change: 'joined' },
        { kind: name === 'talk' ? 'message' : 'command' },
      ])
    },
  )

  it('follows deletions in channels that are not named any more', async ({ discord, bot, ada, open }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const [general, other, never] = ['general', 'other', 'never'].map((name) => place.addChannel(name))
    const { connect } = makeAccount(discord, bot)
    const within = async (...channels: (typeof general)[]) => {
      const allowed = { ...everybody, channels: channels.map((each) => each!.id) }
      return open.use(await listen(discord, bot, connect({ allowed })))
    }
    const first = await within(general, other)
    const message = ada.say(general!, 'Mira, I live at 5 Elm Street.')
    await received(first, 1)
    await first[Symbol.asyncDispose]()
    const second = await within(other)
    ada.delete(ada.say(never!, 'Not heard.'))
    ada.delete(message)
    await vi.waitFor(() => expect(second.of('redaction')).toHaveLength(1), soon)
    expect(second.of('redaction')[0]!.target).toBe(message.id)
  })

  it('calls those who are spoken of as they are called there', async ({ ada, inServer }) => {
    const { listening, bea, place, general } = await inServer()
    place.guild.members.get(bea.id)!.nick = 'Queen B'
    ada.say(general, `Mira, do you know <@${bea.id}>?`)
    await received(listening, 1)
    expect(texts(listening)).toEqual(['Mira, do you know @Queen B?'])
  })

  it('follows what is deleted in a thread that rests', async ({ ada, inServer }) => {
    const login = vi.spyOn(Client.prototype, 'login')
    const { listening, place, general } = await inServer()
    const { sweepers } = login.mock.contexts[0] as Client
    login.mockRestore()
    const thread = ada.startThread(general, 'plums')
    const message = ada.say(thread, 'Mira, plums?')
    await received(listening, 1)
    place.updateChannel(thread, { archived: true })
    ada.say(general, 'Mira?')
    await received(listening, 2)
    // As discord.js does it once an hour with those that have rested for four.
    expect(sweepers.sweepThreads(({ archived }) => archived === true)).toBe(1)
    ada.delete(message)
    await vi.waitFor(() => expect(listening.of('redaction')).toHaveLength(1), soon)
    expect(listening.of('redaction')[0]!.target).toBe(message.id)
  })
})
