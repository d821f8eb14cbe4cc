import type { GuildMember, Role, TextChannel } from 'discord.js'
import { expect, test } from 'vitest'

import { connect } from './client.ts'
import { startDiscord } from './discord.ts'

test('a bot hears of its own roles without asking for those of others, and what they let it do counts', async () => {
  await using discord = await startDiscord({ identifySpacingMs: 0 })
  const [bot, ada] = [discord.addBot('mira'), discord.addPerson('ada')]
  const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
  const general = place.addChannel('general')
  const [quiet, readers] = [place.addRole('quiet'), place.addRole('readers')]
  place.forbid(general, place.guild.id, ['ViewChannel'])
  place.allow(general, readers.id, ['ViewChannel'])
  ada.say(general, 'Hello')
  await using connected = await connect(discord, bot)
  const { client } = connected
  const read = async () =>
    (await ((await client.channels.fetch(general.id)) as TextChannel).messages.fetch()).size
  await expect(read()).rejects.toMatchObject({ code: 50001 })

  const told = new Promise<GuildMember>((resolve) => {
    client.once('guildMemberUpdate', (_, member) => resolve(member))
  })
  place.giveRole(ada, readers)
  place.giveRole(bot, readers)
  expect((await told).user.username).toBe('mira')
  expect(await read()).toBe(1)

  const changed = new Promise<Role>((resolve) => {
    client.once('roleUpdate', (_, role) => resolve(role))
  })
  place.changeRole(quiet, ['ManageMessages'])
  expect((await changed).permissions.has('ManageMessages')).toBe(true)
})
