import { ChannelType, GatewayIntentBits, MessageType } from 'discord-api-types/v10'

import { createMessage } from './messages.ts'
import { addGuildChannel } from './places.ts'
import { type Account, botOf, type Channel, type Message, type World } from './world.ts'

/** A thread that hangs from a message has that message's id. */
export function startThread(
  world: World,
  parent: Channel,
  account: Account,
  name: string,
  from?: Message,
  type?: ChannelType,
): Channel {
  const { guild } = parent
  if (guild === undefined) throw new Error('There are no threads in direct messages.')
  const standing =
    parent.type === ChannelType.GuildAnnouncement ? ChannelType.AnnouncementThread : ChannelType.PublicThread
  const thread = addGuildChannel(world, guild, {
    type: type ?? standing,
    name,
    parent,
    ownerId: account.id,
    joined: new Set([account.id]),
    nsfw: parent.nsfw,
    ...(from !== undefined && { id: from.id }),
  })
  if (from === undefined) {
    createMessage(world, parent, account, { type: MessageType.ThreadCreated, content: name })
  } else {
    from.thread = thread
    createMessage(world, thread, account, { type: MessageType.ThreadStarterMessage, replyTo: from })
  }
  return thread
}

export function joinThread(world: World, thread: Channel, account: Account): void {
  if (thread.joined.has(account.id)) return
  thread.joined.add(account.id)
  tellOfMembers(world, thread, [account], [])
}

export function leaveThread(world: World, thread: Channel, account: Account): void {
  if (thread.joined.delete(account.id)) tellOfMembers(world, thread, [], [account])
}

/** Without the members intent a bot hears of itself alone. */
function tellOfMembers(
  world: World,
  thread: Channel,
  added: readonly Account[],
  removed: readonly Account[],
): void {
  const memberView = ({ id }: Account): object => ({
    id: thread.id,
    user_id: id,
    join_timestamp: new Date().toISOString(),
    flags: 0,
  })
  const data = {
    id: thread.id,
    guild_id: thread.guild?.id,
    member_count: thread.joined.size,
    added_members: added.map(memberView),
    removed_member_ids: removed.map(({ id }) => id),
  }
  const own = [...added, ...removed].map((account) => botOf(world, account)).find((bot) => bot !== undefined)
  world.publish({
    t: 'THREAD_MEMBERS_UPDATE',
    intents: own === undefined ? GatewayIntentBits.GuildMembers : GatewayIntentBits.Guilds,
    guildId: thread.guild?.id,
    channel: thread,
    ...(own !== undefined && { only: own }),
    data: () => data,
  })
  world.changed()
}
