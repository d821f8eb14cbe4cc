import {
  ChannelType,
  type DiscordAPIError,
  type Message,
  type TextChannel,
  type ThreadChannel,
} from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Connected, connect } from './client.ts'
import { type Discord, startDiscord } from './discord.ts'
import type { Place } from './guild-driver.ts'
import type { Person } from './person.ts'
import type { Bot, Channel } from './world.ts'

let discord: Discord
let bot: Bot
let ada: Person
let bob: Person
let place: Place
let general: Channel
let connected: Connected

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0 })
  discord.limits.enabled = false
  bot = discord.addBot('mira')
  ada = discord.addPerson('ada')
  bob = discord.addPerson('bob')
  place = discord.addGuild('Home', { members: [ada, bob], bots: [bot] })
  general = place.addChannel('general')
  connected = await connect(discord, bot)
})
afterEach(async () => {
  await connected[Symbol.asyncDispose]()
  await discord[Symbol.asyncDispose]()
})

const channel = async (of = general): Promise<TextChannel> =>
  (await connected.client.channels.fetch(of.id)) as TextChannel
const hear = (): Promise<Message> => new Promise((resolve) => connected.client.once('messageCreate', resolve))
const refusal = (promise: Promise<unknown>): Promise<DiscordAPIError> =>
  promise.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error) => error,
  )

test('a message in a guild brings its author’s membership, whom it names, and what it answers', async () => {
  const before = hear()
  const first = ada.say(general, 'Hello')
  await before
  const heard = hear()
  bob.say(general, `<@${bot.account.id}> and <@${ada.id}>`, { reply: first })
  const message = await heard
  expect(message.member?.user.username).toBe('bob')
  expect(message.mentions.users.map(({ username }) => username)).toEqual(['mira', 'ada'])
  expect(message.mentions.has(connected.client.user)).toBe(true)
  expect((await message.fetchReference()).content).toBe('Hello')
})

test('it rings whom its text names, its author may name and allowed_mentions lets through', async () => {
  const mods = place.addRole('mods', { members: [bob], mentionable: true })
  const closed = place.addRole('closed', { members: [ada] })
  const text = `@everyone <@${ada.id}> <@&${mods.id}> <@&${closed.id}>`
  const there = await channel()
  const rung = async (allowedMentions: object): Promise<readonly string[]> => {
    await there.send({ content: text, allowedMentions })
    return discord.messages(general).at(-1)!.pinged.toSorted()
  }
  const all = ['ada', 'bob', 'owner-of-Home']
  expect(await rung({ parse: [] })).toEqual([])
  expect(await rung({ parse: ['users'] })).toEqual(['ada'])
  expect(await rung({ users: [ada.id] })).toEqual(['ada'])
  expect(await rung({ roles: [mods.id] })).toEqual(['bob'])
  // The bot may ring everybody, as everyone may in a new guild: so it may ring every role.
  expect(await rung({ parse: ['roles'] })).toEqual(['ada', 'bob'])
  expect(await rung({ parse: ['everyone'] })).toEqual(all)
  place.forbid(general, place.guild.id, ['MentionEveryone'])
  expect(await rung({ parse: ['everyone'] })).toEqual([])
  expect(await rung({ parse: ['roles'] })).toEqual(['bob'])
  place.forbid(general, ada, ['ViewChannel'])
  expect(await rung({ users: [ada.id] })).toEqual([])
})

test('whoever says nothing of mentions rings all of them, and an answer rings whom it answers', async () => {
  await using careless = await connect(discord, bot, { allowedMentions: undefined as never })
  const there = (await careless.client.channels.fetch(general.id)) as TextChannel
  const question = ada.say(general, 'Hello?')
  await there.send({ content: '@here', reply: { messageReference: question.id } })
  expect(discord.messages(general).at(-1)).toMatchObject({ mentionsEveryone: true, mentions: ['ada'] })
  expect(discord.messages(general).at(-1)?.pinged).toHaveLength(3)
  const quiet = await channel()
  await quiet.send({ content: 'Yes', reply: { messageReference: question.id } })
  expect(discord.messages(general).at(-1)).toMatchObject({ answers: question.id, pinged: [] })
})

test('an edit rings nobody, but lights up whom it names if it may', async () => {
  const message = await (await channel()).send('a')
  await message.edit({ content: `<@${ada.id}> @everyone`, allowedMentions: { parse: [] } })
  expect(discord.messages(general)[0]).toMatchObject({ mentions: [], mentionsEveryone: false, pinged: [] })
  await message.edit({ content: `<@${ada.id}> @everyone`, allowedMentions: { parse: ['users', 'everyone'] } })
  expect(discord.messages(general)[0]).toMatchObject({
    mentions: ['ada'],
    mentionsEveryone: true,
    pinged: [],
  })
})

