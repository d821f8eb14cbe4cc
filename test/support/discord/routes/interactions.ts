import { MessageFlags, MessageType } from 'discord-api-types/v10'

import { type FieldError, invalidForm, refuse } from '../api-error.ts'
import type { Json } from '../body.ts'
import {
  answerType,
  findAnswered,
  findUnanswered,
  type Interaction,
  type Interactions,
  isHidden,
  originOf,
} from '../interactions.ts'
import { mentionsInWebhooks } from '../mentions.ts'
import { isEmpty, type MessageBody, readMessageBody } from '../message-body.ts'
import { messageView } from '../message-views.ts'
import { createMessage, deleteMessage } from '../messages.ts'
import type { Call, Routes } from '../router.ts'
import type { Message, World } from '../world.ts'
import { applyEdit, draftOf } from './messages.ts'

/** A callback's kinds, as Discord numbers them. */
const kind = { answer: 4, think: 5, thinkOfUpdate: 6, update: 7, choices: 8, form: 9 } as const

export function interactionRoutes(world: World, interactions: Interactions): Routes {
  function say(interaction: Interaction, body: MessageBody, type: MessageType, flags: number): Message {
    const { channel, bot, user } = interaction
    return createMessage(world, channel, bot.account, {
      ...draftOf(body),
      flags,
      allowedMentions: body.allowedMentions ?? mentionsInWebhooks,
      applicationId: bot.applicationId,
      interaction: originOf(interaction),
      type,
      ...(isHidden(flags) && { ephemeralFor: user }),
    })
  }

  function answer(interaction: Interaction, type: number, data: Json, call: Call): void {
    const read = (): MessageBody => readMessageBody(world, interaction.channel.id, data, call.uploads)
    const fromComponent = interaction.source !== undefined
    if (type === kind.answer) {
      const body = read()
      if (isEmpty(body)) throw refuse('emptyMessage')
      interaction.original = say(interaction, body, answerType(interaction), body.flags ?? 0)
      interaction.state = 'answered'
    } else if (type === kind.think) {
      const flags = MessageFlags.Loading | (isHidden(Number(data.flags ?? 0)) ? MessageFlags.Ephemeral : 0)
      interaction.original = say(interaction, read(), answerType(interaction), flags)
      interaction.state = 'thinking'
    } else if (type === kind.thinkOfUpdate && fromComponent) {
      interaction.original = interaction.source
      interaction.state = 'answered'
    } else if (type === kind.update && fromComponent) {
      interaction.original = interaction.source
      if (interaction.source !== undefined) applyEdit(world, interaction.source, read())
      interaction.state = 'answered'
    } else if (type === kind.choices && interaction.type === 4) {
      const choices = (data.choices ?? []) as readonly Json[]
      if (choices.length > 25) throw invalidForm(tooMany('data.choices', 25))
      interaction.choices = choices
      interaction.state = 'choices'
    } else if (type === kind.form && interaction.type !== 5) {
      checkForm(data)
      interaction.form = data
      interaction.state = 'form'
    } else {
      const message = `Value must be one of {${Object.values(kind).join(', ')}}.`
      throw invalidForm({ at: 'type', code: 'BASE_TYPE_CHOICES', message })
    }
    world.changed()
  }

  return {
    'POST /interactions/:interaction/:token/callback': (call) => {
      const { params, body, query } = call
      const interaction = findUnanswered(interactions, params.interaction ?? '', params.token ?? '')
      answer(interaction, Number(body.type), (body.data ?? {}) as Json, call)
      if (query.get('with_response') !== 'true') return undefined
      return callbackView(world, interaction, Number(body.type))
    },
  }
}

function callbackView(world: World, interaction: Interaction, type: number): object {
  const { original, bot } = interaction
  const shown = type === kind.answer || type === kind.think || type === kind.update ? original : undefined
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      ...(shown !== undefined && {
        response_message_id: shown.id,
        response_message_loading: (shown.flags & MessageFlags.Loading) !== 0,
        response_message_ephemeral: isHidden(shown.flags),
      }),
    },
    resource: {
      type,
      ...(shown !== undefined && {
        message: messageView(world, shown, { bot, intents: 0, seesContent: true }),
      }),
    },
  }
}

