import { GatewayIntentBits } from 'discord-api-types/v10'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Discord, startDiscord } from './discord.ts'
import { openRaw, type RawGateway } from './raw-gateway.ts'
import type { Bot } from './world.ts'

let discord: Discord
let bot: Bot

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0, maxGuildsPerShard: 2 })
  bot = discord.addBot('mira')
})
afterEach(() => discord[Symbol.asyncDispose]())

const direct = GatewayIntentBits.DirectMessages
const identify = (d: object = {}): object => ({
  op: 2,
  d: { token: bot.token, intents: direct, properties: {}, ...d },
})

async function ready(d: object = {}): Promise<RawGateway & { readonly sessionId: string }> {
  const raw = await openRaw(discord)
  raw.send(identify(d))
  const { d: told } = await raw.next('READY')
  return Object.assign(raw, { sessionId: told.session_id as string })
}

test('HELLO comes first, and heartbeats are acknowledged even before an identify', async () => {
  await using raw = await openRaw(discord)
  expect(raw.hello.d.heartbeat_interval).toBe(41_250)
  raw.send({ op: 1, d: null })
  expect((await raw.next(11)).op).toBe(11)
})

test('a second identify within the spacing is answered with op 9 false', async () => {
  await using slow = await startDiscord({ identifySpacingMs: 300 })
  const other = slow.addBot('other')
  const greet = { op: 2, d: { token: other.token, intents: direct, properties: {} } }
  await using first = await openRaw(slow)
  first.send(greet)
  await first.next('READY')
  await using second = await openRaw(slow)
  second.send(greet)
  expect((await second.next(9)).d).toBe(false)
  await new Promise((resolve) => setTimeout(resolve, 350))
  await using third = await openRaw(slow)
  third.send(greet)
  await third.next('READY')
  expect(other.sessionStarts.remaining).toBe(998)
})

test.each<[what: string, code: number, d: object]>([
  ['a token of nobody', 4004, { token: 'nobody' }],
  ['a shard beyond the count', 4010, { shard: [2, 2] }],
  ['a shard below nought', 4010, { shard: [-1, 2] }],
  ['more guilds than a shard takes', 4011, { shard: [0, 1] }],
  ['an intent that there is not', 4013, { intents: 1 << 30 }],
  ['no intents', 4013, { intents: undefined }],
])('%s closes with %i', async (_what, code, d) => {
  for (const name of ['1', '2', '3']) discord.addGuild(name, { bots: [bot], shard: [0, 2] })
  await using raw = await openRaw(discord)
  raw.send(identify({ shard: [1, 2], ...d }))
  expect(await raw.closed).toBe(code)
})

test('each privileged intent has to be switched on', async () => {
  const plain = discord.addBot('plain', { privileged: GatewayIntentBits.GuildMembers })
  for (const intents of [GatewayIntentBits.MessageContent, GatewayIntentBits.GuildPresences]) {
    await using raw = await openRaw(discord)
    raw.send({ op: 2, d: { token: plain.token, intents: intents | GatewayIntentBits.GuildMembers } })
    expect(await raw.closed).toBe(4014)
  }
})

test.each<[what: string, code: number, payload: unknown]>([
  ['what is no JSON', 4002, '{"op":'],
  ['what is too long', 4002, { op: 3, d: 'a'.repeat(5000) }],
  ['an opcode that there is not', 4001, { op: 99 }],
  ['another identify', 4005, { op: 2, d: {} }],
])('%s closes with %i', async (_what, code, payload) => {
  await using raw = await ready()
  raw.send(payload)
  expect(await raw.closed).toBe(code)
})

test('a presence before an identify closes with 4003; afterwards it is taken, as voice is', async () => {
  await using early = await openRaw(discord)
  early.send({ op: 3, d: {} })
  expect(await early.closed).toBe(4003)
  await using raw = await ready()
  raw.send({ op: 3, d: { since: null, activities: [], status: 'online', afk: false } })
  raw.send({ op: 4, d: { guild_id: '1', channel_id: null } })
  raw.send({ op: 1, d: 1 })
  await raw.next(11)
})

test('another version closes with 4012', async () => {
  await using raw = await openRaw(discord, '?v=5&encoding=json')
  expect(await raw.closed).toBe(4012)
})

test('more than 120 payloads a minute close with 4008', async () => {
  await using raw = await ready()
  for (let count = 0; count < 119; count++) raw.send({ op: 1, d: null })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(raw.socket.readyState).toBe(raw.socket.OPEN)
  raw.send({ op: 1, d: null })
  expect(await raw.closed).toBe(4008)
})