test('parse and a list of the same kind exclude each other', async () => {
  const there = await channel()
  const error = await refusal(
    there.send({ content: 'a', allowedMentions: { parse: ['users'], users: [ada.id] } }),
  )
  expect(error).toMatchObject({ code: 50035, status: 400 })
  expect(error.message).toContain('mutually exclusive')
  await there.send({ content: 'a', allowedMentions: { parse: ['users'], users: [] } })
})

test('what a bot may not see is 50001, what it may not do is 50013, and it is told nothing of either', async () => {
  const secret = place.addChannel('secret')
  place.forbid(secret, bot, ['ViewChannel'])
  const heard: string[] = []
  connected.client.on('messageCreate', ({ content }) => heard.push(content))
  ada.say(secret, 'psst')
  expect(await refusal(connected.client.channels.fetch(secret.id, { force: true }))).toMatchObject({
    code: 50001,
  })
  const there = await channel()
  place.forbid(general, bot, ['SendMessages'])
  expect(await refusal(there.send('a'))).toMatchObject({ code: 50013, status: 403 })
  place.allow(general, bot, ['SendMessages'])
  await there.send('a')
  const foreign = ada.say(general, 'mine')
  expect(await refusal(there.messages.delete(foreign.id))).toMatchObject({ code: 50013 })
  place.allow(general, bot, ['ManageMessages'])
  await there.messages.delete(foreign.id)
  await discord.until(() => heard.length === 2)
  expect(heard).toEqual(['a', 'mine'])
})

test('many are deleted at once, by people and by bots', async () => {
  const there = await channel()
  const told = new Promise<number>((resolve) =>
    connected.client.once('messageDeleteBulk', ({ size }) => resolve(size)),
  )
  place.bulkDelete(general, [ada.say(general, '1'), ada.say(general, '2')])
  expect(await told).toBe(2)
  expect(await refusal(there.bulkDelete(['1'.repeat(18), '2'.repeat(18)]))).toMatchObject({ code: 50013 })
  place.allow(general, bot, ['ManageMessages'])
  const ids = [ada.say(general, '3'), ada.say(general, '4')].map(({ id }) => id)
  await there.bulkDelete(ids)
  expect(discord.messages(general)).toEqual([])
  const old = [1, 2].map(
    () => ada.say(general, 'old', { sentAt: new Date(Date.now() - 15 * 24 * 3600_000) }).id,
  )
  expect(await refusal(there.bulkDelete(old))).toMatchObject({ code: 50034 })
})

test('a thread hangs from a message, has its id, and is talked in', async () => {
  const question = ada.say(general, 'Long story')
  const there = await channel()
  const message = await there.messages.fetch(question.id)
  const thread = await message.startThread({ name: 'The story' })
  expect(thread).toMatchObject({ id: question.id, type: ChannelType.PublicThread, name: 'The story' })
  expect(await refusal(message.startThread({ name: 'Again' }))).toMatchObject({ code: 160004 })
  await thread.send('It began so.')
  const inThread = discord.world.channels.get(thread.id)!
  const heard = hear()
  bob.say(inThread, 'And then?')
  expect((await heard).channel.isThread()).toBe(true)
  expect(discord.messages(inThread).map(({ content }) => content)).toEqual(['', 'It began so.', 'And then?'])
})

test('a message in a thread is changed where that is open to its author, who may open it again', async () => {
  const there = await channel()
  const thread = await there.threads.create({ name: 'plums', type: ChannelType.PublicThread })
  const own = await thread.send('It began so.')
  const inThread = discord.world.channels.get(thread.id)!
  place.updateChannel(inThread, { archived: true })
  expect(await refusal(own.edit('changed'))).toMatchObject({ code: 50083 })
  await thread.setArchived(false)
  await own.edit('changed')
  place.updateChannel(inThread, { locked: true })
  expect(await refusal(own.edit('again'))).toMatchObject({ code: 50083 })
  place.updateChannel(inThread, { archived: true })
  expect(await refusal(thread.setArchived(false))).toMatchObject({ code: 50013 })
  expect(discord.messages(inThread).at(-1)?.content).toBe('changed')
})

test('what somebody else has said is changed by nobody, and what it shows by those who look after a channel', async () => {
  const there = await channel()
  const message = await there.messages.fetch(ada.say(general, 'See https://example.org').id)
  expect(await refusal(message.edit('changed'))).toMatchObject({ code: 50005 })
  expect(await refusal(message.suppressEmbeds(true))).toMatchObject({ code: 50013 })
  place.addRole('keepers', { members: [bot], permissions: ['ManageMessages'] })
  await message.suppressEmbeds(true)
  expect(await refusal(message.edit('changed'))).toMatchObject({ code: 50005 })
  const direct = ada.say(ada.openDirect(bot), 'Hello')
  const route = `/channels/${ada.openDirect(bot).id}/messages/${direct.id}` as const
  const edit = connected.client.rest.patch(route, { body: { flags: 4 } })
  expect(await refusal(edit)).toMatchObject({ code: 50005 })
  const own = await there.send('Mine.')
  place.forbid(general, place.guild.id, ['ViewChannel'])
  expect(await refusal(own.edit('changed'))).toMatchObject({ code: 50001 })
})

