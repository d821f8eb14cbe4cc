import { type DiscordAPIError, type TextChannel, WebhookClient } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Connected, connect } from './client.ts'
import { type Discord, startDiscord } from './discord.ts'
import type { Place } from './guild-driver.ts'
import type { Bot, Channel } from './world.ts'

let discord: Discord
let bot: Bot
let place: Place
let general: Channel
let connected: Connected
let channel: TextChannel

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0 })
  bot = discord.addBot('mira')
  place = discord.addGuild('Home', { bots: [bot] })
  general = place.addChannel('general')
  place.allow(general, bot, ['ManageWebhooks'])
  connected = await connect(discord, bot)
  channel = (await connected.client.channels.fetch(general.id)) as TextChannel
})
afterEach(async () => {
  await connected[Symbol.asyncDispose]()
  await discord[Symbol.asyncDispose]()
})

const refusal = (promise: Promise<unknown>): Promise<DiscordAPIError> =>
  promise.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error) => error,
  )

test('a webhook speaks under a name of its own, and changes and takes back what it said', async () => {
  const webhook = await channel.createWebhook({ name: 'Personas' })
  const message = await webhook.send({ content: 'Good evening', username: 'Mira' })
  expect(discord.messages(general)).toMatchObject([
    { author: 'Mira', content: 'Good evening', webhook: true },
  ])
  expect(message.webhookId).toBe(webhook.id)
  await webhook.editMessage(message.id, 'Good night')
  expect((await webhook.fetchMessage(message.id)).content).toBe('Good night')
  await webhook.deleteMessage(message.id)
  expect(discord.messages(general)).toEqual([])
  expect(await refusal(webhook.editMessage(message.id, 'a'))).toMatchObject({ code: 10008 })
})

test('it has a picture, where that is one', async () => {
  const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const webhook = await channel.createWebhook({ name: 'Personas', avatar: png })
  expect(webhook.avatar).toMatch(/^\w+$/)
  const before = webhook.avatar
  const picture = `data:image/png;base64,${Buffer.concat([png, png]).toString('base64')}`
  await connected.client.rest.patch(`/webhooks/${webhook.id}`, { body: { avatar: picture } })
  expect(discord.world.webhooks.get(webhook.id)?.avatar).not.toBe(before)
  expect(
    await refusal(channel.createWebhook({ name: 'No', avatar: 'data:text/plain;base64,AA' })),
  ).toMatchObject({
    code: 50035,
  })
})

test('it speaks in a thread of its channel, and in no other', async () => {
  const webhook = await channel.createWebhook({ name: 'Personas' })
  const thread = await channel.threads.create({ name: 'Story', type: 11 })
  await webhook.send({ content: 'Once', threadId: thread.id })
  expect(discord.messages(discord.world.channels.get(thread.id)!).at(-1)?.content).toBe('Once')
  const elsewhere = place.addChannel('elsewhere')
  expect(await refusal(webhook.send({ content: 'a', threadId: elsewhere.id }))).toMatchObject({ code: 10003 })
})

test('what is said of mentions nowhere rings users alone', async () => {
  const ada = discord.addPerson('ada')
  place.add(ada)
  const webhook = await channel.createWebhook({ name: 'Personas' })
  const client = new WebhookClient(
    { url: `https://discord.com/api/webhooks/${webhook.id}/${webhook.token}` },
    {
      rest: { api: discord.apiUrl },
    },
  )
  await client.send(`@everyone <@${ada.id}>`)
  expect(discord.messages(general)[0]).toMatchObject({ pinged: ['ada'], mentionsEveryone: false })
})

test('they are listed to those who may manage them, without the tokens of other applications', async () => {
  place.addWebhook(general, "The owner's")
  place.addWebhook(general, 'Foreign', discord.addBot('pascoe'))
  await channel.createWebhook({ name: 'Own' })
  const listed = await channel.fetchWebhooks()
  expect(listed.map(({ name, token }) => [name, token !== null])).toEqual([
    ["The owner's", true],
    ['Foreign', false],
    ['Own', true],
  ])
  expect(await refusal(channel.guild.fetchWebhooks())).toMatchObject({ code: 50013 })
  place.forbid(general, bot, ['ManageWebhooks'])
  expect(await refusal(channel.createWebhook({ name: 'No' }))).toMatchObject({ code: 50013 })
})

test('one that was taken away is 10015, a wrong token 50027, and no token of the bot is dropped for it', async () => {
  const webhook = await channel.createWebhook({ name: 'Personas' })
  const wrong = new WebhookClient({ id: webhook.id, token: 'wrong' }, { rest: { api: discord.apiUrl } })
  expect(await refusal(wrong.send('a'))).toMatchObject({ code: 50027, status: 401 })
  place.removeWebhook(discord.world.webhooks.get(webhook.id)!)
  expect(await refusal(webhook.send('a'))).toMatchObject({ code: 10015, status: 404 })
  await channel.send('still here')
})
