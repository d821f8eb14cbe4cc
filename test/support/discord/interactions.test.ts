import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  type ChatInputCommandInteraction,
  type DiscordAPIError,
  GatewayIntentBits,
  type Interaction,
  MessageFlags,
  ModalBuilder,
  SlashCommandBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Connected, connect } from './client.ts'
import { type Discord, startDiscord } from './discord.ts'
import type { Place } from './guild-driver.ts'
import type { Person } from './person.ts'
import { openRaw } from './raw-gateway.ts'
import type { Bot, Channel } from './world.ts'

let discord: Discord
let bot: Bot
let ada: Person
let place: Place
let general: Channel
let room: Channel
let connected: Connected

const memory = new SlashCommandBuilder()
  .setName('memory')
  .setDescription('What is remembered')
  .addSubcommand((sub) =>
    sub
      .setName('forget')
      .setDescription('Forgets something')
      .addStringOption((option) =>
        option.setName('what').setDescription('What to forget').setRequired(true).setAutocomplete(true),
      )
      .addUserOption((option) => option.setName('whose').setDescription('Whose it is')),
  )
const ping = new SlashCommandBuilder().setName('ping').setDescription('Answers')

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0, interactions: { deadlineMs: 300, tokenMs: 600 } })
  bot = discord.addBot('mira')
  ada = discord.addPerson('ada')
  place = discord.addGuild('Home', { members: [ada], bots: [bot] })
  general = place.addChannel('general')
  room = ada.openDirect(bot)
  connected = await connect(discord, bot)
  await connected.client.application.commands.set([memory, ping])
})
afterEach(async () => {
  await connected[Symbol.asyncDispose]()
  await discord[Symbol.asyncDispose]()
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const refusal = (promise: Promise<unknown>): Promise<DiscordAPIError> =>
  promise.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error) => error,
  )
async function asked<T extends Interaction>(): Promise<T> {
  return new Promise((resolve) => connected.client.once('interactionCreate', (each) => resolve(each as T)))
}
const slash = async (channel = room): Promise<[ReturnType<Person['slash']>, ChatInputCommandInteraction]> => {
  const came = asked<ChatInputCommandInteraction>()
  const used = ada.slash(bot, channel, 'ping')
  return [used, await came]
}

test('a command comes with its options, its channel and a member in a guild, a user in a direct message', async () => {
  const came = asked<ChatInputCommandInteraction>()
  ada.slash(bot, general, 'memory forget', { what: 'the cat', whose: ada.id })
  const inGuild = await came
  expect(inGuild.options.getSubcommand()).toBe('forget')
  expect(inGuild.options.getString('what')).toBe('the cat')
  expect(inGuild.options.getUser('whose')?.username).toBe('ada')
  expect(inGuild.inCachedGuild() && inGuild.member.user.username).toBe('ada')
  expect(inGuild.channel?.id).toBe(general.id)
  const [, direct] = await slash()
  expect(direct).toMatchObject({ guildId: null, member: null, user: { username: 'ada' }, context: 1 })
  expect(direct.channel?.isDMBased()).toBe(true)
})

test('what a person cannot use is not sent', async () => {
  await connected.client.application.commands.set([memory, { ...ping.toJSON(), contexts: [0] }])
  expect(() => ada.slash(bot, room, 'unknown')).toThrow('does not offer')
  expect(() => ada.slash(bot, room, 'ping')).toThrow('does not offer')
  ada.slash(bot, general, 'ping')
  expect(() => ada.slash(bot, room, 'memory forget')).toThrow('without what')
  expect(() => ada.slash(bot, room, 'memory forget', { what: 'a', how: 'b' })).toThrow('no option how')
})

test('an answer in time is seen, a second one is refused with 40060', async () => {
  const [used, interaction] = await slash()
  expect(used.state).toBe('waiting')
  const response = await interaction.reply({ content: '@everyone Pong', withResponse: true })
  expect(used).toMatchObject({
    state: 'answered',
    answer: { author: 'mira', content: '@everyone Pong', pinged: [] },
  })
  expect(response.resource?.message?.id).toBe(used.answer?.id)
  const { rest } = connected.client
  const again = rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, {
    body: { type: 4, data: { content: 'again' } },
    auth: false,
  })
  expect(await refusal(again)).toMatchObject({ code: 40060, status: 400 })
  expect(discord.messages(room)).toHaveLength(1)
})

test('an answer that comes too late is refused with 10062, and the person is told that there is none', async () => {
  const [used, interaction] = await slash()
  await discord.until(() => used.state === 'failed')
  expect(await refusal(interaction.reply('Pong'))).toMatchObject({ code: 10062, status: 404 })
  expect(await refusal(interaction.deferReply())).toMatchObject({ code: 10062 })
})

test('it thinks, then answers, and says more until the token ends', async () => {
  const [used, interaction] = await slash(general)
  await interaction.deferReply()
  expect(used).toMatchObject({ state: 'thinking', answer: { loading: true, content: '' } })
  await pause(320)
  await interaction.editReply('Pong')
  expect(used).toMatchObject({
    state: 'answered',
    answer: { loading: false, content: 'Pong', edited: false },
  })
  const more = await interaction.followUp('And more')
  await interaction.webhook.editMessage(more.id, 'And less')
  expect((await interaction.fetchReply()).content).toBe('Pong')
  await interaction.deleteReply()
  expect(discord.messages(general).map(({ content }) => content)).toEqual(['And less'])
  expect(await refusal(interaction.fetchReply())).toMatchObject({ code: 10008 })
  await pause(300)
  expect(await refusal(interaction.followUp('Too late'))).toMatchObject({ code: 50027, status: 401 })
  await (await connected.client.users.fetch(ada.id)).send('its own token is still good')
})

