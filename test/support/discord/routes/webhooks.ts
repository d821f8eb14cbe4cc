import { PermissionFlagsBits } from 'discord-api-types/v10'

import { invalidForm, refuse } from '../api-error.ts'
import { findChannel, findGuild, need } from '../find.ts'
import { mentionsInWebhooks } from '../mentions.ts'
import { isEmpty, readMessageBody } from '../message-body.ts'
import { messageView } from '../message-views.ts'
import { createMessage, deleteMessage } from '../messages.ts'
import { guildPermissions } from '../permissions.ts'
import type { Call, Routes } from '../router.ts'
import { userView } from '../views.ts'
import { addWebhook, pictureHash, removeWebhook, webhookAuthor } from '../webhooks.ts'
import type { Channel, Message, Viewer, Webhook, World } from '../world.ts'
import { applyEdit, draftOf } from './messages.ts'

const mostInAChannel = 15

function webhookView(webhook: Webhook, withToken: boolean): object {
  return {
    id: webhook.id,
    type: 1,
    guild_id: webhook.channel.guild?.id,
    channel_id: webhook.channel.id,
    name: webhook.name,
    avatar: webhook.avatar,
    application_id: webhook.applicationId,
    user: userView(webhook.creator),
    // That of another application is told to nobody.
    ...(withToken && { token: webhook.token }),
  }
}

function pictureIn({ body: { avatar } }: Call): string | undefined {
  if (typeof avatar !== 'string') return undefined
  if (!/^data:image\/(png|jpe?g|gif|webp);base64,[\w+/=]+$/.test(avatar)) {
    const message = 'Invalid image data'
    throw invalidForm({ at: 'avatar', code: 'BASE_TYPE_INVALID_IMAGE', message })
  }
  return avatar
}

export function webhookRoutes(world: World): Routes {
  const managed = (call: Call): Channel => {
    const channel = findChannel(world, call)
    if (channel.guild === undefined) throw refuse('notInDirectMessages')
    need(channel, call.bot.account, 'ManageWebhooks')
    return channel
  }
  const view = (webhook: Webhook, { bot }: Call): object =>
    webhookView(webhook, webhook.applicationId === null || webhook.applicationId === bot.applicationId)
  const find = (call: Call): Webhook => {
    const webhook = world.webhooks.get(call.params.webhook ?? '')
    if (webhook === undefined) throw refuse('unknownWebhook')
    need(webhook.channel, call.bot.account, 'ManageWebhooks')
    return webhook
  }
  return {
    'POST /channels/:channel/webhooks': (call) => {
      const channel = managed(call)
      const name = typeof call.body.name === 'string' ? call.body.name : ''
      if (name === '' || name.length > 80 || /clyde|discord/i.test(name)) {
        const message = 'Username cannot be empty, longer than 80, or contain "clyde" or "discord"'
        throw invalidForm({ at: 'name', code: 'USERNAME_INVALID_CONTAINS', message })
      }
      const there = [...world.webhooks.values()].filter((webhook) => webhook.channel === channel)
      if (there.length >= mostInAChannel) throw refuse('tooManyWebhooks')
      return view(addWebhook(world, channel, call.bot.account, name, pictureIn(call)), call)
    },
    'GET /channels/:channel/webhooks': (call) => {
      const channel = managed(call)
      const there = [...world.webhooks.values()].filter((webhook) => webhook.channel === channel)
      return there.map((webhook) => view(webhook, call))
    },
    'GET /guilds/:guild/webhooks': (call) => {
      const guild = findGuild(world, call)
      // The whole guild's need the permission in the whole guild.
      if ((guildPermissions(guild, call.bot.account) & PermissionFlagsBits.ManageWebhooks) === 0n)
        throw refuse('missingPermissions')
      const there = [...world.webhooks.values()].filter(({ channel }) => channel.guild === guild)
      return there.map((webhook) => view(webhook, call))
    },
    'GET /webhooks/:webhook': (call) => view(find(call), call),
    'PATCH /webhooks/:webhook': (call) => {
      const webhook = find(call)
      if (typeof call.body.name === 'string') webhook.name = call.body.name
      const picture = pictureIn(call)
      if (picture !== undefined) webhook.avatar = pictureHash(picture)
      return view(webhook, call)
    },
    'DELETE /webhooks/:webhook': (call) => removeWebhook(world, find(call)),
  }
}

