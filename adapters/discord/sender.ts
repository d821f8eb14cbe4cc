import { type APIMessage, type RawFile, Routes } from 'discord.js'
import type { DeliveryKey, Outgoing } from '../../src/core/adapter.ts'
import { HearthError } from '../../src/core/errors.ts'
import { type ExternalId, externalId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { buttonsOf, markIn } from './buttons.ts'
import type { Courtesies } from './courtesies.ts'
import { encodeMessage, keyMark, type MessageBody } from './encode.ts'
import { createLastReplies } from './last-replies.ts'
import type { Rank } from './ranks.ts'
import type { CallDiscord } from './rest.ts'
import { idAt, isLater, sentAt } from './snowflake.ts'
import type { Urgency, Voice } from './voice.ts'

/** Our clock and Discord's are two. */
const clockSlackMs = 60_000
/** The same words may have been said before, on purpose. */
const wordsSlackMs = 2_000
const pageMessages = 100
const pagesMost = 10
const messagesKept = 20_000

const courtesy: Urgency = { rank: 'idle' }

/** Puts messages into channels, each once. All methods throw `HearthError`, or what the aborted signal throws. */
export interface Sender {
  send(channel: string, content: Outgoing, key: DeliveryKey, signal: AbortSignal): Promise<ExternalId>
  edit(
    channel: string,
    message: string,
    content: Outgoing,
    key: DeliveryKey,
    signal: AbortSignal,
  ): Promise<void>
  remove(channel: string, message: string, signal: AbortSignal): Promise<void>
  /** True for a message that this process has taken back itself. */
  hasRemoved(message: string): boolean
}

export function createSender(
  voice: Voice,
  call: CallDiscord,
  courtesies: Courtesies,
  life: AbortSignal,
  isAlone: () => boolean,
): Sender {
  const replies = createLastReplies()
  /** By which key each message was sent. */
  const marks = new LruMap<string, string>(messagesKept)
  const removed = new LruMap<string, true>(messagesKept)

  const read = (
    channel: string,
    query: Readonly<Record<string, string>>,
    urgency: Urgency,
    signal: AbortSignal,
  ) =>
    call<APIMessage[]>('get', Routes.channelMessages(channel), 'read what was said', signal, {
      query: new URLSearchParams(query),
      ...urgency,
    })

  const takeOff = (channel: string, message: string) =>
    voice.change(channel, message, { components: [] }, courtesy, life)

  /** The buttons stand under the last reply alone, also where the one before is another process's. */
  function takeButtons(channel: string, message: string): void {
    const before = replies.last(channel)
    replies.add(channel, message)
    if (before === message) return
    if (before !== undefined && isAlone()) {
      courtesies.later(before, async () => {
        // It may be the last one again by then.
        if (replies.last(channel) !== before) await takeOff(channel, before)
      })
      return
    }
    courtesies.later(channel, async () => {
      const found = await read(channel, { before: message, limit: '20' }, courtesy, life)
      for (const each of found)
        if (voice.isOwn(each) && markIn(each.components) !== undefined) await takeOff(channel, each.id)
    })
  }

  /** Where other processes send too, nobody here knows which is the last one. */
  function giveButtons(channel: string): void {
    const last = replies.last(channel)
    if (last === undefined || !isAlone()) return
    courtesies.later(last, async () => {
      if (replies.last(channel) !== last) return
      const components = buttonsOf(true, marks.get(last) ?? keyMark(last))
      await voice.change(channel, last, { components }, courtesy, life)
    })
  }

  /** Among our own messages since then: by the key in their buttons, or, where they have none, by their words. */
  async function findSent(
    channel: string,
    key: DeliveryKey,
    body: MessageBody,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const firstMs = key.firstTriedAt.getTime()
    let after = idAt(firstMs - clockSlackMs)
    for (let pages = 0; pages < pagesMost; pages++) {
      const page = await read(channel, { after, limit: String(pageMessages) }, { rank: 'first' }, signal)
      const ours = page.filter(voice.isOwn)
      const found =
        ours.find(({ components }) => markIn(components) === keyMark(key.id)) ??
        ours.find(
          ({ id, components, content }) =>
            markIn(components) === undefined &&
            content === body.content &&
            sentAt(id).getTime() >= firstMs - wordsSlackMs,
        )
      if (found !== undefined) return found.id
      if (page.length < pageMessages) return undefined
      after = page.reduce((latest, { id }) => (isLater(id, latest) ? id : latest), after)
    }
    return undefined
  }

  /** The one that it was sent with: an edit has a key of its own. */
  async function markOf(channel: string, message: string, signal: AbortSignal): Promise<string | undefined> {
    const known = marks.get(message)
    if (known !== undefined) return known
    const route = Routes.channelMessage(channel, message)
    const { components } = await call<APIMessage>('get', route, 'read what was said', signal)
    const found = markIn(components)
    if (found !== undefined) marks.set(message, found)
    return found
  }

  return {
    async send(channel, content, key, signal) {
      courtesies.busy()
      const mark = keyMark(key.id)
      const isReply = content.kind === 'reply'
      const body = encodeMessage(content, isReply ? buttonsOf(content.final, mark) : undefined)
      const known = (await voice.mayStand(key, signal))
        ? await findSent(channel, key, body, signal)
        : undefined
      const id =
        known ?? (await voice.post(channel, body, filesOf(content), key, urgencyOf(content, 'first'), signal))
      marks.set(id, mark)
      if (isReply) takeButtons(channel, id)
      return externalId(id)
    },

    async edit(channel, message, content, key, signal) {
      courtesies.busy()
      const known = replies.last(channel) ?? message
      // A later one is another process's.
      const isLast = known === message || isLater(message, known)
      if (isLast) replies.add(channel, message)
      const withButtons = content.kind === 'reply' && isLast
      const mark = withButtons ? ((await markOf(channel, message, signal)) ?? keyMark(key.id)) : ''
      const body = encodeMessage(content, withButtons ? buttonsOf(content.final, mark) : [])
      const urgency = urgencyOf(content, content.final ? 'needed' : 'growing')
      try {
        await voice.change(channel, message, body, urgency, signal)
      } catch (error) {
        if (!isAbout(error, 'discord-archived')) throw error
        // What is said takes a thread out of the archive by itself, and what is changed does not.
        const open = { archived: false }
        await call('patch', Routes.channel(channel), 'open a thread again', signal, { body: open })
        await voice.change(channel, message, body, urgency, signal)
      }
    },

    async remove(channel, message, signal) {
      removed.set(message, true)
      const wasLast = replies.last(channel) === message
      replies.remove(channel, message)
      try {
        await voice.takeBack(channel, message, signal)
      } catch (error) {
        if (!isAbout(error, 'discord-gone')) throw error
      }
      if (wasLast) giveButtons(channel)
    },

    hasRemoved: (message) => removed.get(message) === true,
  }
}

const isAbout = (error: unknown, code: string) => error instanceof HearthError && error.code === code

const urgencyOf = ({ outdated }: Outgoing, rank: Rank): Urgency => ({ rank, outdated })

function filesOf({ attachment }: Outgoing): readonly RawFile[] {
  if (attachment === undefined) return []
  const suffix = /\/([a-z0-9]+)/.exec(attachment.mediaType)?.[1] ?? 'bin'
  return [
    {
      name: attachment.kind === 'file' ? attachment.name : `${attachment.kind}.${suffix}`,
      data: Buffer.from(attachment.bytes),
      contentType: attachment.mediaType,
    },
  ]
}
