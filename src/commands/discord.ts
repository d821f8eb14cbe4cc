import type { Command } from 'commander'
import { configError, type HearthError } from '../core/errors.ts'
import type { Config, DiscordConfig } from '../ops/config.ts'
import { addPairingCommands } from './pairing.ts'

export interface DiscordContext {
  readonly config: () => Promise<Config>
  readonly write: (text: string) => void
  readonly signal: AbortSignal
}

/** Adds `discord invite|pending|approve`. They throw `HearthError`. */
export function addDiscordCommand(program: Command, { config, write, signal }: DiscordContext): void {
  const discord = program.command('discord').description('look after the bots on Discord')
  const settings = async () => {
    const all = await config()
    if (all.discord === undefined) throw noDiscord()
    return { all, discord: all.discord }
  }

  discord
    .command('invite')
    .description('show the links by which a bot is added to a server, or to your own account')
    .action(async () => {
      const { discord: found } = await settings()
      // discord.js takes a moment to load, for which no other command should wait.
      const { askApplication, inviteLinks } = await import('../../adapters/discord/application.ts')
      for (const { token, persona, guests } of found.accounts) {
        const { id, name } = await askApplication({ token, api: found.api }, signal)
        const links = inviteLinks(id, guests.length > 0)
        write(
          [
            `${name}, for whom ${persona} speaks:`,
            `  add it to a server that you manage: ${links.server}`,
            `  or to your own account, without a server: ${links.person}`,
            '',
          ].join('\n'),
        )
      }
    })

  addPairingCommands(
    discord,
    write,
    async (work) => {
      const { all, discord: found } = await settings()
      const { openStorage } = await import('../storage.ts')
      await using storage = await openStorage(all, signal)
      await work({ records: storage.store.records, accounts: await accountsOf(found) })
    },
    'write to it again',
  )
}

/** Throws `HearthError` (`discord-no-token`) where none has a token. */
async function accountsOf({ accounts }: DiscordConfig) {
  const { discordAccountId, isToken } = await import('../../adapters/discord/token.ts')
  const { noToken } = await import('../../adapters/discord/errors.ts')
  const ready = accounts.filter(({ token }) => isToken(token))
  if (ready.length === 0) throw noToken()
  return ready.map(({ token, persona }) => ({ id: discordAccountId(token), name: persona as string }))
}

const noDiscord = (): HearthError =>
  configError('There is no `discord` in hearth.yaml.', {
    code: 'discord-not-configured',
    mend: 'Add it as docs/discord.md shows.',
  })
