import { type APIMessage, type RawFile, Routes } from 'discord.js'
import type { DeliveryKey } from '../../src/core/adapter.ts'
import { keyMark, type MessageBody } from './encode.ts'
import type { CallData, CallDiscord } from './rest.ts'

/** Discord knows a nonce for "a few minutes". */
const nonceLivesMs = 60_000

/** How urgent it is, and until when. */
export type Urgency = Pick<CallData, 'rank' | 'outdated'>

/** Under whose name something stands on Discord. The methods that wait throw `HearthError`. */
export interface Voice {
  /** The id of the message. */
  post(
    channel: string,
    body: MessageBody,
    files: readonly RawFile[],
    key: DeliveryKey,
    urgency: Urgency,
    signal: AbortSignal,
  ): Promise<string>
  change(
    channel: string,
    message: string,
    body: Partial<MessageBody>,
    urgency: Urgency,
    signal: AbortSignal,
  ): Promise<void>
  takeBack(channel: string, message: string, signal: AbortSignal): Promise<void>
  isOwn(message: APIMessage): boolean
  /** True where an earlier try may have come through, and Discord would show it once more. */
  mayStand(key: DeliveryKey, signal: AbortSignal): Promise<boolean>
}

/** The bot's own. */
export function createBotVoice(self: string, call: CallDiscord): Voice {
  return {
    async post(channel, body, files, key, urgency, signal) {
      const { id } = await call<APIMessage>('post', Routes.channelMessages(channel), 'write there', signal, {
        body: { ...body, nonce: keyMark(key.id), enforce_nonce: true },
        files: [...files],
        ...urgency,
      })
      return id
    },
    async change(channel, message, body, urgency, signal) {
      const route = Routes.channelMessage(channel, message)
      await call('patch', route, 'change a message', signal, { body, ...urgency })
    },
    async takeBack(channel, message, signal) {
      await call('delete', Routes.channelMessage(channel, message), 'take a message back', signal)
    },
    isOwn: ({ author }) => author.id === self,
    mayStand: async ({ firstTriedAt }) => Date.now() - firstTriedAt.getTime() > nonceLivesMs,
  }
}
