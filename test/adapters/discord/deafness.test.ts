import { expect, it, vi } from 'vitest'
import { createDeafness } from '../../../adapters/discord/deafness.ts'
import { idAt } from '../../../adapters/discord/snowflake.ts'
import { storeError } from '../../../src/core/errors.ts'
import { everybody, listen, makeAccount } from '../../support/discord/account.ts'
import { onDiscord, received, soon, texts } from '../../support/discord/scene.ts'

const minuteMs = 60_000

const hour = onDiscord().extend('hour', async ({ discord, bot, ada, open }) => async () => {
  const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
  const [general, garden, attic] = ['general', 'garden', 'attic'].map((name) => place.addChannel(name))
  const account = makeAccount(discord, bot, { allowed: { ...everybody, guilds: [place.guild.id] } })
  const say = (channel: typeof general, text: string, minutesAgo: number) =>
    ada.say(channel!, text, { sentAt: new Date(Date.now() - minutesAgo * minuteMs) })
  const first = await listen(discord, bot, account.connect())
  say(general, 'Before.', 30)
  await received(first, 1)
  await first[Symbol.asyncDispose]()
  say(garden, 'Mira, are you there?', 20)
  say(attic, 'Long ago.', 40)
  const again = async () => open.use(await listen(discord, bot, account.connect()))
  const now = async (listening: Awaited<ReturnType<typeof again>>) => {
    say(general, 'Now.', 0)
    await vi.waitFor(() => expect(texts(listening)).toContain('Now.'), soon)
  }
  return { account, again, now, garden: garden! }
})

hour(
  'what was said in channels that were never heard before is read from when nobody listened any more',
  async ({ hour }) => {
    const { again } = await hour()
    const listening = await again()
    await received(listening, 1)
    expect(texts(listening)).toEqual(['Mira, are you there?'])
  },
)

hour(
  'it is read from there also where the next process ends before it is',
  async ({ discord, bot, hour }) => {
    const { account, again, now, garden } = await hour()
    const stuck = await listen(discord, bot, account.connect(), async ({ room }) => {
      if (String(room.externalId) === garden.id)
        throw storeError('The database is away.', { code: 'test-away', retryable: true })
    })
    await vi.waitFor(() => expect(account.news.some(({ kind }) => kind === 'troubled')).toBe(true), soon)
    await now(stuck)
    await stuck[Symbol.asyncDispose]()
    const listening = await again()
    await received(listening, 1)
    expect(texts(listening)).toEqual(['Mira, are you there?'])
  },
)

it('a server that is out of order is deaf from then on, one that is new is not, and nobody looks further back than is answered', () => {
  const nowMs = Date.now()
  const places = { all: [{ channel: '1', guild: '4194304', last: idAt(nowMs - 30 * minuteMs) }] }
  const deafness = createDeafness(places, 60 * minuteMs)
  const minutes = (guild: string) => Math.round((Date.now() - deafness.end(guild)) / minuteMs)
  deafness.begin(['4194304', '8388608'], { id: 1, of: 2 })
  deafness.beginIn('8388608')
  expect([minutes('4194304'), minutes('8388608'), minutes('8388608')]).toEqual([31, 31, 1])
  const bounded = createDeafness(places, 10 * minuteMs)
  bounded.begin(['4194304'], { id: 1, of: 2 })
  expect(Math.round((Date.now() - bounded.end('4194304')) / minuteMs)).toBe(10)
  // What was heard by the other shard says nothing about this one.
  deafness.begin(['0'], { id: 0, of: 2 })
  expect(minutes('0')).toBe(1)
  vi.useFakeTimers({ now: nowMs })
  deafness.beginIn('8388608')
  vi.setSystemTime(nowMs + 5 * minuteMs)
  expect(minutes('8388608')).toBe(6)
  vi.useRealTimers()
})