/** The webhook addresses with an application's id and an interaction's token. */
export function interactionWebhookRoutes(world: World, interactions: Interactions): Routes {
  const find = ({ params }: Call): Interaction => {
    if (!world.bots.some(({ applicationId }) => applicationId === params.webhook))
      throw refuse('unknownWebhook')
    return findAnswered(interactions, params.webhook ?? '', params.token ?? '')
  }
  const view = ({ bot }: Interaction, message: Message): object =>
    messageView(world, message, { bot, intents: 0, seesContent: true })
  const messageOf = (interaction: Interaction, id: string | undefined): Message => {
    const message = id === '@original' ? interaction.original : interaction.channel.messages.get(id ?? '')
    const own = message !== undefined && interaction.channel.messages.get(message.id) === message
    if (!own || message.applicationId !== interaction.bot.applicationId) throw refuse('unknownMessage')
    return message
  }
  /** The first that is said after "is thinking" takes its place, and is no edit. */
  const settle = (interaction: Interaction, message: Message, body: MessageBody): Message => {
    if (isEmpty({ ...message, ...draftOf(body) })) throw refuse('emptyMessage')
    const wasLoading = (message.flags & MessageFlags.Loading) !== 0
    message.flags &= ~MessageFlags.Loading
    if (wasLoading) interaction.state = 'answered'
    applyEdit(world, message, {
      ...body,
      flags: message.flags,
      allowedMentions: body.allowedMentions ?? mentionsInWebhooks,
    })
    if (wasLoading) message.editedAt = undefined
    return message
  }
  const message = '/webhooks/:webhook/:token/messages/:message'
  return {
    'POST /webhooks/:webhook/:token': (call) => {
      const interaction = find(call)
      const { channel, bot, user, original } = interaction
      const body = readMessageBody(world, channel.id, call.body, call.uploads)
      if (isEmpty(body)) throw refuse('emptyMessage')
      if (interaction.state === 'thinking' && original !== undefined) {
        return view(interaction, settle(interaction, original, body))
      }
      const followUp = createMessage(world, channel, bot.account, {
        ...draftOf(body),
        allowedMentions: body.allowedMentions ?? mentionsInWebhooks,
        applicationId: bot.applicationId,
        interaction: originOf(interaction),
        type: original === undefined ? MessageType.Default : MessageType.Reply,
        replyTo: original,
        ...(isHidden(body.flags) && { ephemeralFor: user }),
      })
      return view(interaction, followUp)
    },
    [`GET ${message}`]: (call) => {
      const interaction = find(call)
      return view(interaction, messageOf(interaction, call.params.message))
    },
    [`PATCH ${message}`]: (call) => {
      const interaction = find(call)
      const there = messageOf(interaction, call.params.message)
      const body = readMessageBody(world, there.channel.id, call.body, call.uploads, there.attachments)
      return view(interaction, settle(interaction, there, body))
    },
    [`DELETE ${message}`]: (call) => {
      const interaction = find(call)
      deleteMessage(world, messageOf(interaction, call.params.message))
    },
  }
}

const tooMany = (at: string, limit: number): FieldError => ({
  at,
  code: 'BASE_TYPE_MAX_LENGTH',
  message: `Must be ${limit} or fewer in length.`,
})

function checkForm(data: Json): void {
  const text = (key: string): string => (typeof data[key] === 'string' ? data[key] : '')
  const parts = (data.components ?? []) as readonly unknown[]
  const errors = [
    ...(text('custom_id').length < 1 || text('custom_id').length > 100
      ? [badLength('data.custom_id', 100)]
      : []),
    ...(text('title').length < 1 || text('title').length > 45 ? [badLength('data.title', 45)] : []),
    ...(parts.length < 1 || parts.length > 5 ? [badLength('data.components', 5)] : []),
  ]
  if (errors.length > 0) throw invalidForm(...errors)
}

const badLength = (at: string, limit: number): FieldError => ({
  at,
  code: 'BASE_TYPE_BAD_LENGTH',
  message: `Must be between 1 and ${limit} in length.`,
})
