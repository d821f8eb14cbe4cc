import { type APIMessage, Routes } from 'discord.js'
import type { CallDiscord } from './rest.ts'
import { isLater, sentAt } from './snowflake.ts'

const pageMessages = 100
/** What was said in a channel for weeks. */
const pagesMost = 50

export interface Missed {
  /** Oldest first. */
  readonly messages: readonly APIMessage[]
  /** Older ones that were changed since then. */
  readonly edited: readonly APIMessage[]
}

/** What has happened in a channel since the message `last`, as far as Discord still tells. Throws `HearthError`. */
export async function missedSince(
  channel: string,
  last: string,
  call: CallDiscord,
  signal: AbortSignal,
): Promise<Missed> {
  const read = (query: Readonly<Record<string, string>>) =>
    call<APIMessage[]>('get', Routes.channelMessages(channel), 'read what was missed', signal, {
      query: new URLSearchParams({ ...query, limit: String(pageMessages) }),
    })
  const newest = await read({})
  const isNew = ({ id }: APIMessage) => isLater(id, last)
  const edited = newest.filter(
    (message) =>
      !isNew(message) &&
      message.edited_timestamp !== null &&
      new Date(message.edited_timestamp) > sentAt(last),
  )
  if (newest.length < pageMessages || !newest.every(isNew))
    return { messages: inOrder(newest.filter(isNew)), edited }
  const messages: APIMessage[] = []
  for (let pages = 0; pages < pagesMost; pages++) {
    const page = inOrder(await read({ after: messages.at(-1)?.id ?? last }))
    messages.push(...page)
    if (page.length < pageMessages) break
  }
  return { messages, edited }
}

const inOrder = (messages: readonly APIMessage[]): readonly APIMessage[] =>
  messages.toSorted((a, b) => (isLater(a.id, b.id) ? 1 : -1))