test('a thread of somebody else is announced, a private one to those who take part', async () => {
  const made: ThreadChannel[] = []
  connected.client.on('threadCreate', (thread) => {
    made.push(thread)
    discord.world.changed()
  })
  ada.startThread(general, 'open')
  await discord.until(() => made.length === 1)
  expect(made[0]?.parentId).toBe(general.id)
  const alone = await (await channel()).threads.create({ name: 'own', type: ChannelType.PublicThread })
  await alone.members.add(ada.id)
  expect([...discord.world.channels.get(alone.id)!.joined]).toEqual([bot.account.id, ada.id])
})

test('reactions come and go, of one, of one emoji and of all', async () => {
  const message = ada.say(general, 'Hello')
  const reacted = new Promise<string | null>((resolve) =>
    connected.client.once('messageReactionAdd', ({ emoji }) => resolve(emoji.name)),
  )
  ada.react(message, '🔥')
  expect(await reacted).toBe('🔥')
  const fetched = await (await channel()).messages.fetch(message.id)
  await fetched.react('👍')
  await fetched.react('party:123456789012345678')
  expect(discord.messages(general)[0]?.reactions).toEqual({
    '🔥': ['ada'],
    '👍': ['mira'],
    '123456789012345678': ['mira'],
  })
  await fetched.reactions.resolve('👍')?.users.remove()
  ada.unreact(message, '🔥')
  expect(Object.keys(discord.messages(general)[0]!.reactions)).toEqual(['123456789012345678'])
  expect(await refusal(fetched.reactions.removeAll())).toMatchObject({ code: 50013 })
  expect(await refusal(fetched.react('no'))).toMatchObject({ code: 10014 })
})

test('members, roles and guilds are looked up', async () => {
  const { client } = connected
  const guild = await client.guilds.fetch(place.guild.id)
  place.addRole('mods', { members: [ada] })
  expect((await guild.members.fetch({ user: ada.id, force: true })).user.username).toBe('ada')
  expect([...(await guild.roles.fetch()).values()].map(({ name }) => name).toSorted()).toEqual([
    '@everyone',
    'mira',
    'mods',
  ])
  expect(
    await refusal(guild.members.fetch({ user: discord.addPerson('eve').id, force: true })),
  ).toMatchObject({ code: 10007 })
  expect((await client.users.fetch(bob.id)).username).toBe('bob')
})

test('a bot that is let in gets the guild, and one that is put out loses it and its people', async () => {
  const other = discord.addGuild('Garden', { members: [ada] })
  const came = new Promise<string>((resolve) =>
    connected.client.once('guildCreate', ({ name }) => resolve(name)),
  )
  other.add(bot)
  expect(await came).toBe('Garden')
  const went = new Promise<string>((resolve) =>
    connected.client.once('guildDelete', ({ name }) => resolve(name)),
  )
  other.remove(bot)
  expect(await went).toBe('Garden')
  const room = ada.openDirect(bot)
  const user = await connected.client.users.fetch(ada.id)
  await user.send('Still in the other one')
  ada.leave(place.guild)
  expect(await refusal(user.send('Gone'))).toMatchObject({ code: 50007 })
  expect(discord.messages(room)).toHaveLength(1)
})

test('other bots and webhooks speak too, and can be told apart', async () => {
  const stranger = discord.addStrangeBot('echo')
  place.add(stranger)
  const first = hear()
  stranger.say(general, 'beep')
  expect((await first).author.bot).toBe(true)
  const second = hear()
  place.sayThrough(place.addWebhook(general, 'News'), 'It rains')
  expect(await second).toMatchObject({
    webhookId: expect.any(String),
    author: { username: 'News' },
    member: null,
  })
})

test('news and age-restricted channels say what they are', async () => {
  const news = place.addChannel('news', { type: ChannelType.GuildAnnouncement, topic: 'What is new' })
  const adult = place.addChannel('adult', { nsfw: true })
  expect(await channel(news)).toMatchObject({ type: ChannelType.GuildAnnouncement, topic: 'What is new' })
  expect((await channel(adult)).nsfw).toBe(true)
  const gone = new Promise((resolve) => connected.client.once('channelDelete', resolve))
  place.deleteChannel(adult)
  await gone
})

test('two bots may have the same nonce in one channel', async () => {
  const other = discord.addBot('other')
  place.add(other)
  await using second = await connect(discord, other)
  const message = { content: 'a', nonce: 'n', enforceNonce: true }
  await (await channel()).send(message)
  await ((await second.client.channels.fetch(general.id)) as TextChannel).send(message)
  expect(discord.messages(general).map(({ author }) => author)).toEqual(['mira', 'other'])
})