test('whoever sends no heartbeat in time is closed upon', async () => {
  await using quick = await startDiscord({ heartbeatIntervalMs: 50 })
  await using raw = await openRaw(quick)
  expect(await raw.closed).toBe(4000)
})

test('a resume replays what is after its number, then says RESUMED, and numbers go on', async () => {
  const ada = discord.addPerson('ada')
  const room = ada.openDirect(bot)
  await using first = await ready()
  ada.say(room, '1')
  ada.say(room, '2')
  await first.next('MESSAGE_CREATE')
  first.socket.terminate()
  await discord.until(() => discord.gateway.connected(bot) === 0)
  ada.say(room, '3')
  await using second = await openRaw(discord)
  second.send({ op: 6, d: { token: bot.token, session_id: first.sessionId, seq: 2 } })
  await second.next('RESUMED')
  ada.say(room, '4')
  for (let count = 0; count < 3; count++) await second.next('MESSAGE_CREATE')
  expect(second.received.slice(1).map(({ t, s, d }) => [t, s, d.content])).toEqual([
    ['MESSAGE_CREATE', 3, '2'],
    ['MESSAGE_CREATE', 4, '3'],
    ['RESUMED', 5, undefined],
    ['MESSAGE_CREATE', 6, '4'],
  ])
})

test.each<[what: string, expected: number, d: object]>([
  ['a number that never was', 4007, { seq: 99 }],
  ['another token', 4004, { token: 'nobody' }],
  ['an unknown session', 9, { session_id: 'unknown' }],
])('a resume with %s ends in %i', async (_what, expected, d) => {
  await using first = await ready()
  await using second = await openRaw(discord)
  second.send({ op: 6, d: { token: bot.token, session_id: first.sessionId, seq: 1, ...d } })
  if (expected === 9) expect((await second.next(9)).d).toBe(false)
  else expect(await second.closed).toBe(expected)
})

test('whoever goes with 1000 or 1001 ends the session; with another code, it waits', async () => {
  for (const code of [1000, 1001, 4200]) {
    await using raw = await ready()
    raw.socket.close(code)
    await raw.closed
    await discord.until(() => discord.gateway.connected(bot) === 0)
    expect(discord.gateway.sessions(bot)).toHaveLength(code === 4200 ? 1 : 0)
  }
})

test('guilds go to the shard of their id, direct messages to shard 0 alone', async () => {
  const ada = discord.addPerson('ada')
  const intents =
    GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.MessageContent | direct
  const even = discord.addGuild('even', { members: [ada], bots: [bot], shard: [0, 2] })
  const odd = discord.addGuild('odd', { members: [ada], bots: [bot], shard: [1, 2] })
  await using zero = await ready({ shard: [0, 2], intents })
  await using one = await ready({ shard: [1, 2], intents })
  expect((await zero.next('GUILD_CREATE')).d.id).toBe(even.guild.id)
  expect((await one.next('GUILD_CREATE')).d.id).toBe(odd.guild.id)
  ada.say(odd.addChannel('general'), 'in the odd one')
  ada.say(ada.openDirect(bot), 'directly')
  expect((await one.next('MESSAGE_CREATE')).d.content).toBe('in the odd one')
  expect((await zero.next('MESSAGE_CREATE')).d.content).toBe('directly')
  one.send({ op: 1, d: null })
  await one.next(11)
  expect(one.received.filter(({ t }) => t === 'MESSAGE_CREATE')).toHaveLength(1)
})

test('members are told who asked for them, and all of them only with the intent', async () => {
  const ada = discord.addPerson('ada')
  const { guild } = discord.addGuild('Home', { members: [ada], bots: [bot] })
  const ask = { guild_id: guild.id, query: '', limit: 0, nonce: 'n' }
  for (const [intents, count] of [
    [GatewayIntentBits.Guilds, 0],
    [GatewayIntentBits.Guilds | GatewayIntentBits.GuildMembers, 3],
  ] as const) {
    await using raw = await ready({ intents })
    raw.send({ op: 8, d: ask })
    const { d } = await raw.next('GUILD_MEMBERS_CHUNK')
    expect(d).toMatchObject({ nonce: 'n', chunk_index: 0, chunk_count: 1, not_found: [] })
    expect(d.members).toHaveLength(count)
    raw.send({ op: 8, d: { guild_id: guild.id, user_ids: [ada.id, '12345678901234567'] } })
    const named = await raw.next('GUILD_MEMBERS_CHUNK')
    expect(named.d.members[0].user.username).toBe('ada')
    expect(named.d.not_found).toEqual(['12345678901234567'])
  }
})
