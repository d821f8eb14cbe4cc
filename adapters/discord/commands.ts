import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js'
import { commands } from '../../src/core/events.ts'

export const talkCommand = 'talk'
export const talkOption = 'text'
export const whomOption = 'whom'

/** In servers and with the bot itself, also where somebody has installed it for themselves; not among other people. */
const everywhere = {
  type: ApplicationCommandType.ChatInput as const,
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
}

/** What somebody says by a command. */
const words: APIApplicationCommandBasicOption = {
  type: ApplicationCommandOptionType.String,
  name: talkOption,
  description: 'what you say',
  max_length: 1900,
}

/**
 * The one list of commands, as Discord shows it, and a word to begin with. `personas`: all who speak through the
 * bot, itself first.
 */
export function slashCommands(personas: readonly string[]): RESTPutAPIApplicationCommandsJSONBody {
  const whom: readonly APIApplicationCommandBasicOption[] =
    personas.length < 2
      ? []
      : [
          {
            type: ApplicationCommandOptionType.String,
            name: whomOption,
            description: `whom you mean, if it is not ${personas[0]}`.slice(0, 100),
            choices: personas.map((name) => ({ name, value: name })),
          },
        ]
  return [
    {
      ...everywhere,
      name: talkCommand,
      description: 'say something, or ask to be greeted',
      options: [words, ...whom],
    },
    ...commands.map(({ name, summary, parts = [] }) => ({
      ...everywhere,
      name,
      description: summary,
      options:
        parts.length === 0
          ? [...whom]
          : parts.map((part) => ({
              type: ApplicationCommandOptionType.Subcommand as const,
              name: part.name,
              description: part.summary,
              options: [
                ...(part.takes === undefined ? [] : [{ ...words, description: part.takes }]),
                ...whom,
              ],
            })),
    })),
  ]
}

export const commandNames: readonly string[] = [talkCommand, ...commands.map(({ name }) => name)]
