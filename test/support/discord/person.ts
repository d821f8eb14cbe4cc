import { type NewFile, storeFile } from './files.ts'
import { createUses, type Uses } from './interaction-driver.ts'
import type { Interactions } from './interactions.ts'
import { createMessage, deleteMessage, editMessage } from './messages.ts'
import { openDirect, removeMember } from './places.ts'
import { react, readEmoji, unreact } from './reactions.ts'
import { joinThread, startThread } from './threads.ts'
import { startTyping } from './typing.ts'
import type { Account, Bot, Channel, Guild, Message, World } from './world.ts'

export interface Said {
  /** The message that it answers. */
  readonly reply?: { readonly id: string }
  /** False: whoever is answered is not rung. */
  readonly ringsReply?: boolean
  readonly files?: readonly NewFile[]
  /** In the past, before anybody listened. */
  readonly sentAt?: Date
}

/** Somebody at their telephone. What they do happens at once, whatever bots make of it. */
export interface Person extends Uses {
  readonly account: Account
  readonly id: string
  openDirect(bot: Bot): Channel
  say(channel: Channel, text: string, said?: Said): Message
  /** Passes a message on; what they say to it is another one. */
  forward(channel: Channel, message: { readonly id: string }): Message
  edit(message: { readonly id: string }, text: string): void
  delete(message: { readonly id: string }): void
  react(message: { readonly id: string }, emoji: string): void
  unreact(message: { readonly id: string }, emoji: string): void
  type(channel: Channel): void
  /** What the bot sends to them is refused from now on. */
  block(bot: Bot): void
  unblock(bot: Bot): void
  /** They take direct messages from nobody, or do so again. */
  refuseDirectMessages(refuses: boolean): void
  leave(guild: Guild): void
  startThread(channel: Channel, name: string, from?: { readonly id: string }): Channel
  join(thread: Channel): void
}

export function addAccount(world: World, username: string, bot: boolean): Account {
  const account: Account = {
    id: world.newId(),
    username,
    globalName: bot ? null : username[0]?.toUpperCase() + username.slice(1),
    bot,
    blocked: new Set(),
    apart: new Set(),
  }
  world.accounts.set(account.id, account)
  return account
}

function findAnywhere(world: World, { id }: { readonly id: string }): Message {
  for (const channel of world.channels.values()) {
    const message = channel.messages.get(id)
    if (message !== undefined) return message
  }
  throw new Error(`There is no message ${id}.`)
}

export function createPerson(world: World, account: Account, interactions: Interactions): Person {
  const emojiOf = (text: string) => {
    const emoji = readEmoji(text)
    if (emoji === undefined) throw new Error(`${text} is no emoji.`)
    return emoji
  }
  const find = (message: { readonly id: string }): Message => findAnywhere(world, message)
  return {
    ...createUses(world, interactions, account, find),
    account,
    id: account.id,
    openDirect: (bot) => openDirect(world, bot.account, account),
    say(channel, text, { reply, ringsReply = true, files = [], sentAt } = {}) {
      return createMessage(world, channel, account, {
        content: text.trim(),
        ...(reply !== undefined && { replyTo: find(reply) }),
        allowedMentions: { parse: ['users', 'roles', 'everyone'], replied_user: ringsReply },
        attachments: files.map((file) => storeFile(world, channel.id, file)),
        ...(sentAt !== undefined && { sentAt }),
      })
    },
    forward: (channel, message) => createMessage(world, channel, account, { forwards: find(message) }),
    edit: (message, content) => editMessage(world, find(message), { content }),
    delete: (message) => deleteMessage(world, find(message)),
    react: (message, emoji) => react(world, find(message), account, emojiOf(emoji)),
    unreact: (message, emoji) => unreact(world, find(message), account, emojiOf(emoji)),
    type: (channel) => startTyping(world, channel, account),
    block: (bot) => void account.blocked.add(bot.account.id),
    unblock: (bot) => void account.blocked.delete(bot.account.id),
    refuseDirectMessages(refuses) {
      if (refuses) account.blocked.add('everybody')
      else account.blocked.delete('everybody')
    },
    leave: (guild) => removeMember(world, guild, account),
    startThread: (channel, name, from) => startThread(world, channel, account, name, from && find(from)),
    join: (thread) => joinThread(world, thread, account),
  }
}
