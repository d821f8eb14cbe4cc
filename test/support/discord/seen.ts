import { MessageFlags } from 'discord-api-types/v10'

import { inOrder } from './messages.ts'
import type { Channel, Message, World } from './world.ts'

/** A message as people see it now. Accounts are their user names. */
export interface Seen {
  readonly id: string
  readonly author: string
  readonly content: string
  readonly edited: boolean
  /** Whose telephone it rang when it was sent. */
  readonly pinged: readonly string[]
  /** Whom and what its text names, so that they are lit up; after an edit too. */
  readonly mentions: readonly string[]
  readonly mentionsEveryone: boolean
  readonly answers: string | undefined
  readonly files: readonly { readonly name: string; readonly size: number; readonly url: string }[]
  readonly embeds: Message['embeds']
  readonly components: Message['components']
  readonly reactions: Readonly<Record<string, readonly string[]>>
  /** Nobody else sees it. */
  readonly onlyFor: string | undefined
  /** Stands there as "is thinking …". */
  readonly loading: boolean
  readonly webhook: boolean
  /** Its addresses are looked up by Discord, and shown as cards. */
  readonly unfurls: boolean
}

export function seen(world: World, message: Message): Seen {
  const name = (id: string): string => world.accounts.get(id)?.username ?? id
  return {
    id: message.id,
    author: message.webhook?.name ?? message.author.username,
    content: message.content,
    edited: message.editedAt !== undefined,
    pinged: [...message.pinged].map(name),
    mentions: message.mentions.users.map(({ username }) => username),
    mentionsEveryone: message.mentions.everyone,
    answers: message.replyToId,
    files: message.attachments.map(({ filename, size, url }) => ({ name: filename, size, url })),
    embeds: message.embeds,
    components: message.components,
    reactions: Object.fromEntries(
      [...message.reactions].map(([emoji, { users }]) => [emoji, [...users].map(name)]),
    ),
    onlyFor: message.ephemeralFor?.username,
    loading: (message.flags & MessageFlags.Loading) !== 0,
    webhook: message.webhook !== undefined,
    unfurls: (message.flags & MessageFlags.SuppressEmbeds) === 0,
  }
}

/** Oldest first. */
export const seenIn = (world: World, channel: Channel): Seen[] =>
  inOrder(channel).map((message) => seen(world, message))
