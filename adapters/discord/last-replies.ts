import { LruMap } from '../../src/core/lru-map.ts'

const channelsKept = 10_000
/** As many as somebody takes back one after the other, with all their parts. */
const repliesKept = 20

/** The replies that were sent from here. Only the last one of a channel has buttons. */
export interface LastReplies {
  last(channel: string): string | undefined
  /** It is the last one from now on. */
  add(channel: string, message: string): void
  remove(channel: string, message: string): void
}

export function createLastReplies(): LastReplies {
  /** By channel, oldest first. */
  const replies = new LruMap<string, readonly string[]>(channelsKept)
  const others = (channel: string, message: string) =>
    (replies.get(channel) ?? []).filter((each) => each !== message)
  return {
    last: (channel) => replies.get(channel)?.at(-1),
    add: (channel, message) =>
      replies.set(channel, [...others(channel, message), message].slice(-repliesKept)),
    remove: (channel, message) => replies.set(channel, others(channel, message)),
  }
}