test('what follows a thought takes its place', async () => {
  const [used, interaction] = await slash()
  await interaction.deferReply({ flags: MessageFlags.Ephemeral })
  await interaction.followUp('Pong')
  expect(used.answer).toMatchObject({ content: 'Pong', onlyFor: 'ada', loading: false })
  expect(discord.messages(room)).toHaveLength(1)
})

test('nothing can follow before there was an answer', async () => {
  const [, interaction] = await slash()
  expect(await refusal(interaction.webhook.send('a'))).toMatchObject({ code: 10015, status: 404 })
})

test('what only one person sees is not in the channel, and its event comes as if it were direct', async () => {
  const heard = new Promise<{ guild_id?: string; flags: number }>((resolve) =>
    connected.client.on('raw', ({ t, d }) => t === 'MESSAGE_CREATE' && resolve(d)),
  )
  await using guildOnly = await openRaw(discord)
  guildOnly.send({ op: 2, d: { token: bot.token, intents: GatewayIntentBits.GuildMessages } })
  await guildOnly.next('READY')
  const [used, interaction] = await slash(general)
  await interaction.reply({ content: 'Between us', flags: MessageFlags.Ephemeral })
  ada.say(general, 'Aloud')
  expect((await guildOnly.next('MESSAGE_CREATE')).d.author.username).toBe('ada')
  expect(used.answer).toMatchObject({ content: 'Between us', onlyFor: 'ada' })
  const event = await heard
  expect([event.guild_id, event.flags]).toEqual([undefined, MessageFlags.Ephemeral])
  const path = `/channels/${general.id}/messages` as const
  expect(await connected.client.rest.get(path)).toMatchObject([{ content: 'Aloud' }])
  const edit = connected.client.rest.patch(`${path}/${used.answer!.id}`, { body: { content: 'a' } })
  expect(await refusal(edit)).toMatchObject({ code: 10008 })
  await interaction.editReply('Still between us')
})

test('buttons and menus change the message that they hang from, or answer it', async () => {
  const [, interaction] = await slash(general)
  const yes = new ButtonBuilder().setCustomId('yes').setLabel('Yes').setStyle(ButtonStyle.Primary)
  const menu = new StringSelectMenuBuilder().setCustomId('menu').addOptions({ label: 'One', value: '1' })
  await interaction.reply({
    content: 'Sure?',
    components: [
      new ActionRowBuilder<ButtonBuilder>().addComponents(yes),
      new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu),
    ],
  })
  const question = discord.messages(general)[0]!
  let came = asked()
  const clicked = ada.click(question, 'yes')
  const button = await came
  if (!button.isButton()) throw new Error('no button')
  expect(button.message.content).toBe('Sure?')
  await button.update({ content: 'Done', components: [] })
  expect(clicked).toMatchObject({ state: 'answered', answer: { id: question.id, content: 'Done' } })
  expect(() => ada.click(question, 'yes')).toThrow('nothing to press')

  await interaction.editReply({
    components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)],
  })
  came = asked()
  ada.select(question, 'menu', ['1'])
  const select = await came
  if (!select.isStringSelectMenu()) throw new Error('no menu')
  expect(select.values).toEqual(['1'])
  await select.deferUpdate()
  await select.followUp('Chosen')
  expect(discord.messages(general).map(({ content }) => content)).toEqual(['Done', 'Chosen'])
})

test('a form opens, is filled in and answered', async () => {
  const [used, interaction] = await slash()
  const field = new TextInputBuilder().setCustomId('name').setLabel('Name').setStyle(TextInputStyle.Short)
  const row = new ActionRowBuilder<TextInputBuilder>().addComponents(field)
  await interaction.showModal(new ModalBuilder().setCustomId('form').setTitle('You').addComponents(row))
  expect(used).toMatchObject({ state: 'form', form: { custom_id: 'form', title: 'You' } })
  const came = asked()
  const sent = ada.submit(used, { name: 'Ada' })
  const submitted = await came
  if (!submitted.isModalSubmit()) throw new Error('no form')
  expect(submitted.fields.getTextInputValue('name')).toBe('Ada')
  await submitted.reply('Hello, Ada')
  expect(sent.answer?.content).toBe('Hello, Ada')
})

test('choices are offered while somebody types', async () => {
  const came = asked()
  const used = ada.complete(bot, room, 'memory forget', 'what', 'ca')
  const interaction = await came
  if (!interaction.isAutocomplete()) throw new Error('no typing')
  expect(interaction.options.getFocused()).toBe('ca')
  await interaction.respond([{ name: 'the cat', value: 'cat' }])
  expect(used.choices).toMatchObject([{ name: 'the cat', value: 'cat' }])
})

test('a kind of answer that does not fit is refused', async () => {
  const [, interaction] = await slash()
  const { rest } = connected.client
  const url = `/interactions/${interaction.id}/${interaction.token}/callback` as const
  for (const type of [1, 7, 8, 99]) {
    expect(await refusal(rest.post(url, { body: { type, data: {} }, auth: false }))).toMatchObject({
      code: 50035,
    })
  }
  expect(await refusal(rest.post(url, { body: { type: 4, data: {} }, auth: false }))).toMatchObject({
    code: 50006,
  })
})
