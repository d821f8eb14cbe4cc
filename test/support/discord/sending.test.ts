import { Buffer } from 'node:buffer'

import { type DiscordAPIError, type DMChannel, RESTEvents } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Connected, connect } from './client.ts'
import { type Discord, startDiscord } from './discord.ts'
import type { Person } from './person.ts'
import type { Bot, Channel } from './world.ts'

const sendRoute = 'POST /channels/:channel/messages'

let discord: Discord
let bot: Bot
let ada: Person
let room: Channel
let connected: Connected
let channel: DMChannel

beforeEach(async () => {
  discord = await startDiscord({ identifySpacingMs: 0 })
  bot = discord.addBot('mira')
  ada = discord.addPerson('ada')
  room = ada.openDirect(bot)
  connected = await connect(discord, bot, { rest: { timeout: 300, offset: 0 } })
  channel = (await connected.client.channels.fetch(room.id)) as DMChannel
})
afterEach(async () => {
  await connected[Symbol.asyncDispose]()
  await discord[Symbol.asyncDispose]()
})

const contents = (): string[] => discord.messages(room).map(({ content }) => content)
const refusal = (promise: Promise<unknown>): Promise<DiscordAPIError> =>
  promise.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error) => error,
  )

test('2000 characters are code points: as many emoji go through, one more does not', async () => {
  await channel.send('🌲'.repeat(2000))
  const error = await refusal(channel.send('🌲'.repeat(2001)))
  expect(error).toMatchObject({ code: 50035, status: 400 })
  expect(error.message).toContain('content[BASE_TYPE_MAX_LENGTH]: Must be 2000 or fewer in length.')
  const edit = await refusal(channel.lastMessage?.edit('a'.repeat(2001)) ?? Promise.resolve())
  expect(edit.code).toBe(50035)
})

test('a message of nothing is refused, and one of blanks is nothing', async () => {
  expect(await refusal(channel.send('   \n'))).toMatchObject({ code: 50006, status: 400 })
})

test('a server error after the work makes discord.js say it twice', async () => {
  discord.faults.next({ route: sendRoute, kind: 500, when: 'after' })
  await channel.send('Once?')
  expect(contents()).toEqual(['Once?', 'Once?'])
})

test('a nonce that is enforced makes it one message, which the second try is given', async () => {
  discord.faults.next({ route: sendRoute, kind: 'reset', when: 'after' })
  discord.faults.next({ route: sendRoute, kind: 502, when: 'after' })
  const message = await channel.send({ content: 'Once', nonce: 'turn-7', enforceNonce: true })
  expect(discord.requests.filter(({ route }) => route === sendRoute)).toHaveLength(3)
  expect(contents()).toEqual(['Once'])
  expect(message.id).toBe(discord.messages(room)[0]?.id)
})

test('a nonce counts for one author in one channel, and only where it is enforced', async () => {
  await channel.send({ content: 'one', nonce: 'n', enforceNonce: true })
  await channel.send({ content: 'two', nonce: 'n' })
  const other = discord.addPerson('bob').openDirect(bot)
  const there = (await connected.client.channels.fetch(other.id)) as DMChannel
  await there.send({ content: 'three', nonce: 'n', enforceNonce: true })
  expect(contents()).toEqual(['one', 'two'])
  expect(discord.messages(other)).toHaveLength(1)
  const error = await refusal(channel.send({ content: 'long', nonce: 'n'.repeat(26), enforceNonce: true }))
  expect(error.message).toContain('nonce[BASE_TYPE_MAX_LENGTH]')
  // It is told where a message is made, and nowhere else.
  const path = `/channels/${room.id}/messages` as const
  expect(JSON.stringify(await connected.client.rest.get(path))).not.toContain('nonce')
})

