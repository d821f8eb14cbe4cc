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

/** Everywhere: in servers, with the bot itself, and where somebody has installed it for themselves. */
const everywhere = {
  type: ApplicationCommandType.ChatInput as const,
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [
    InteractionContextType.Guild,
    InteractionContextType.BotDM,
    InteractionContextType.PrivateChannel,
  ],
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
