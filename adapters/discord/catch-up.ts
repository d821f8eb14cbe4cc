import { type APIMessage, Routes } from 'discord.js'
import type { CallDiscord } from './rest.ts'
import { isLater, sentAt } from './snowflake.ts'

const pageMessages = 100

/** What to do with what was missed, in the order in which it was said. */
export interface Takers {
  message(message: APIMessage): Promise<void>
  /** An older one, which was changed since then. */
  edit(message: APIMessage): Promise<void>
}

/** What has happened in a channel since the message `last`, page by page, as far as Discord still tells. Throws `HearthError`. */
export async function catchUpOn(
  channel: string,
  last: string,
  call: CallDiscord,
  take: Takers,
  signal: AbortSignal,
): Promise<void> {
  const read = (query: Readonly<Record<string, string>>) => readPage(channel, query, call, signal)
  const newest = await read({})
  const isNew = ({ id }: APIMessage) => isLater(id, last)
  for (const message of newest) {
    const { edited_timestamp: edited } = message
    if (!isNew(message) && edited !== null && new Date(edited) > sentAt(last)) await take.edit(message)
  }
  const whole = newest.length < pageMessages || !newest.every(isNew)
  let page = whole ? newest.filter(isNew) : await read({ after: last })
  while (page.length > 0) {
    for (const message of page) await take.message(message)
    const end = page.at(-1)
    page = whole || end === undefined ? [] : await read({ after: end.id })
  }
}

/** Oldest first. */
export async function readPage(
  channel: string,
  query: Readonly<Record<string, string>>,
  call: CallDiscord,
  signal: AbortSignal,
): Promise<readonly APIMessage[]> {
  const messages = await call<APIMessage[]>(
    'get',
    Routes.channelMessages(channel),
    'read what was missed',
    signal,
    { query: new URLSearchParams({ limit: String(pageMessages), ...query }) },
  )
  return messages.toSorted((a, b) => (isLater(a.id, b.id) ? 1 : -1))
}
