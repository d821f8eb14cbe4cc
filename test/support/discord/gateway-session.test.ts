import { Events, GatewayIntentBits } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Connected, connect, createClient } from './client.ts'
import { type Discord, startDiscord } from './discord.ts'
import type { Person } from './person.ts'
import type { Bot, Channel } from './world.ts'

/** What discord.js makes of each way in which a connection ends. */

let discord: Discord
let bot: Bot
let ada: Person
let room: Channel

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0 })
  bot = discord.addBot('mira')
  ada = discord.addPerson('ada')
  room = ada.openDirect(bot)
})
afterEach(() => discord[Symbol.asyncDispose]())

const count = (op: number): number => discord.gateway.frames.filter((frame) => frame.op === op).length
const identify = 2
const resume = 6

async function listen() {
  const connected = await connect(discord, bot)
  const heard: string[] = []
  connected.client.on('messageCreate', ({ content }) => {
    heard.push(content)
    discord.world.changed()
  })
  const until = (...contents: string[]): Promise<true> =>
    discord.until(() => JSON.stringify(heard) === JSON.stringify(contents))
  return { ...connected, heard, until }
}

/**
 * When it has begun anew: discord.js waits five seconds between two of its own identifies. It must be ready
 * again before it is destroyed: while it waits for READY, its `destroy` never ends.
 */
const begunAnew = ({ client }: Connected): Promise<void> =>
  new Promise((resolve) => client.once(Events.ShardReady, () => resolve()))

test('READY is number 1 and names a resume address, guilds come after it', async () => {
  const seen: { op: number; t?: string; s?: number; d: Record<string, unknown> }[] = []
  const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
  const client = createClient(discord)
  client.on('raw', (packet) => seen.push(packet))
  const guildThere = new Promise((resolve) => client.once('clientReady', resolve))
  await client.login(bot.token)
  await guildThere
  expect(seen.map(({ t, s }) => [t, s])).toEqual([
    ['READY', 1],
    ['GUILD_CREATE', 2],
  ])
  expect(seen[0]?.d).toMatchObject({
    guilds: [{ id: place.guild.id, unavailable: true }],
    application: { id: bot.applicationId, flags: bot.flags },
    private_channels: [],
    resume_gateway_url: discord.gatewayUrl,
    session_id: discord.gateway.sessions(bot)[0]?.id,
  })
  expect(client.guilds.cache.get(place.guild.id)?.name).toBe('Home')
  await client.destroy()
  // It said goodbye: the session is gone.
  await discord.until(() => discord.gateway.connected(bot) === 0)
  expect(discord.gateway.sessions(bot)).toEqual([])
})

test('what was missed comes after a resume, once and in order, and then what is new', async () => {
  await using listener = await listen()
  ada.say(room, '1')
  await listener.until('1')
  discord.gateway.drop(bot)
  ada.say(room, '2')
  ada.say(room, '3')
  await discord.until(() => count(resume) === 1)
  ada.say(room, '4')
  await listener.until('1', '2', '3', '4')
  expect(count(identify)).toBe(1)
})

test('op 7 makes it resume, and so does op 9 true on the same connection', async () => {
  await using listener = await listen()
  discord.gateway.askToReconnect(bot)
  await discord.until(() => discord.gateway.connected(bot) === 1 && count(resume) === 1)
  discord.gateway.invalidate(bot, true)
  ada.say(room, 'between')
  await listener.until('between')
  expect([count(identify), count(resume)]).toEqual([1, 2])
})

/** Several bots at once: each waits for itself. */
async function connectAll(names: readonly string[]) {
  const bots = names.map((name) => discord.addBot(name))
  const all = await Promise.all(bots.map(async (each) => ({ bot: each, ...(await connect(discord, each)) })))
  const sent = (name: string): number[] =>
    discord.gateway.frames.filter((frame) => frame.bot?.name === name && frame.op !== 1).map(({ op }) => op)
  const close = async (): Promise<void> => {
    for (const connected of all) await connected[Symbol.asyncDispose]()
  }
  return { all, sent, [Symbol.asyncDispose]: close }
}

test('close 4000, 4001, 4002 and unknown ones make it resume', async () => {
  const codes = [4000, 4001, 4002, 4999]
  await using bots = await connectAll(codes.map(String))
  const heard = bots.all.map(({ client }) => new Promise((resolve) => client.once('messageCreate', resolve)))
  for (const each of bots.all) {
    discord.gateway.close(each.bot, Number(each.bot.name))
    ada.say(ada.openDirect(each.bot), 'meanwhile')
  }
  await Promise.all(heard)
  for (const code of codes) expect(bots.sent(`${code}`)).toEqual([identify, resume])
})

