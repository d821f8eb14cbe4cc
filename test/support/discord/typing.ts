import { GatewayIntentBits } from 'discord-api-types/v10'

import { tell } from './messages.ts'
import { fullMemberView } from './views.ts'
import type { Account, Channel, World } from './world.ts'

/** What people see after "is typing", for so long. */
export const typingShownMs = 10_000

export function startTyping(world: World, channel: Channel, account: Account): void {
  world.typing.push({ channel, account, at: new Date() })
  const member = channel.guild?.members.get(account.id)
  const intents =
    channel.guild === undefined ? GatewayIntentBits.DirectMessageTyping : GatewayIntentBits.GuildMessageTyping
  const data = {
    channel_id: channel.id,
    user_id: account.id,
    timestamp: Math.floor(Date.now() / 1000),
    ...(member !== undefined && { member: fullMemberView(member) }),
  }
  tell(world, channel, 'TYPING_START', data, intents)
  world.changed()
}
