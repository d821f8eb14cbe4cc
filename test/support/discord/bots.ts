import { ApplicationFlags, GatewayIntentBits } from 'discord-api-types/v10'

import { addAccount } from './person.ts'
import type { Bot, World } from './world.ts'

export interface BotOptions {
  /** Those that are switched on in the developer portal; all, if left out. */
  readonly privileged?: number
  readonly flags?: number
}

const everyPrivilege =
  GatewayIntentBits.MessageContent | GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences

export function addBot(
  world: World,
  name: string,
  { privileged = everyPrivilege, flags }: BotOptions = {},
): Bot {
  const account = addAccount(world, name, true)
  const applicationId = world.newId()
  const limited =
    (privileged & GatewayIntentBits.MessageContent) === 0 ? 0 : ApplicationFlags.GatewayMessageContentLimited
  const bot: Bot = {
    account,
    applicationId,
    name,
    token: `${Buffer.from(account.id).toString('base64url')}.Aaaaaa.${'x'.repeat(30)}${world.bots.length}`,
    flags: flags ?? limited,
    privileged,
    sessionStarts: { total: 1000, remaining: 1000 },
    shards: 1,
    maxConcurrency: 1,
    commands: new Map(),
  }
  world.bots.push(bot)
  return bot
}