test('after a while a nonce is forgotten', async () => {
  await using short = await startDiscord({ nonceLivesMs: 50 })
  const other = short.addBot('other')
  const bob = short.addPerson('bob').openDirect(other)
  const say = (): Promise<Response> =>
    fetch(`${short.apiUrl}/v10/channels/${bob.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${other.token}`, 'content-type': 'application/json' },
      body: '{"content":"a","nonce":"n","enforce_nonce":true}',
    })
  const [first, second] = [await (await say()).json(), await (await say()).json()]
  expect(second).toMatchObject({ id: (first as { id: string }).id, nonce: 'n' })
  await new Promise((resolve) => setTimeout(resolve, 60))
  await say()
  expect(short.messages(bob)).toHaveLength(2)
})

test('an answer that never comes is asked for again, and so is one on a connection that breaks', async () => {
  discord.faults.next({ route: sendRoute, kind: 'hang' })
  await channel.send('after the silence')
  discord.faults.next({ route: sendRoute, kind: 'reset' })
  await channel.send('after the break')
  expect(contents()).toEqual(['after the silence', 'after the break'])
  discord.faults.next({ route: sendRoute, kind: 'slow', lateMs: 50 })
  await channel.send('after a while')
})

test('four failures are too many for discord.js', async () => {
  discord.faults.next({ route: sendRoute, kind: 503, times: 4 })
  expect(await refusal(channel.send('No'))).toMatchObject({ name: 'HTTPError', status: 503 })
  expect(contents()).toEqual([])
  discord.faults.away = true
  await refusal(channel.send('No'))
  discord.faults.away = false
  await channel.send('Yes')
  expect(contents()).toEqual(['Yes'])
})

test('the sixth message within five seconds waits in discord.js, and no 429 is given', async () => {
  discord.limits.set(sendRoute, { limit: 5, windowMs: 400 })
  const begunAt = performance.now()
  for (let count = 1; count <= 6; count++) await channel.send(`${count}`)
  expect(performance.now() - begunAt).toBeGreaterThan(350)
  expect(discord.limits.refused).toEqual([])
})

test('a caller who does not heed the headers gets 429 with them, and is told for how long', async () => {
  const say = (): Promise<Response> =>
    fetch(`${discord.apiUrl}/v10/channels/${room.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${bot.token}`, 'content-type': 'application/json' },
      body: '{"content":"a"}',
    })
  const first = await say()
  expect(first.headers.get('x-ratelimit-limit')).toBe('5')
  expect(first.headers.get('x-ratelimit-remaining')).toBe('4')
  expect(first.headers.get('x-ratelimit-reset-after')).toMatch(/^[45]\.\d{3}$/)
  expect(first.headers.get('x-ratelimit-scope')).toBeNull()
  for (let count = 2; count <= 5; count++) await say()
  const refused = await say()
  const body = (await refused.json()) as { retry_after: number }
  expect(refused.status).toBe(429)
  expect(body).toEqual({
    message: 'You are being rate limited.',
    retry_after: expect.any(Number),
    global: false,
  })
  expect(body.retry_after % 1).not.toBe(0)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(refused.headers.get('x-ratelimit-scope')).toBe('user')
  expect(refused.headers.get('x-ratelimit-bucket')).toBe(first.headers.get('x-ratelimit-bucket'))
  expect(discord.limits.refused).toMatchObject([{ route: sendRoute, scope: 'user' }])
  expect(discord.limits.invalidRequests).toBe(1)
  discord.limits.enabled = false
  expect((await say()).status).toBe(200)
})

test('fifty requests a second are the most for all routes together', async () => {
  const look = (): Promise<Response> =>
    fetch(`${discord.apiUrl}/v10/users/@me`, { headers: { authorization: `Bot ${bot.token}` } })
  discord.limits.set('GET /users/@me', { limit: 1000, windowMs: 1000 })
  const answers = await Promise.all(Array.from({ length: 60 }, look))
  const refused = answers.find(({ status }) => status === 429)
  expect(refused?.headers.get('x-ratelimit-global')).toBe('true')
  expect(refused?.headers.get('x-ratelimit-scope')).toBe('global')
  expect(await refused?.json()).toMatchObject({ global: true })
})

