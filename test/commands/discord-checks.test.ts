import { expect, it } from 'vitest'
import { checkDiscord } from '../../src/commands/discord-checks.ts'
import { personaId } from '../../src/core/ids.ts'
import { startDiscord } from '../support/discord/discord.ts'

it('`doctor` says whose token is none, without asking Discord', async () => {
  await using discord = await startDiscord()
  const bot = discord.addBot('mira')
  const [half = ''] = bot.token.split('.')
  for (const token of ['none', half, `${half}.a`, bot.applicationId, `${half}.a.b c`, `aaaaaaaaaaaa.a.b`]) {
    const found = await checkDiscord(
      {
        accounts: [{ token, persona: personaId('pascoe'), guests: [], adult: false }],
        ...{ allow: [], operators: [], roles: [], guilds: [], channels: [], always: [] },
        ...{ catchUpMinutes: 60, shards: undefined, api: discord.apiUrl, files: undefined },
      },
      AbortSignal.timeout(10_000),
    )
    expect(found, token).toMatchObject({
      status: 'fail',
      detail: 'pascoe: What is given as the token of the bot on Discord is none.',
      mend: expect.stringContaining('Reset Token'),
    })
  }
  expect(discord.requests).toEqual([])
})
