import { GatewayIntentBits } from 'discord-api-types/v10'

import { isThread, maySee } from './permissions.ts'
import { channelView, fullMemberView, guildView } from './views.ts'
import type { Guild, Viewer, World } from './world.ts'

/** Without the presences intent the only member in it is the bot itself. */
export function guildCreate(
  world: World,
  guild: Guild,
  { bot, intents }: Pick<Viewer, 'bot' | 'intents'>,
): object {
  const channels = [...world.channels.values()].filter((channel) => channel.guild === guild)
  const own = guild.members.get(bot.account.id)
  const everybody = (intents & GatewayIntentBits.GuildPresences) !== 0
  const members = everybody ? [...guild.members.values()] : own === undefined ? [] : [own]
  const threads = channels.filter(
    (channel) => isThread(channel) && !channel.archived && maySee(channel, bot.account),
  )
  return {
    ...guildView(guild),
    joined_at: (own?.joinedAt ?? new Date()).toISOString(),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: members.map(fullMemberView),
    // Also those that the bot may not look into.
    channels: channels.filter((channel) => !isThread(channel)).map((each) => channelView(each, bot.account)),
    threads: threads.map((each) => channelView(each, bot.account)),
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  }
}
