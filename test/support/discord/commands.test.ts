import { type APIApplicationCommand, type DiscordAPIError, Routes } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Connected, connect } from './client.ts'
import { type Discord, startDiscord } from './discord.ts'
import type { Bot } from './world.ts'

let discord: Discord
let bot: Bot
let connected: Connected

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0 })
  bot = discord.addBot('mira')
  connected = await connect(discord, bot)
})
afterEach(async () => {
  await connected[Symbol.asyncDispose]()
  await discord[Symbol.asyncDispose]()
})

const put = (...commands: object[]): Promise<unknown> =>
  connected.client.rest.put(Routes.applicationCommands(bot.applicationId), { body: commands })
const complaint = async (...commands: object[]): Promise<string> => {
  const error = await put(...commands).then(
    () => undefined,
    (each: DiscordAPIError) => each,
  )
  expect(error).toMatchObject({ code: 50035, status: 400 })
  return error?.message ?? ''
}
const option = (name: string, more: object = {}): object => ({ type: 3, name, description: name, ...more })

test('commands are set as a whole, and one that stays keeps its id', async () => {
  const ping = { name: 'ping', description: 'Answers' }
  const [first] = (await put(ping, { name: 'pong', description: 'a' })) as APIApplicationCommand[]
  const [second] = (await put({ ...ping, description: 'Answers quickly' })) as APIApplicationCommand[]
  expect(second).toMatchObject({
    id: first?.id,
    description: 'Answers quickly',
    type: 1,
    application_id: bot.applicationId,
  })
  expect(second?.version).not.toBe(first?.version)
  const { commands } = connected.client.application
  expect((await commands.fetch()).map(({ name }) => name)).toEqual(['ping'])
  const made = await commands.create({ name: 'Quote', type: 3 })
  await made.edit({ name: 'Cite' })
  await made.delete()
  expect([...bot.commands.values()].map(({ name }) => name)).toEqual(['ping'])
  await expect(made.delete()).rejects.toMatchObject({ code: 10063, status: 404 })
})

test.each<[what: string, complaint: string, command: object]>([
  ['capitals', '0.name[APPLICATION_COMMAND_INVALID_NAME]', { name: 'Ping', description: 'a' }],
  ['blanks', '0.name[APPLICATION_COMMAND_INVALID_NAME]', { name: 'pi ng', description: 'a' }],
  ['a long name', '0.name[BASE_TYPE_BAD_LENGTH]', { name: 'a'.repeat(33), description: 'a' }],
  ['no description', '0.description[BASE_TYPE_REQUIRED]', { name: 'ping' }],
  [
    'a long description',
    '0.description[BASE_TYPE_BAD_LENGTH]',
    { name: 'ping', description: 'a'.repeat(101) },
  ],
  [
    'a required option after another',
    'options[1][APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID]',
    { name: 'ping', description: 'a', options: [option('a'), option('b', { required: true })] },
  ],
  [
    'two options of one name',
    'options[1][APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE]',
    { name: 'ping', description: 'a', options: [option('a'), option('a')] },
  ],
  [
    '26 options',
    'options[BASE_TYPE_MAX_LENGTH]',
    {
      name: 'ping',
      description: 'a',
      options: Array.from({ length: 26 }, (_, index) => option(`o${index}`)),
    },
  ],
  [
    '26 choices',
    'choices[BASE_TYPE_MAX_LENGTH]',
    {
      name: 'ping',
      description: 'a',
      options: [
        option('a', { choices: Array.from({ length: 26 }, (_, i) => ({ name: `${i}`, value: `${i}` })) }),
      ],
    },
  ],
])('%s are complained of where they are', async (_what, expected, command) => {
  expect(await complaint(command)).toContain(expected)
})

test('a refused list leaves what was there', async () => {
  await put({ name: 'ping', description: 'a' })
  await complaint({ name: 'pong', description: 'a' }, { name: 'pong', description: 'b' })
  expect([...bot.commands.values()].map(({ name }) => name)).toEqual(['ping'])
})

test('a list without the way into an Activity that is there is refused', async () => {
  const { commands } = connected.client.application
  const launch = { name: 'launch', description: '', type: 4, handler: 2 }
  await connected.client.rest.post(Routes.applicationCommands(bot.applicationId), { body: launch })
  await expect(put({ name: 'ping', description: 'a' })).rejects.toMatchObject({ code: 50240, status: 400 })
  expect([...bot.commands.values()].map(({ name }) => name)).toEqual(['launch'])
  await put({ name: 'ping', description: 'a' }, { ...launch, description: 'Begin' })
  const there = await commands.fetch()
  expect(there.map(({ name }) => name)).toEqual(['ping', 'launch'])
  await there.find(({ name }) => name === 'launch')?.delete()
  await put({ name: 'ping', description: 'a' })
})

test('the commands of another application are not its own', async () => {
  const other = discord.addBot('other')
  const path = Routes.applicationCommands(other.applicationId)
  await expect(connected.client.rest.get(path)).rejects.toMatchObject({ code: 20012, status: 403 })
})