test.each(['user', 'global', 'shared', 'cloudflare'] as const)(
  'discord.js sits out a 429 of the kind %s and then succeeds',
  async (scope) => {
    discord.limits.refuseNext(sendRoute, { scope, retryAfterMs: 200 })
    await channel.send('at last')
    expect(contents()).toEqual(['at last'])
    expect(discord.limits.refused).toMatchObject([{ scope }])
    expect(discord.limits.invalidRequests).toBe(scope === 'shared' ? 0 : 1)
  },
)

test('whoever asks to be told is told of a limit instead of waiting', async () => {
  await using other = await connect(discord, bot, { rest: { rejectOnRateLimit: () => true } })
  discord.limits.refuseNext(sendRoute, { retryAfterMs: 60_000 })
  const there = (await other.client.channels.fetch(room.id)) as DMChannel
  await expect(there.send('No')).rejects.toMatchObject({ name: 'RateLimitError[/channels/:id/messages]' })
})

test('edits have a bucket of their own, and share it between messages', async () => {
  const buckets = new Set<string>()
  connected.client.rest.on(RESTEvents.Response, ({ method, route }, { headers }) => {
    buckets.add(`${method} ${route} ${headers.get('x-ratelimit-bucket')}`)
  })
  const [one, two] = [await channel.send('1'), await channel.send('2')]
  await one.edit('1a')
  await two.edit('2a')
  expect(buckets.size).toBe(2)
  expect(new Set([...buckets].map((line) => line.split(' ').at(-1))).size).toBe(2)
})

test('a reaction is counted with the next one a quarter of a second apart', async () => {
  const message = ada.say(room, 'Hello')
  const ask = (method: string, emoji: string): Promise<Response> => {
    const path = `/channels/${room.id}/messages/${message.id}/reactions/${encodeURIComponent(emoji)}/@me`
    const headers = { authorization: `Bot ${bot.token}` }
    return fetch(`${discord.apiUrl}/v10${path}`, { method, headers })
  }
  expect((await ask('PUT', '👍')).status).toBe(204)
  expect((await ask('PUT', '❤️')).status).toBe(429)
  expect((await ask('DELETE', '👍')).status).toBe(429)
  expect(discord.messages(room)[0]?.reactions).toEqual({ '👍': ['mira'] })
})

test('whoever blocked the bot, closed their door or shares no guild any more cannot be written to', async () => {
  ada.block(bot)
  expect(await refusal(channel.send('Hello'))).toMatchObject({ code: 50007, status: 403 })
  ada.unblock(bot)
  ada.refuseDirectMessages(true)
  expect(await refusal(channel.send('Hello'))).toMatchObject({ code: 50007 })
  ada.refuseDirectMessages(false)
  await channel.send('Hello')
})

test('what is not there, and what is somebody else’s', async () => {
  const gone = ada.say(room, 'Hello')
  expect(await refusal(connected.client.channels.fetch('1'.repeat(18)))).toMatchObject({
    code: 10003,
    status: 404,
  })
  const foreign = discord.addPerson('bob').openDirect(discord.addBot('other'))
  expect(await refusal(connected.client.channels.fetch(foreign.id))).toMatchObject({
    code: 50001,
    status: 403,
  })
  const message = await channel.messages.fetch(gone.id)
  const { rest } = connected.client
  const path = `/channels/${room.id}/messages/${gone.id}` as const
  expect(await refusal(rest.patch(path, { body: { content: 'mine' } }))).toMatchObject({
    code: 50005,
    status: 403,
  })
  expect(await refusal(message.delete())).toMatchObject({ code: 50003, status: 403 })
  ada.delete(gone)
  expect(await refusal(channel.messages.fetch({ message: gone.id, force: true }))).toMatchObject({
    code: 10008,
    status: 404,
  })
  const missing = await refusal(
    channel.send({ content: 'a', reply: { messageReference: gone.id, failIfNotExists: true } }),
  )
  expect(missing.message).toContain('message_reference[REPLIES_UNKNOWN_MESSAGE]: Unknown message')
  await channel.send({ content: 'a', reply: { messageReference: gone.id, failIfNotExists: false } })
})

