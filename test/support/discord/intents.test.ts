import { GatewayIntentBits as Intent } from 'discord-api-types/v10'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Discord, startDiscord } from './discord.ts'
import type { Person } from './person.ts'
import { openRaw, type RawGateway } from './raw-gateway.ts'
import type { Bot, Channel } from './world.ts'

let discord: Discord
let bot: Bot
let ada: Person
let room: Channel
let general: Channel

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0 })
  bot = discord.addBot('mira')
  ada = discord.addPerson('ada')
  room = ada.openDirect(bot)
  general = discord.addGuild('Home', { members: [ada], bots: [bot] }).addChannel('general')
})
afterEach(() => discord[Symbol.asyncDispose]())

async function ready(intents: number): Promise<RawGateway> {
  const raw = await openRaw(discord)
  raw.send({ op: 2, d: { token: bot.token, intents, properties: {} } })
  await raw.next('READY')
  return raw
}

/** Everything that can happen to a message, in both kinds of channel. */
function live(): void {
  for (const channel of [room, general]) {
    const message = ada.say(channel, 'Hello')
    ada.edit(message, 'Hello!')
    ada.react(message, '👍')
    ada.unreact(message, '👍')
    ada.type(channel)
    ada.delete(message)
  }
  const bob = discord.addPerson('bob')
  discord.places.find(({ guild }) => guild === general.guild)?.add(bob)
}

const of = (raw: RawGateway): string[] =>
  raw.received
    .filter(({ t }) => t !== undefined && t !== null)
    .map(({ t, d }) => `${t}${d.guild_id === undefined ? '' : ' in a guild'}`)
    .slice(1)

const messages = ['MESSAGE_CREATE', 'MESSAGE_UPDATE', 'MESSAGE_DELETE']
const reactions = ['MESSAGE_REACTION_ADD', 'MESSAGE_REACTION_REMOVE']
const inGuild = (names: readonly string[]): string[] => names.map((name) => `${name} in a guild`)

test.each<[name: string, intents: number, heard: readonly string[]]>([
  ['nothing', 0, []],
  ['Guilds', Intent.Guilds, ['GUILD_CREATE']],
  ['DirectMessages', Intent.DirectMessages, messages],
  ['GuildMessages', Intent.GuildMessages, inGuild(messages)],
  ['DirectMessageReactions', Intent.DirectMessageReactions, reactions],
  ['GuildMessageReactions', Intent.GuildMessageReactions, inGuild(reactions)],
  ['DirectMessageTyping', Intent.DirectMessageTyping, ['TYPING_START']],
  ['GuildMessageTyping', Intent.GuildMessageTyping, ['TYPING_START in a guild']],
  ['GuildMembers', Intent.GuildMembers, ['GUILD_MEMBER_ADD in a guild']],
  ['MessageContent', Intent.MessageContent, []],
])('with the intent %s nothing else is heard', async (_name, intents, heard) => {
  await using raw = await ready(intents)
  live()
  raw.send({ op: 1, d: null })
  await raw.next(11)
  expect(of(raw)).toEqual(heard)
})

test('a direct message carries its channel’s type and no guild, and no CHANNEL_CREATE comes before it', async () => {
  await using raw = await ready(Intent.DirectMessages | Intent.Guilds)
  const bob = discord.addPerson('bob')
  bob.say(bob.openDirect(bot), 'Hello')
  const { d } = await raw.next('MESSAGE_CREATE')
  expect(d).toMatchObject({ channel_type: 1, content: 'Hello', author: { username: 'bob', bot: false } })
  expect(d).not.toHaveProperty('guild_id')
  expect(d).not.toHaveProperty('member')
  expect(of(raw)).toEqual(['GUILD_CREATE', 'MESSAGE_CREATE'])
})

test('without MESSAGE_CONTENT a guild’s messages are blank, save the bot’s own and where it is mentioned', async () => {
  const all = Intent.GuildMessages | Intent.DirectMessages
  await using blank = await ready(all)
  await using open = await ready(all | Intent.MessageContent)
  const file = { name: 'a.txt', bytes: Buffer.from('a') }
  const cases: [text: string, channel: Channel, visible: boolean][] = [
    ['overheard', general, false],
    [`<@${bot.account.id}> mentioned`, general, true],
    ['direct', room, true],
  ]
  for (const [text, channel, visible] of cases) {
    ada.say(channel, text, { files: [file] })
    const { d } = await blank.next('MESSAGE_CREATE')
    expect([d.content, d.attachments.length]).toEqual(visible ? [text, 1] : ['', 0])
    expect((await open.next('MESSAGE_CREATE')).d.content).toBe(text)
  }
  const first = await say('my own')
  expect((await blank.next('MESSAGE_CREATE')).d.content).toBe('my own')
  // To answer a bot rings it, which is a mention too; the same without ringing is not.
  ada.say(general, 'an answer', { reply: first })
  expect((await blank.next('MESSAGE_CREATE')).d.content).toBe('an answer')
  const quiet = ada.say(general, 'a quiet answer', { reply: first, ringsReply: false })
  const { d } = await blank.next('MESSAGE_CREATE')
  expect([d.content, d.referenced_message.content]).toEqual(['', 'my own'])
  ada.edit(quiet, 'changed')
  expect((await blank.next('MESSAGE_UPDATE')).d.content).toBe('')
})

test('over HTTP the switch in the developer portal counts, not what the session asked for', async () => {
  const plain = discord.addBot('plain', { privileged: 0 })
  discord.places[0]?.add(plain)
  ada.say(general, 'overheard')
  const read = async (who: Bot): Promise<unknown> => {
    const url = `${discord.apiUrl}/v10/channels/${general.id}/messages`
    const response = await fetch(url, { headers: { authorization: `Bot ${who.token}` } })
    return ((await response.json()) as { content: string }[])[0]?.content
  }
  expect(await read(plain)).toBe('')
  expect(await read(bot)).toBe('overheard')
})

async function say(content: string): Promise<{ id: string }> {
  const response = await fetch(`${discord.apiUrl}/v10/channels/${general.id}/messages`, {
    method: 'POST',
    headers: { authorization: `Bot ${bot.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ content }),
  })
  return (await response.json()) as { id: string }
}