test('close 4003, 4005, 4007, 4008, 1000, op 9 false and lost sessions make it begin anew', async () => {
  const codes = [4003, 4005, 4007, 4008, 1000]
  await using bots = await connectAll([...codes.map(String), '4009', 'op 9', 'expired'])
  const anew = bots.all.map(begunAnew)
  const heard: string[] = []
  for (const { bot: each, client } of bots.all) {
    client.on('messageCreate', ({ content }) => heard.push(content))
    if (each.name === 'op 9') discord.gateway.invalidate(each, false)
    else if (each.name === 'expired') discord.gateway.expire(each)
    else discord.gateway.close(each, Number(each.name))
    if (each.name === 'expired') discord.gateway.drop(each)
    ada.say(ada.openDirect(each), 'lost')
  }
  await Promise.all(anew)
  for (const name of [...codes.map(String), 'op 9']) expect(bots.sent(name)).toEqual([identify, identify])
  // It tried to resume, and was told that there is nothing to resume.
  for (const name of ['4009', 'expired']) expect(bots.sent(name)).toEqual([identify, resume, identify])
  expect(heard).toEqual([])
}, 20_000)

test('close 4004 and 4010 to 4014 are the end', async () => {
  const codes = [4004, 4010, 4011, 4012, 4013, 4014]
  await using bots = await connectAll(codes.map(String))
  const ended = bots.all.map(
    ({ client }) => new Promise((resolve) => client.once(Events.ShardDisconnect, resolve)),
  )
  for (const { bot: each } of bots.all) discord.gateway.close(each, Number(each.name))
  await Promise.all(ended)
  // Twice as long as it would wait before it tried again.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  for (const code of codes) expect(bots.sent(`${code}`)).toEqual([identify])
})

test('a session waits so long for its bot, and no longer', async () => {
  await using short = await startDiscord({ identifySpacingMs: 0, resumeWindowMs: 100 })
  const other = short.addBot('other')
  await using connected = await connect(short, other)
  const anew = begunAnew(connected)
  short.gateway.drop(other)
  await anew
  expect(short.gateway.frames.map(({ op }) => op).filter((op) => op !== 1)).toEqual([
    identify,
    resume,
    identify,
  ])
}, 15_000)

test('a connection that no longer answers is left for a resume', async () => {
  await using quick = await startDiscord({ identifySpacingMs: 0, heartbeatIntervalMs: 100 })
  const other = quick.addBot('other')
  const room = ada.openDirect(other)
  await using connected = await connect(quick, other)
  const heard = new Promise((resolve) => connected.client.once('messageCreate', resolve))
  quick.gateway.goSilent(other)
  const bob = quick.addPerson('bob')
  bob.say(bob.openDirect(other), 'Are you there?')
  expect(await heard).toMatchObject({ content: 'Are you there?' })
  expect(quick.gateway.frames.filter(({ op }) => op === resume)).toHaveLength(1)
  expect(room.messages.size).toBe(0)
})

test('a heartbeat that is asked for comes at once', async () => {
  await using _listener = await listen()
  const before = count(1)
  discord.gateway.requestHeartbeat(bot)
  await discord.until(() => count(1) > before)
})

test('events that were kept back come with the resume, or when they are let go', async () => {
  await using listener = await listen()
  discord.gateway.withhold(bot)
  ada.say(room, '1')
  discord.gateway.askToReconnect(bot)
  await listener.until('1')
  discord.gateway.withhold(bot)
  ada.say(room, '2')
  discord.gateway.release(bot)
  await listener.until('1', '2')
})

test('a token that was changed gets 401 before there is a connection', async () => {
  const client = createClient(discord)
  await expect(client.login('nonsense')).rejects.toMatchObject({ code: 'TokenInvalid' })
  await client.destroy()
})

test('a privileged intent that is not switched on closes with 4014', async () => {
  const plain = discord.addBot('plain', { privileged: 0 })
  const client = createClient(discord, { intents: [GatewayIntentBits.MessageContent] })
  await expect(client.login(plain.token)).rejects.toThrow('Used disallowed intents')
  await client.destroy()
})

test('without starts left discord.js does not begin', async () => {
  bot.sessionStarts.remaining = 0
  const client = createClient(discord)
  await expect(client.login(bot.token)).rejects.toThrow('Not enough sessions remaining')
  await client.destroy()
})

test('a bot that starts again too soon is sent away, and comes in when discord.js tries once more', async () => {
  await using strict = await startDiscord({ identifySpacingMs: 1000 })
  const other = strict.addBot('other')
  const first = await connect(strict, other)
  await first[Symbol.asyncDispose]()
  await using _second = await connect(strict, other)
  expect(strict.gateway.frames.filter(({ op }) => op === identify)).toHaveLength(3)
}, 15_000)