function executeWebhook(world: World, webhook: Webhook, call: Call): unknown {
  const threadId = call.query.get('thread_id')
  const channel = threadId === null ? webhook.channel : world.channels.get(threadId)
  if (channel === undefined || (channel !== webhook.channel && channel.parent !== webhook.channel)) {
    throw refuse('unknownChannel')
  }
  const body = readMessageBody(world, channel.id, call.body, call.uploads)
  if (isEmpty(body)) throw refuse('emptyMessage')
  const { username } = call.body
  if (typeof username === 'string' && (username.length > 80 || /clyde|discord/i.test(username))) {
    const message = 'Username cannot contain "discord"'
    throw invalidForm({ at: 'username', code: 'USERNAME_INVALID_CONTAINS', message })
  }
  channel.archived = false
  const name = typeof username === 'string' && username !== '' ? username : webhook.name
  const message = createMessage(world, channel, webhookAuthor(webhook, name), {
    ...draftOf(body),
    allowedMentions: body.allowedMentions ?? mentionsInWebhooks,
    webhook: { id: webhook.id, name, avatar: webhook.avatar },
    applicationId: webhook.applicationId ?? undefined,
  })
  return /^(true|True|1)$/.test(call.query.get('wait') ?? '')
    ? messageView(world, message, anybody)
    : undefined
}

/** What was sent with a token is read with it, whatever anybody's intents are. */
const nobody = {
  id: '0',
  username: '',
  globalName: null,
  bot: true,
  blocked: new Set<string>(),
  apart: new Set<string>(),
}
const anybody: Viewer = { bot: { account: nobody, applicationId: '0' }, intents: 0, seesContent: true }

function webhookMessage(world: World, webhook: Webhook, call: Call): Message {
  const channel = world.channels.get(call.query.get('thread_id') ?? '') ?? webhook.channel
  const message = channel.messages.get(call.params.message ?? '')
  if (message?.webhook?.id !== webhook.id) throw refuse('unknownMessage')
  return message
}

export function openWebhookRoutes(world: World, interactions: Routes): Routes {
  const find = ({ params }: Call): Webhook | undefined => {
    const webhook = world.webhooks.get(params.webhook ?? '')
    if (webhook !== undefined && webhook.token !== params.token) throw refuse('invalidWebhookToken')
    return webhook
  }
  /** The same addresses serve an interaction's token, with the application's id before it. */
  const either = (name: string, handle: (webhook: Webhook, call: Call) => unknown): Routes => ({
    [name]: (call) => {
      const webhook = find(call)
      if (webhook !== undefined) return handle(webhook, call)
      const answer = interactions[name]
      if (answer === undefined) throw refuse('unknownWebhook')
      return answer(call)
    },
  })
  const messageRoute = '/webhooks/:webhook/:token/messages/:message'
  return {
    ...either('GET /webhooks/:webhook/:token', (webhook) => webhookView(webhook, true)),
    ...either('DELETE /webhooks/:webhook/:token', (webhook) => removeWebhook(world, webhook)),
    ...either('POST /webhooks/:webhook/:token', (webhook, call) => executeWebhook(world, webhook, call)),
    ...either(`GET ${messageRoute}`, (webhook, call) =>
      messageView(world, webhookMessage(world, webhook, call), anybody),
    ),
    ...either(`PATCH ${messageRoute}`, (webhook, call) => {
      const message = webhookMessage(world, webhook, call)
      if (message.channel.archived) throw refuse('archivedThread')
      applyEdit(
        world,
        message,
        readMessageBody(world, message.channel.id, call.body, call.uploads, message.attachments),
      )
      return messageView(world, message, anybody)
    }),
    ...either(`DELETE ${messageRoute}`, (webhook, call) =>
      deleteMessage(world, webhookMessage(world, webhook, call)),
    ),
  }
}
