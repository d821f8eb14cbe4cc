import {
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessage,
  type APIMessageComponentInteraction,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  type RESTPostAPIInteractionCallbackWithResponseResult,
  Routes,
} from 'discord.js'
import { HearthError } from '../../src/core/errors.ts'
import { type ExternalId, externalId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import { encodeMessage } from './encode.ts'
import type { CallDiscord } from './rest.ts'

/** What people set going by a slash command or a button. */
export type Use = APIChatInputApplicationCommandInteraction | APIMessageComponentInteraction

/** A token is good for a quarter of an hour. */
const tokenLivesMs = 14 * 60_000
const keptMost = 1_000
const thinking = InteractionResponseType.DeferredChannelMessageWithSource

/**
 * Discord wants to hear within three seconds that something was taken, and shows what is said to it afterwards
 * to whoever asked, and to nobody else.
 */
export interface Interactions {
  /** To be called at once, before anything that may take a while. Throws `HearthError`. */
  acknowledge(use: Use, signal: AbortSignal): Promise<void>
  /** The same, where everybody in the channel sees what is said to it first: the id of the message that will stand there. */
  acknowledgeOpenly(use: Use, signal: AbortSignal): Promise<string>
  /** Undefined where nobody waits for it any more. */
  answer(id: ExternalId, text: string, signal: AbortSignal): Promise<ExternalId | undefined>
  /** Nothing more is said to it: what stands there as "is thinking" goes. A courtesy; never throws. */
  finish(use: Use, signal: AbortSignal): Promise<void>
}

export const isUse = (interaction: APIInteraction): interaction is Use =>
  (interaction.type === InteractionType.ApplicationCommand &&
    interaction.data.type === ApplicationCommandType.ChatInput) ||
  interaction.type === InteractionType.MessageComponent

/** What was given with a command; undefined where nothing was, and for buttons. */
export function optionOf(use: Use, name: string): string | undefined {
  const found = (partOf(use)?.options ?? optionsOf(use)).find((option) => option.name === name)
  return found !== undefined && 'value' in found ? String(found.value) : undefined
}

/** Which of the things that it does a command is to do. */
export const partOf = (use: Use) =>
  optionsOf(use).find((option) => option.type === ApplicationCommandOptionType.Subcommand)

const optionsOf = (use: Use) => ('options' in use.data ? (use.data.options ?? []) : [])

interface Waiting {
  readonly use: Use
  untilMs: number
  answered: boolean
}

export function createInteractions(call: CallDiscord): Interactions {
  const waiting = new LruMap<ExternalId, Waiting>(keptMost)
  const what = 'answer a command'

  /** Undefined where it came through before: the library tries again where the answer to that was lost. */
  async function respond(use: Use, body: unknown, signal: AbortSignal) {
    const route = Routes.interactionCallback(use.id, use.token)
    const query = new URLSearchParams({ with_response: 'true' })
    try {
      return await call<RESTPostAPIInteractionCallbackWithResponseResult>('post', route, what, signal, {
        body,
        query,
        auth: false,
      })
    } catch (error) {
      if (error instanceof HearthError && error.code === 'discord-acknowledged') return undefined
      throw error
    }
  }

  const isCommand = ({ type }: Use) => type === InteractionType.ApplicationCommand
  const webhookOf = ({ application_id: app, token }: Use) => Routes.webhook(app, token)
  const originalOf = ({ application_id: app, token }: Use) => Routes.webhookMessage(app, token, '@original')

  const isOver = (error: unknown) => error instanceof HearthError && error.code === 'discord-interaction-over'
  const wait = (use: Use) =>
    waiting.set(externalId(use.id), { use, untilMs: Date.now() + tokenLivesMs, answered: false })

  async function say({ use, answered }: Waiting, text: string, signal: AbortSignal): Promise<APIMessage> {
    const content = encodeMessage({ text, kind: 'reply', final: true }, undefined)
    if (isCommand(use) && !answered)
      return await call<APIMessage>('patch', originalOf(use), what, signal, { body: content, auth: false })
    return await call<APIMessage>('post', webhookOf(use), what, signal, {
      body: { ...content, flags: content.flags | MessageFlags.Ephemeral },
      query: new URLSearchParams({ wait: 'true' }),
      auth: false,
    })
  }

  return {
    async acknowledge(use, signal) {
      const body = isCommand(use)
        ? { type: thinking, data: { flags: MessageFlags.Ephemeral } }
        : { type: InteractionResponseType.DeferredMessageUpdate }
      await respond(use, body, signal)
      wait(use)
    },

    async acknowledgeOpenly(use, signal) {
      const taken = await respond(use, { type: thinking }, signal)
      wait(use)
      const told = taken?.interaction.response_message_id
      return told ?? (await call<APIMessage>('get', originalOf(use), what, signal, { auth: false })).id
    },

    async answer(id, text, signal) {
      const found = waiting.get(id)
      if (found === undefined || Date.now() > found.untilMs) return undefined
      try {
        const sent = await say(found, text, signal)
        found.answered = true
        return externalId(sent.id)
      } catch (error) {
        if (!isOver(error)) throw error
        found.untilMs = 0
        return undefined
      }
    },

    async finish(use, signal) {
      const found = waiting.get(externalId(use.id))
      if (found === undefined || found.answered || !isCommand(use)) return
      found.answered = true
      await call('delete', originalOf(use), 'end a command', signal, { auth: false }).catch(() => undefined)
    },
  }
}
