import { type Message, Partials } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { connect } from './client.ts'
import { type Discord, startDiscord } from './discord.ts'

let discord: Discord

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0 })
})
afterEach(() => discord[Symbol.asyncDispose]())

test('a bot hears a direct message from somebody it never talked with, and answers, edits and takes back', async () => {
  const bot = discord.addBot('mira')
  const ada = discord.addPerson('ada')
  const room = ada.openDirect(bot)
  await using connected = await connect(discord, bot)
  const { client } = connected
  expect(client.user.username).toBe('mira')
  expect(client.application.id).toBe(bot.applicationId)
  const heard = new Promise<Message>((resolve) => client.once('messageCreate', resolve))
  ada.say(room, '  Hello  ')

  const message = await heard
  expect(message).toMatchObject({ content: 'Hello', guildId: null, channelId: room.id })
  expect(message.author.username).toBe('ada')
  expect(message.channel.isDMBased()).toBe(true)

  const answer = await message.reply('Good evening')
  expect(discord.messages(room).at(-1)).toMatchObject({
    author: 'mira',
    content: 'Good evening',
    answers: message.id,
    pinged: [],
    edited: false,
  })
  await answer.edit('Good evening, Ada')
  expect(discord.messages(room).at(-1)).toMatchObject({ content: 'Good evening, Ada', edited: true })
  await answer.delete()
  expect(discord.messages(room).map(({ content }) => content)).toEqual(['Hello'])
})

test('without the partial for channels discord.js keeps direct messages to itself', async () => {
  const bot = discord.addBot('mira')
  const ada = discord.addPerson('ada')
  await using connected = await connect(discord, bot, { partials: [Partials.Message] })
  const heard: string[] = []
  connected.client.on('messageCreate', ({ content }) => heard.push(content))
  ada.say(ada.openDirect(bot), 'Hello')
  const raw = new Promise<void>((resolve) => connected.client.once('raw', () => resolve()))
  ada.say(ada.openDirect(bot), 'Hello?')
  await raw
  expect(heard).toEqual([])
})

test('a person sees typing until something is said', async () => {
  const bot = discord.addBot('mira')
  const room = discord.addPerson('ada').openDirect(bot)
  await using connected = await connect(discord, bot)
  const channel = await connected.client.channels.fetch(room.id)
  if (!channel?.isSendable()) throw new Error('no channel')
  await channel.sendTyping()
  expect(discord.typing(room)).toEqual(['mira'])
  await channel.send('There.')
  expect(discord.typing(room)).toEqual([])
})

test('what is passed on comes as it was, without whose it is', async () => {
  const bot = discord.addBot('mira')
  const ada = discord.addPerson('ada')
  const room = ada.openDirect(bot)
  // From where the bot has not been: discord.js fills in what it knows by itself.
  const original = ada.say(ada.openDirect(discord.addBot('pascoe')), 'Plums are ripe.')
  await using connected = await connect(discord, bot)
  const heard = new Promise<Message>((resolve) => connected.client.once('messageCreate', resolve))
  ada.forward(room, original)
  ada.edit(original, 'Pears are ripe.')
  const { content, flags, messageSnapshots, reference } = await heard
  expect(content).toBe('')
  expect(flags.has('HasSnapshot')).toBe(true)
  expect(reference?.messageId).toBe(original.id)
  expect(messageSnapshots.map((each) => [each.content, each.author ?? null])).toEqual([
    ['Plums are ripe.', null],
  ])
})
