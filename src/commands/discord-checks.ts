import { askApplication } from '../../adapters/discord/application.ts'
import { noToken } from '../../adapters/discord/errors.ts'
import { discordAccountId, isToken } from '../../adapters/discord/token.ts'
import type { DiscordConfig } from '../ops/config.ts'
import { type Finding, failed } from '../ops/doctor.ts'
import { surveyShards } from '../shards.ts'
import type { Database } from '../store/database.ts'

/** Each bot: its token, what it may read, and its commands; the first thing that is wrong is told. */
export async function checkDiscord(
  { accounts, api, guilds, channels }: DiscordConfig,
  signal: AbortSignal,
): Promise<Finding> {
  const well: string[] = []
  for (const { token, persona } of accounts) {
    if (!isToken(token)) {
      const finding = failed(noToken())
      return { ...finding, detail: `${persona}: ${finding.detail}` }
    }
    const { name, readsServers, offersCommands } = await askApplication({ token, api }, signal)
    if (guilds.length + channels.length > 0 && !readsServers) {
      return {
        status: 'fail',
        detail: `${name} may not read messages in servers`,
        mend: 'Switch on the Message Content Intent in the Developer Portal (Bot → Privileged Gateway Intents), or leave `discord.guilds` and `discord.channels` empty.',
      }
    }
    if (!offersCommands) {
      return {
        status: 'warn',
        detail: `${name} does not offer its commands yet`,
        mend: 'The next start does it.',
      }
    }
    well.push(`${name} (token, intents and commands are well)`)
  }
  return { status: 'ok', detail: well.join(', ') }
}

/** How each bot's shards are spread over the processes that run now. */
export async function checkShards(
  { accounts }: DiscordConfig,
  shards: number,
  database: Database,
): Promise<Finding> {
  await using locks = await database.locks()
  const spread: string[] = []
  for (const { token, persona } of accounts.filter((account) => isToken(account.token))) {
    const { processes, unserved } = await surveyShards(locks, discordAccountId(token), shards)
    if (processes > 0 && unserved > 0) {
      return {
        status: 'warn',
        detail: `${unserved} of the ${shards} shards of ${persona} are in no process`,
        mend: 'While shards move from one process to another that lasts for seconds. If it lasts, the logs say why.',
      }
    }
    spread.push(`${persona} (${processes === 0 ? 'no process' : `${processes} of them`})`)
  }
  return { status: 'ok', detail: `processes that share the ${shards} shards: ${spread.join(', ')}` }
}
