import { askApplication } from '../../adapters/discord/application.ts'
import type { DiscordConfig } from '../ops/config.ts'
import type { Finding } from '../ops/doctor.ts'

/** Each bot: its token, what it may read, and its commands; the first thing that is wrong is told. */
export async function checkDiscord(
  { accounts, api, guilds, channels }: DiscordConfig,
  signal: AbortSignal,
): Promise<Finding> {
  const well: string[] = []
  for (const { token } of accounts) {
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