test('a bad token is 401, and discord.js drops its own for good after one', async () => {
  const { rest } = connected.client
  discord.world.bots[0]!.token = 'changed'
  expect(await refusal(channel.send('Hello'))).toMatchObject({ status: 401, code: 0 })
  await expect(rest.get('/users/@me')).rejects.toThrow('Expected token to be set')
})

test('routes, methods, versions and JSON that are none', async () => {
  const ask = async (method: string, path: string, body?: string): Promise<unknown> => {
    const headers = { authorization: `Bot ${bot.token}`, 'content-type': 'application/json' }
    const response = await fetch(`${discord.apiUrl}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    return [response.status, ((await response.json()) as { code: number }).code]
  }
  expect(await ask('GET', '/v10/nothing')).toEqual([404, 0])
  expect(await ask('DELETE', '/v10/users/@me')).toEqual([405, 0])
  expect(await ask('GET', '/v3/users/@me')).toEqual([400, 50041])
  expect(await ask('POST', `/v10/channels/${room.id}/messages`, '{"content"')).toEqual([400, 50109])
})

test('files go both ways: up to ten of 10 MiB, and down from the CDN', async () => {
  // So much takes a busy machine a while.
  connected.client.rest.options.timeout = 15_000
  const sent = await channel.send({
    content: 'look',
    files: [{ attachment: Buffer.from('leaves'), name: 'a leaf.txt', description: 'a leaf' }],
  })
  const attachment = sent.attachments.first()
  expect(attachment).toMatchObject({ name: 'a_leaf.txt', size: 6, description: 'a leaf' })
  expect(await (await fetch(attachment?.url ?? '')).text()).toBe('leaves')
  expect((await fetch(attachment?.url.split('?')[0] ?? '')).status).toBe(404)

  const big = Buffer.alloc(10 * 1024 * 1024 + 1)
  expect(await refusal(channel.send({ files: [big] }))).toMatchObject({ code: 40005, status: 413 })
  const eleven = Array.from({ length: 11 }, () => Buffer.from('a'))
  expect(await refusal(channel.send({ files: eleven }))).toMatchObject({ code: 50035 })

  const drawn = ada.say(room, 'mine', {
    files: [{ name: 'b.png', bytes: Buffer.from('png'), contentType: 'image/png' }],
  })
  const fetched = await channel.messages.fetch(drawn.id)
  expect(fetched.attachments.first()).toMatchObject({ contentType: 'image/png', size: 3 })
})

test('history comes newest first, a hundred at most, before, after and around a message', async () => {
  const said = Array.from({ length: 130 }, (_, index) => ada.say(room, `${index}`))
  const fetchIds = async (query: object): Promise<string[]> =>
    [...(await channel.messages.fetch({ cache: false, ...query })).values()].map(({ content }) => content)
  expect(await fetchIds({})).toHaveLength(50)
  expect((await fetchIds({ limit: 100 })).slice(0, 2)).toEqual(['129', '128'])
  expect(await fetchIds({ limit: 2, after: said[10]!.id })).toEqual(['12', '11'])
  expect(await fetchIds({ limit: 2, before: said[10]!.id })).toEqual(['9', '8'])
  expect(await fetchIds({ limit: 3, around: said[10]!.id })).toEqual(['11', '10', '9'])
  expect((await refusal(channel.messages.fetch({ limit: 101 }))).code).toBe(50035)
})

test('each request is on record, with its route, its body and the bot that made it', async () => {
  await channel.send('Hello')
  expect(discord.requests.at(-1)).toMatchObject({
    method: 'POST',
    route: sendRoute,
    path: `/api/v10/channels/${room.id}/messages`,
    // Fields that this double does not know are let through: discord.js sends many.
    body: {
      content: 'Hello',
      enforce_nonce: false,
      tts: false,
      allowed_mentions: { parse: [], replied_user: false },
    },
    bot: { name: 'mira' },
    status: 200,
  })
})
