import { type APIMessage, Routes } from 'discord.js'
import type { DeliveryKey, Outgoing } from '../../src/core/adapter.ts'
import { HearthError } from '../../src/core/errors.ts'
import { type ExternalId, externalId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { buttonsOf, markIn } from './buttons.ts'
import { encodeMessage, keyMark, type MessageBody } from './encode.ts'
import type { CallDiscord } from './rest.ts'
import { idAt } from './snowflake.ts'

/** Discord knows a nonce for "a few minutes". */
const rememberedMs = 60_000
/** Our clock and Discord's are two. */
const clockSlackMs = 60_000
const pageMessages = 100
const channelsKept = 10_000

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

export function createSender(self: string, call: CallDiscord): Sender {
  /** The reply under which the buttons are, by its channel. */
  const lastReply = new LruMap<string, string>(channelsKept)
  const removed = new LruMap<string, true>(channelsKept)

  /** The buttons stand under the last reply alone. A courtesy: nothing waits for it, and when it fails, nothing is lost. */
  function takeButtons(channel: string, message: string, signal: AbortSignal): void {
    const before = lastReply.get(channel)
    lastReply.set(channel, message)
    if (before === undefined || before === message) return
    void call('patch', Routes.channelMessage(channel, before), 'change a message', signal, {
      body: { components: [] },
    }).catch(() => undefined)
  }

  /** Among our own messages since then: by the key in their buttons, or, where they have none, by their words. */
  async function findSent(
    channel: string,
    key: DeliveryKey,
    body: MessageBody,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const since = idAt(key.firstTriedAt.getTime() - clockSlackMs)
    const query = new URLSearchParams({ after: since, limit: String(pageMessages) })
    const route = Routes.channelMessages(channel)
    const found = await call<APIMessage[]>('get', route, 'read what was said', signal, { query })
    const ours = found.filter(({ author }) => author.id === self)
    const marked = ours.find(({ components }) => markIn(components) === keyMark(key.id))
    return (
      marked ?? ours.find((each) => markIn(each.components) === undefined && each.content === body.content)
    )?.id
  }

  return {
    async send(channel, content, key, signal) {
      const mark = keyMark(key.id)
      const isReply = content.kind === 'reply'
      const body = encodeMessage(content, isReply ? buttonsOf(content.final, mark) : undefined)
      const old = Date.now() - key.firstTriedAt.getTime() > rememberedMs
      const known = old ? await findSent(channel, key, body, signal) : undefined
      const files = filesOf(content)
      const id =
        known ??
        (
          await call<APIMessage>('post', Routes.channelMessages(channel), 'write there', signal, {
            body: { ...body, nonce: mark, enforce_nonce: true },
            ...(files !== undefined && { files }),
          })
        ).id
      if (isReply) takeButtons(channel, id, signal)
      return externalId(id)
    },

    async edit(channel, message, content, key, signal) {
      const isLast = (lastReply.get(channel) ?? message) === message
      if (isLast) lastReply.set(channel, message)
      const buttons = content.kind === 'reply' && isLast ? buttonsOf(content.final, keyMark(key.id)) : []
      const body = encodeMessage(content, buttons)
      await call('patch', Routes.channelMessage(channel, message), 'change a message', signal, { body })
    },

    async remove(channel, message, signal) {
      removed.set(message, true)
      try {
        await call('delete', Routes.channelMessage(channel, message), 'take a message back', signal)
      } catch (error) {
        if (!(error instanceof HearthError) || error.code !== 'discord-gone') throw error
      }
    },

    hasRemoved: (message) => removed.get(message) === true,
  }
}

function filesOf({ attachment }: Outgoing) {
  if (attachment === undefined) return undefined
  const suffix = /\/([a-z0-9]+)/.exec(attachment.mediaType)?.[1] ?? 'bin'
  return [
    {
      name: `${attachment.kind}.${suffix}`,
      data: Buffer.from(attachment.bytes),
      contentType: attachment.mediaType,
    },
  ]
}
