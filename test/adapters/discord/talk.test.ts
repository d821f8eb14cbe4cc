import { GatewayIntentBits } from 'discord-api-types/v10'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { approve, createDoorman, readKnocks } from '../../../adapters/pairing.ts'
import type { Outgoing } from '../../../src/core/adapter.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { everybody, type Listening, listen, makeAccount } from '../../support/discord/account.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import type { Person } from '../../support/discord/person.ts'
import type { Bot, Channel } from '../../support/discord/world.ts'

const soon = { timeout: 10_000, interval: 5 }
const signal = () => AbortSignal.timeout(10_000)
const key = (id = newUuid()) => ({ id, firstTriedAt: new Date() })
const reply = (text: string, final = true): Outgoing => ({ text, kind: 'reply', final })

describe('a bot on Discord', () => {
  let discord: Discord
  let bot: Bot
  let ada: Person
  let channel: Channel
  const open: AsyncDisposable[] = []
  beforeEach(async () => {
    // A nonce is forgotten at once, so that what is sent twice has to be found.
    discord = await startDiscord({ identifySpacingMs: 0, nonceLivesMs: 0 })
    bot = discord.addBot('mira')
    ada = discord.addPerson('ada')
    channel = ada.openDirect(bot)
  })
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
    // Whatever happens in a test, Discord never had to slow us down.
    expect(discord.limits.refused).toEqual([])
    await discord[Symbol.asyncDispose]()
  })

  async function start(
    ...args: Parameters<typeof makeAccount> extends [unknown, unknown, (infer O)?] ? [O?] : never
  ) {
    const account = makeAccount(discord, bot, ...args)
    const listening = await listen(discord, bot, account.connect())
    open.push(listening)
    return { ...account, listening }
  }
  const texts = ({ of }: Listening) => of('message').map(({ text }) => text)
  const received = (listening: Listening, count: number) =>
    vi.waitFor(() => expect(listening.of('message')).toHaveLength(count), soon)
  const seen = (where = channel) => discord.messages(where).filter(({ author }) => author === 'mira')
  const buttons = (where = channel) =>
    seen(where).map(
      ({ components }) =>
        JSON.stringify(components)
          .match(/(stop|retry|previous|next) /g)
          ?.join('') ?? '',
    )

  it('asks for no more than it needs', async () => {
    await start()
    const intents = () =>
      discord.gateway.frames.flatMap((frame) => {
        const { op, d } = frame as unknown as { op: number; d: { intents: number } }
        return op === 2 ? [d.intents] : []
      })
    await start({ allowed: { ...everybody, guilds: ['123456789012345678'] } })
    await vi.waitFor(() => expect(intents()).toHaveLength(2), soon)
    const [alone, servers] = intents()
    expect(alone! & GatewayIntentBits.MessageContent).toBe(0)
    expect(servers! & GatewayIntentBits.MessageContent).not.toBe(0)
  })

  describe('in a direct conversation', () => {
    it('takes what is said, with names in the place of ids', async () => {
      const { listening } = await start()
      ada.say(
        channel,
        `Hello <@${bot.account.id}>, look at <:cat:123456789012345678> ||a secret|| at <t:0:F>`,
      )
      await received(listening, 1)
      expect(texts(listening)).toEqual([
        'Hello @mira, look at :cat: (spoiler: a secret) at Thursday, 1 January 1970 at 00:00 UTC',
      ])
      expect(listening.of('message')[0]).toMatchObject({
        room: { externalId: channel.id, kind: 'direct' },
        sender: { externalId: ada.id, displayName: 'Ada' },
      })
    })

    it('loads pictures, from Discord alone, and tells of what it cannot load', async () => {
      const { listening } = await start()
      const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex')
      const picture = { name: 'cat.png', bytes: png, contentType: 'image/png' }
      ada.say(channel, 'See?', {
        files: [picture, { name: 'notes.txt', bytes: png, contentType: 'text/plain' }],
      })
      await received(listening, 1)
      expect(texts(listening)).toEqual(['[an image: cat.png]\n[a file: notes.txt]\nSee?'])
      expect(listening.of('message')[0]!.attachments).toEqual([
        { kind: 'image', mediaType: 'image/png', bytes: png },
      ])
      discord.faults.next({ route: 'GET /attachments', kind: 500, when: 'before', times: 5 })
      ada.say(channel, '', { files: [picture] })
      await received(listening, 2)
      expect(texts(listening)[1]).toBe('[an image that could not be loaded: cat.png]')
    })

    it('follows edits and deletions, and not what Discord has looked up', async () => {
      const { listening } = await start()
      const message = ada.say(channel, 'I like plums.')
      await received(listening, 1)
      ada.edit(message, 'I like pears.')
      await vi.waitFor(() => expect(listening.of('edit')).toHaveLength(1), soon)
      expect(listening.of('edit')[0]).toMatchObject({ target: message.id, text: 'I like pears.' })
      ada.delete(message)
      await vi.waitFor(() => expect(listening.of('redaction')).toHaveLength(1), soon)
      expect(listening.of('redaction')[0]).toMatchObject({ target: message.id })
    })

    it('does not take for a deletion what it has taken back itself', async () => {
      const { listening } = await start()
      const room = roomOf(channel.id, undefined)
      const id = await listening.adapter.send(room, reply('Hm.'), key(), signal())
      await listening.adapter.remove(room, id, key(), signal())
      const message = ada.say(channel, 'Hello.')
      ada.delete(message)
      await vi.waitFor(() => expect(listening.of('redaction')).toHaveLength(1), soon)
      expect(listening.of('redaction')[0]!.target).toBe(message.id)
    })

    it('takes reactions to its own messages', async () => {
      const { listening } = await start()
      const room = roomOf(channel.id, undefined)
      const id = await listening.adapter.send(room, reply('Hm.'), key(), signal())
      ada.react(ada.say(channel, 'Mine.'), '🔁')
      ada.react({ id }, '🔁')
      await vi.waitFor(() => expect(listening.of('reaction')).toHaveLength(1), soon)
      expect(listening.of('reaction')[0]).toMatchObject({ target: id, emoji: '🔁' })
    })

    it('rings nobody, whatever the model writes', async () => {
      const { listening } = await start()
      const room = roomOf(channel.id, undefined)
      const text = `@everyone @here <@${ada.id}> <@&${ada.id}> <#${channel.id}> hello`
      const id = await listening.adapter.send(room, reply(text), key(), signal())
      await listening.adapter.edit(room, id, reply(`${text} again`), key(), signal())
      expect(seen()).toMatchObject([{ pinged: [], mentions: [], mentionsEveryone: false }])
      expect(seen()[0]!.content).not.toContain(ada.id)
    })

    it('shows the buttons under its last reply alone, and others while it writes', async () => {
      const { listening } = await start()
      const { adapter } = listening
      const room = roomOf(channel.id, undefined)
      await adapter.send(room, reply('One.'), key(), signal())
      expect(buttons()).toEqual(['retry previous next '])
      const id = await adapter.send(room, reply('Tw', false), key(), signal())
      await vi.waitFor(() => expect(buttons()).toEqual(['', 'stop ']), soon)
      await adapter.edit(room, id, reply('Two.'), key(), signal())
      expect(buttons()).toEqual(['', 'retry previous next '])
      await adapter.send(room, { text: 'A notice.', kind: 'notice', final: true }, key(), signal())
      expect(buttons()).toEqual(['', 'retry previous next ', ''])
      expect(seen().map(({ content }) => content)).toEqual(['One.', 'Two.', '-# A notice.'])
    })

    it('finds a reply that has grown since it was sent', async () => {
      const { listening } = await start()
      const room = roomOf(channel.id, undefined)
      const long = { id: newUuid(), firstTriedAt: new Date(Date.now() - 2 * 60_000) }
      const first = await listening.adapter.send(room, reply('It', false), long, signal())
      await listening.adapter.edit(room, first, reply('It was', false), key(), signal())
      await listening.adapter.edit(room, first, reply('It was a', false), key(), signal())
      expect(await listening.adapter.send(room, reply('It was a night.'), long, signal())).toBe(first)
    })

    it('says the same again where it is meant', async () => {
      const { listening } = await start()
      const room = roomOf(channel.id, undefined)
      const notice = { text: 'Nothing is being written.', kind: 'notice', final: true } as const
      await listening.adapter.send(room, notice, key(), signal())
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 60_000 })
      const later = { id: newUuid(), firstTriedAt: new Date(Date.now() - 2 * 60_000) }
      await listening.adapter.send(room, notice, later, signal())
      vi.useRealTimers()
      expect(seen()).toHaveLength(2)
    })

    it('takes the buttons of an earlier life away', async () => {
      const account = makeAccount(discord, bot)
      const room = roomOf(channel.id, undefined)
      for (const text of ['One.', 'Two.', 'Three.']) {
        const listening = await listen(discord, bot, account.connect())
        await listening.adapter.send(room, reply(text), key(), signal())
        await vi.waitFor(() => expect(buttons().filter(Boolean)).toHaveLength(1), soon)
        await listening[Symbol.asyncDispose]()
      }
      expect(buttons()).toEqual(['', '', 'retry previous next '])
    })

    it('knows by name who reacts', async () => {
      const { listening } = await start()
      const room = roomOf(channel.id, undefined)
      const id = await listening.adapter.send(room, reply('Hm.'), key(), signal())
      ada.react({ id }, '🔁')
      await vi.waitFor(() => expect(listening.of('reaction')).toHaveLength(1), soon)
      expect(listening.of('reaction')[0]!.sender.displayName).toBe('Ada')
    })

    it('finds what was sent before a crash when Discord has forgotten the nonce', async () => {
      const { listening } = await start()
      const room = roomOf(channel.id, undefined)
      const long = { id: newUuid(), firstTriedAt: new Date(Date.now() - 10 * 60_000) }
      const first = await listening.adapter.send(room, reply('It was', false), long, signal())
      const notice = { text: 'Wait.', kind: 'notice', final: true } as const
      const other = { ...long, id: newUuid() }
      const told = await listening.adapter.send(room, notice, other, signal())
      expect(await listening.adapter.send(room, notice, other, signal())).toBe(told)
      expect(await listening.adapter.send(room, reply('It was a dark night.'), long, signal())).toBe(first)
      expect(seen()).toHaveLength(2)
    })
  })

  describe('who may talk with it', () => {
    it('gives a stranger a code, once, keeps nothing of theirs, and hears them when they were let in', async () => {
      const { listening, records, account } = await start({
        allowed: { ...everybody, users: [] },
      })
      ada.say(channel, 'Hello?')
      await vi.waitFor(() => expect(seen()).toHaveLength(1), soon)
      const { id: last } = ada.say(channel, 'Anybody?')
      await vi.waitFor(async () => {
        const place = (await records.read(account.id, 'places')).get(channel.id)
        expect(JSON.parse(Buffer.from(place!).toString())).toEqual({ last })
      }, soon)
      const [knock] = await readKnocks(account.id, records)
      const code = knock?.code ?? ''
      expect(seen()[0]!.content).toContain(code)
      await approve(account.id, records, code)
      ada.say(channel, 'Hello again.')
      await received(listening, 1)
      expect(texts(listening)).toEqual(['Hello again.'])
      expect(seen()).toHaveLength(1)
    })

    it('hears only those who are named, and no bots', async () => {
      const bea = discord.addPerson('bea')
      const echo = discord.addStrangeBot('echo')
      const { listening } = await start({ allowed: { ...everybody, users: [ada.id] } })
      echo.say(echo.openDirect(bot), 'Beep.')
      bea.say(bea.openDirect(bot), 'I am Bea.')
      ada.say(channel, 'I am Ada.')
      await received(listening, 1)
      expect(texts(listening)).toEqual(['I am Ada.'])
    })
  })

  describe('in a server', () => {
    async function inServer(options: Parameters<typeof makeAccount>[2] = {}) {
      const bea = discord.addPerson('bea')
      const place = discord.addGuild('Home', { members: [ada, bea], bots: [bot] })
      const general = place.addChannel('general')
      const other = place.addChannel('other')
      const started = await start({
        allowed: { ...everybody, channels: [general.id] },
        ...options,
      })
      return { ...started, bea, place, general, other }
    }
    const addressed = ({ of }: Listening) =>
      of('message').map(({ text, unanswered }) => `${unanswered === true ? '(' : ''}${text}`)

    it('answers what is said to it, hears the rest, and nothing where it is not allowed', async () => {
      const { listening, bea, place, general, other } = await inServer()
      const room = roomOf(general.id, place.guild.id)
      const id = await listening.adapter.send(room, reply('Good evening.'), key(), signal())
      ada.say(other, 'Mira, can you hear me?')
      ada.say(general, 'How are you, Bea?')
      bea.say(general, `<@${bot.account.id}> and you?`)
      bea.say(general, 'Is MIRA there?')
      bea.say(general, 'Miranda is not.')
      ada.say(general, 'I mean you.', { reply: { id } })
      place.sayThrough(place.addWebhook(general, 'News'), 'Mira, read this.')
      const thread = ada.startThread(general, 'plums')
      ada.say(thread, 'Mira, plums?')
      await received(listening, 6)
      const inThread = listening.of('message').filter((event) => event.room.externalId === thread.id)
      // Channels do not wait for each other.
      expect(addressed(listening).filter((text) => text !== 'Mira, plums?')).toEqual([
        '(How are you, Bea?',
        '@mira and you?',
        'Is MIRA there?',
        '(Miranda is not.',
        'I mean you.',
      ])
      expect(inThread).toMatchObject([
        { text: 'Mira, plums?', room: { externalId: thread.id, kind: 'group' } },
      ])
    })

    it('answers everything where it always answers', async () => {
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

    it('knows people by their roles', async () => {
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

    it('for adults answers in age-restricted channels alone', async () => {
      const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
      const [everyones, adults] = [place.addChannel('general'), place.addChannel('late', { nsfw: true })]
      const { listening } = await start({
        allowed: { ...everybody, guilds: [place.guild.id] },
        adult: true,
      })
      ada.say(everyones, 'Mira?')
      ada.say(adults, 'Mira!')
      await received(listening, 2)
      expect(addressed(listening).toSorted()).toEqual(['(Mira?', 'Mira!'])
    })

    it('hears that it was put out, and that it is back', async () => {
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
  })

  describe('after an absence', () => {
    it('catches up on what was said and changed meanwhile, page by page', async () => {
      const account = makeAccount(discord, bot)
      const first = await listen(discord, bot, account.connect())
      ada.say(channel, 'Before.')
      await received(first, 1)
      await first[Symbol.asyncDispose]()
      for (let n = 1; n <= 250; n++) ada.say(channel, `Message ${n}`)
      const second = await listen(discord, bot, account.connect())
      open.push(second)
      const lately = ada.say(channel, 'Now.')
      await received(second, 251)
      expect(texts(second)).toEqual([...Array.from({ length: 250 }, (_, n) => `Message ${n + 1}`), 'Now.'])
      await second[Symbol.asyncDispose]()
      ada.edit(lately, 'What I said.')
      const third = await listen(discord, bot, account.connect())
      open.push(third)
      await vi.waitFor(() => expect(third.of('edit')).toHaveLength(1), soon)
      expect(third.of('edit')[0]).toMatchObject({ target: lately.id, text: 'What I said.' })
    })

    it('knows people by their roles, and by how they are called there', async () => {
      const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
      const general = place.addChannel('general')
      const friends = place.addRole('friends', { members: [ada] })
      const thread = ada.startThread(general, 'plums')
      const account = makeAccount(discord, bot, {
        allowed: { users: [], roles: [friends.id], guilds: [], channels: [general.id] },
      })
      const first = await listen(discord, bot, account.connect())
      for (const where of [general, thread]) ada.say(where, 'Mira, hello.')
      await received(first, 2)
      await first[Symbol.asyncDispose]()
      for (const where of [general, thread]) ada.say(where, 'Mira, are you there?')
      place.updateChannel(thread, { archived: true })
      const second = await listen(discord, bot, account.connect())
      open.push(second)
      await received(second, 2)
      for (const event of second.of('message')) expect(event.unanswered).toBeUndefined()
    })

    it('takes the first message of a direct conversation that was written while nobody listened', async () => {
      ada.say(channel, 'First, while you were away.')
      const { listening } = await start()
      ada.say(channel, 'Second.')
      await received(listening, 2)
      expect(texts(listening)).toEqual(['First, while you were away.', 'Second.'])
    })

    it('takes live messages in whatever order they come', async () => {
      const { listening } = await start()
      ada.say(channel, 'Later.')
      await received(listening, 1)
      ada.say(channel, 'Earlier.', { sentAt: new Date(Date.now() - 1_000) })
      await received(listening, 2)
    })

    it('keeps what is too old to be answered', async () => {
      const account = makeAccount(discord, bot)
      const first = await listen(discord, bot, account.connect())
      ada.say(channel, 'Before.')
      await received(first, 1)
      await first[Symbol.asyncDispose]()
      ada.say(channel, 'Long ago.')
      const second = await listen(discord, bot, account.connect({ catchUpMs: 0 }))
      open.push(second)
      await received(second, 1)
      expect(second.of('message')[0]).toMatchObject({ text: 'Long ago.', unanswered: true })
    })

    it('passes over what fails each time, so that it holds up nothing', async () => {
      const account = makeAccount(discord, bot)
      const listening = await listen(discord, bot, account.connect(), async (event) => {
        if (event.kind === 'message' && event.text === 'One.') throw new Error('not this one')
      })
      open.push(listening)
      for (const text of ['One.', 'Two.']) ada.say(channel, text)
      await received(listening, 1)
      // What fails three times of itself is passed over.
      expect(texts(listening)).toEqual(['Two.'])
      expect(account.news.some(({ kind }) => kind === 'passed-over')).toBe(true)
    })
  })

  it('lets in by code as on the other platforms', async () => {
    const { account, records } = makeAccount(discord, bot)
    const doorman = createDoorman(account.id, records, () => false, 'write to me again')
    expect(await doorman.refusal(ada.id)).toMatch(/[A-Z2-9]{4}-[A-Z2-9]{4}$/)
  })
})
