import { type APIMessage, Routes } from 'discord.js'
import type { CallDiscord } from './rest.ts'
import { idAt, isLater, sentAt } from './snowflake.ts'

const pageMessages = 100
/** How far back it is looked for what was changed or deleted: each page is a request, for every channel. */
const lookBack = { pagesMost: 5, ms: 24 * 60 * 60_000 }

/** What to do with what was missed, in this order. */
export interface Takers {
  /** All that Discord shows of a stretch of the channel that includes the message `last`, oldest first. */
  shown(ids: readonly string[]): Promise<void>
  /** An older one, which was changed since then. */
  edit(message: APIMessage): Promise<void>
  /** In the order in which they were said. */
  message(message: APIMessage): Promise<void>
}

/**
 * What has happened in a channel since the message `last`, page by page, as far as Discord still tells. `false`
 * where it shows nothing at all: to a bot that may not read the history of a channel it shows an empty one.
 * Throws `HearthError`.
 */
export async function catchUpOn(
  channel: string,
  last: string,
  call: CallDiscord,
  take: Takers,
  signal: AbortSignal,
): Promise<boolean> {
  const read = (query: Readonly<Record<string, string>>) => readPage(channel, query, call, signal)
  const isNew = ({ id }: APIMessage) => isLater(id, last)
  const newest = await read({})
  if (newest.length === 0) return false
  const whole = newest.length < pageMessages || !newest.every(isNew)
  const around = whole ? newest : [...(await read({ before: after(last) })), ...(await read({ after: last }))]
  const shown = [...(await readBack(around, last, read)), ...around]
  await take.shown(shown.map(({ id }) => id))
  for (const message of shown) {
    const { edited_timestamp: edited } = message
    if (!isNew(message) && edited !== null && new Date(edited) > sentAt(last)) await take.edit(message)
  }
  let page: readonly APIMessage[] = around.filter(isNew)
  while (page.length > 0) {
    for (const message of page) await take.message(message)
    const end = page.at(-1)
    page = whole || end === undefined || page.length < pageMessages ? [] : await read({ after: end.id })
  }
  return true
}

const after = (id: string): string => (BigInt(id) + 1n).toString()

/** What was said before these, and not long before the message `last`. */
async function readBack(
  these: readonly APIMessage[],
  last: string,
  read: (query: Readonly<Record<string, string>>) => Promise<readonly APIMessage[]>,
): Promise<readonly APIMessage[]> {
  const earliest = idAt(sentAt(last).getTime() - lookBack.ms)
  let back: readonly APIMessage[] = []
  let page = these
  for (let pages = 1; pages < lookBack.pagesMost && page.length >= pageMessages; pages++) {
    const [oldest] = page
    if (oldest === undefined || !isLater(oldest.id, earliest)) break
    page = await read({ before: oldest.id })
    back = [...page, ...back]
  }
  return back
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
