import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js'
import { commands } from '../../src/core/events.ts'

export const talkCommand = 'talk'
export const talkOption = 'text'

/** In servers and with the bot itself, also where somebody has installed it for themselves; not among other people. */
const everywhere = {
  type: ApplicationCommandType.ChatInput as const,
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
}

/** The one list of commands, as Discord shows it, and a word to begin with. */
export const slashCommands: RESTPutAPIApplicationCommandsJSONBody = [
  {
    ...everywhere,
    name: talkCommand,
    description: 'say something, or ask to be greeted',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: talkOption,
        description: 'what you say',
        max_length: 1900,
      },
    ],
  },
  ...commands.map(({ name, summary }) => ({ ...everywhere, name, description: summary })),
]
