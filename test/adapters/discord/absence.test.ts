import { describe, expect, vi } from 'vitest'
import { everybody, listen, makeAccount } from '../../support/discord/account.ts'
import { onDiscord, received, soon, texts } from '../../support/discord/scene.ts'

const it = onDiscord()

describe('a bot on Discord after an absence', () => {
  it('catches up on what was said and changed meanwhile, page by page', async ({
    discord,
    bot,
    ada,
    channel,
    open,
  }) => {
    const account = makeAccount(discord, bot)
    const first = await listen(discord, bot, account.connect())
    ada.say(channel, 'Before.')
    await received(first, 1)
    await first[Symbol.asyncDispose]()
    for (let n = 1; n <= 250; n++) ada.say(channel, `Message ${n}`)
    const second = await listen(discord, bot, account.connect())
    open.use(second)
    const lately = ada.say(channel, 'Now.')
    await received(second, 251)
    expect(texts(second)).toEqual([...Array.from({ length: 250 }, (_, n) => `Message ${n + 1}`), 'Now.'])
    await second[Symbol.asyncDispose]()
    ada.edit(lately, 'What I said.')
    const third = await listen(discord, bot, account.connect())
    open.use(third)
    await vi.waitFor(() => expect(third.of('edit')).toHaveLength(1), soon)
    expect(third.of('edit')[0]).toMatchObject({ target: lately.id, text: 'What I said.' })
  })

  it('follows the change of what was taken before a crash, and not written down as taken', async ({
    discord,
    bot,
    ada,
    channel,
    open,
  }) => {
    const account = makeAccount(discord, bot)
    const first = await listen(discord, bot, account.connect())
    const [one, two] = [ada.say(channel, 'One.'), ada.say(channel, 'Two.')]
    await received(first, 2)
    await first[Symbol.asyncDispose]()
    const value = Buffer.from(JSON.stringify({ last: one.id }))
    await account.records.write(account.account.id, [{ collection: 'places', key: channel.id, value }])
    ada.edit(two, 'Two, changed.')
    const second = open.use(await listen(discord, bot, account.connect()))
    await vi.waitFor(() => expect(second.of('edit')).toHaveLength(1), soon)
    expect(second.of('edit')[0]).toMatchObject({ target: two.id, text: 'Two, changed.' })
  })

  it('knows people by their roles, and by how they are called there', async ({ discord, bot, ada, open }) => {
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
    open.use(second)
    await received(second, 2)
    for (const event of second.of('message')) expect(event.unanswered).toBeUndefined()
  })

  it('asks again who somebody is, where Discord did not tell', async ({ discord, bot, ada, open }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    const account = makeAccount(discord, bot, { allowed: { ...everybody, channels: [general.id] } })
    const first = await listen(discord, bot, account.connect())
    ada.say(general, 'Mira, hello.')
    await received(first, 1)
    await first[Symbol.asyncDispose]()
    ada.say(general, 'Mira, are you there?')
    // As often as the library tries.
    discord.faults.next({ route: 'GET /guilds/:guild/members/:member', kind: 500, when: 'before', times: 4 })
    const second = open.use(await listen(discord, bot, account.connect()))
    // Soon, and not when all else is tried anew.
    await vi.waitFor(() => expect(second.of('message')).toHaveLength(1), { ...soon, timeout: 10_000 })
  })

  it('takes the first message of a direct conversation that was written while nobody listened', async ({
    ada,
    channel,
    start,
  }) => {
    ada.say(channel, 'First, while you were away.')
    const { listening } = await start()
    ada.say(channel, 'Second.')
    await received(listening, 2)
    expect(texts(listening)).toEqual(['First, while you were away.', 'Second.'])
  })

  it('takes live messages in whatever order they come', async ({ ada, channel, start }) => {
    const { listening } = await start()
    ada.say(channel, 'Later.')
    await received(listening, 1)
    ada.say(channel, 'Earlier.', { sentAt: new Date(Date.now() - 1_000) })
    await received(listening, 2)
  })

  it('keeps what is too old to be answered', async ({ discord, bot, ada, channel, open }) => {
    const account = makeAccount(discord, bot)
    const first = await listen(discord, bot, account.connect())
    ada.say(channel, 'Before.')
    await received(first, 1)
    await first[Symbol.asyncDispose]()
    ada.say(channel, 'Long ago.')
    const second = await listen(discord, bot, account.connect({ catchUpMs: 0 }))
    open.use(second)
    await received(second, 1)
    expect(second.of('message')[0]).toMatchObject({ text: 'Long ago.', unanswered: true })
  })

  it('passes over what fails each time, so that it holds up nothing', async ({
    discord,
    bot,
    ada,
    channel,
    open,
  }) => {
    const account = makeAccount(discord, bot)
    const listening = await listen(discord, bot, account.connect(), async (event) => {
      if (event.kind === 'message' && event.text === 'One.') throw new Error('not this one')
    })
    open.use(listening)
    for (const text of ['One.', 'Two.']) ada.say(channel, text)
    await received(listening, 1)
    // What fails three times of itself is passed over.
    expect(texts(listening)).toEqual(['Two.'])
    expect(account.news.some(({ kind }) => kind === 'passed-over')).toBe(true)
  })
})
