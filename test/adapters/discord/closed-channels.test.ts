import { setTimeout as sleep } from 'node:timers/promises'
import type { APIRole } from 'discord-api-types/v10'
import { describe, expect, vi } from 'vitest'
import { everybody, listen, makeAccount } from '../../support/discord/account.ts'
import type { Place } from '../../support/discord/guild-driver.ts'
import { onDiscord, received, soon, texts } from '../../support/discord/scene.ts'
import type { Bot, Channel } from '../../support/discord/world.ts'

interface Closed {
  readonly place: Place
  readonly general: Channel
  readonly bot: Bot
  readonly readers: APIRole
}

const all = ['Meanwhile,', 'Mira, are you there?', 'Mira, are you there?', 'Mira?']
const it = onDiscord()

describe('a channel that was closed to a bot on Discord', () => {
  it.for<[string, (closed: Closed) => void, (closed: Closed) => void]>([
    [
      'may be seen again',
      ({ place, general, bot }) => place.forbid(general, bot, ['ViewChannel']),
      ({ place, general, bot }) => place.allow(general, bot, ['ViewChannel']),
    ],
    [
      'may be read again, and was heard all the time',
      ({ place, general, bot }) => place.forbid(general, bot, ['ReadMessageHistory']),
      ({ place, general, bot }) => place.allow(general, bot, ['ReadMessageHistory']),
    ],
    [
      'is open to a role that the bot is given',
      ({ place, general, readers }) => {
        place.forbid(general, place.guild.id, ['ViewChannel'])
        place.allow(general, readers.id, ['ViewChannel'])
      },
      ({ place, bot, readers }) => place.giveRole(bot, readers),
    ],
    [
      'is open to a role of the bot that may see more than before',
      ({ place, bot, readers }) => {
        place.changeRole(place.guild.roles.get(place.guild.id)!, ['SendMessages'])
        place.giveRole(bot, readers)
      },
      ({ place, readers }) => place.changeRole(readers, ['ViewChannel', 'ReadMessageHistory']),
    ],
  ])('is caught up on when it %s', async ([, close, reopen], { discord, bot, ada, channel, open }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const [general, other] = [place.addChannel('general'), place.addChannel('other')]
    const closed = { place, general, bot, readers: place.addRole('readers') }
    const thread = ada.startThread(general, 'plums')
    const { connect, news } = makeAccount(discord, bot, {
      allowed: { ...everybody, channels: [general.id, other.id] },
    })
    const first = await listen(discord, bot, connect())
    for (const where of [general, thread]) ada.say(where, 'Mira, hello.')
    await received(first, 2)
    await first[Symbol.asyncDispose]()
    close(closed)
    for (const where of [general, thread]) ada.say(where, 'Mira, are you there?')
    const looked = ({ id }: Channel) =>
      discord.requests.filter(
        ({ path, status }) => status !== 0 && (path.endsWith(`/${id}`) || path.endsWith(`/${id}/messages`)),
      ).length
    const before = [looked(general), looked(thread)] as const
    const second = open.use(await listen(discord, bot, connect()))
    await discord.until(() => looked(general) > before[0] && looked(thread) > before[1])
    place.updateChannel(other, { topic: 'of no matter' })
    ada.say(general, 'Mira?')
    ada.say(channel, 'Meanwhile,')
    await vi.waitFor(() => expect(texts(second)).toContain('Meanwhile,'), soon)
    // What is arranged elsewhere costs no request.
    expect(looked(general)).toBe(before[0] + 1)
    reopen(closed)
    await vi.waitFor(() => expect(texts(second).toSorted()).toEqual(all), soon)
    expect(news.map(({ kind }) => kind)).not.toContain('passed-over')
  })
  it('is not asked for at each of many changes', async ({ discord, bot, ada, open }) => {
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    const roles = Array.from({ length: 40 }, (_, n) => place.addRole(`role ${n}`))
    const { connect } = makeAccount(discord, bot, { allowed: { ...everybody, channels: [general.id] } })
    const first = await listen(discord, bot, connect())
    ada.say(general, 'Mira, hello.')
    await received(first, 1)
    await first[Symbol.asyncDispose]()
    place.forbid(general, bot, ['ViewChannel'])
    const refused = () => discord.requests.filter(({ status }) => status === 403).length
    const second = open.use(await listen(discord, bot, connect()))
    await discord.until(() => refused() === 1)
    ada.say(general, 'Mira, are you there?')
    for (const role of roles) place.changeRole(role, ['SendMessages'])
    await discord.until(() => refused() > 1)
    await sleep(500)
    expect(refused()).toBeLessThan(5)
    place.allow(general, bot, ['ViewChannel'])
    await received(second, 1)
  })
})
