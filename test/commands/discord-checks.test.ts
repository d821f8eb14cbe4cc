import { expect, it } from 'vitest'
import { checkDiscord } from '../../src/commands/discord-checks.ts'
import { personaId } from '../../src/core/ids.ts'
import { type Discord, startDiscord } from '../support/discord/discord.ts'

const check = (discord: Discord, token: string, guilds: readonly string[] = []) =>
  checkDiscord(
    {
      accounts: [{ token, persona: personaId('pascoe'), guests: [], adult: false }],
      ...{ allow: [], operators: [], roles: [], guilds, channels: [], always: [] },
      ...{ catchUpMinutes: 60, shards: undefined, api: discord.apiUrl, files: undefined },
    },
    AbortSignal.timeout(10_000),
  )

it('`doctor` says whose token is none, without asking Discord', async () => {
  await using discord = await startDiscord()
  const bot = discord.addBot('mira')
  const [half = ''] = bot.token.split('.')
  for (const token of ['none', half, `${half}.a`, bot.applicationId, `${half}.a.b c`, `aaaaaaaaaaaa.a.b`]) {
    expect(await check(discord, token), token).toMatchObject({
      status: 'fail',
      detail: 'pascoe: What is given as the token of the bot on Discord is none.',
      mend: expect.stringContaining('Reset Token'),
    })
  }
  expect(discord.requests).toEqual([])
})

it('`doctor` says that a token is not accepted, and which switch is not set, where it is needed', async () => {
  await using discord = await startDiscord()
  const bot = discord.addBot('mira', { privileged: 0 })
  await expect(check(discord, `${bot.token}x`)).rejects.toMatchObject({ code: 'discord-wrong-token' })
  expect(await check(discord, bot.token, ['123456789012345678'])).toMatchObject({
    status: 'fail',
    detail: 'mira may not read messages in servers',
    mend: expect.stringContaining('Message Content Intent'),
  })
  expect((await check(discord, bot.token)).detail).not.toContain('may not read')
})
