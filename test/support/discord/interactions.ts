import { randomBytes } from 'node:crypto'

import { MessageFlags, MessageType } from 'discord-api-types/v10'

import { refuse } from './api-error.ts'
import type { Json } from './body.ts'
import { messageView } from './message-views.ts'
import { permissionsIn } from './permissions.ts'
import { channelView, fullMemberView, userView } from './views.ts'
import type { Account, Bot, Channel, Message, World } from './world.ts'

/**
 * Somebody used a command, a button or a form. It waits until it is acknowledged once, in time; from then on
 * its token can say more, until that ends as well. `failed`: "The application did not respond".
 */
export interface Interaction {
  readonly id: string
  readonly token: string
  readonly type: 2 | 3 | 4 | 5
  readonly bot: Bot
  readonly user: Account
  readonly channel: Channel
  /** The command's full name. */
  readonly name: string | undefined
  /** What a button or a form hangs from. */
  readonly source: Message | undefined
  readonly atMs: number
  state: 'waiting' | 'thinking' | 'answered' | 'form' | 'choices'
  original: Message | undefined
  form: Json | undefined
  choices: readonly Json[]
}

export interface InteractionTimes {
  readonly deadlineMs: number
  readonly tokenMs: number
}

export interface Interactions {
  readonly all: Map<string, Interaction>
  readonly times: InteractionTimes
}

export interface Begin {
  readonly type: Interaction['type']
  readonly bot: Bot
  readonly user: Account
  readonly channel: Channel
  readonly data: Json
  readonly name?: string | undefined
  readonly source?: Message | undefined
}

export function begin(world: World, { all, times }: Interactions, given: Begin): Interaction {
  const { bot, user, channel, source } = given
  const interaction: Interaction = {
    id: world.newId(),
    token: randomBytes(40).toString('base64url'),
    type: given.type,
    bot,
    user,
    channel,
    name: given.name,
    source,
    atMs: performance.now(),
    state: 'waiting',
    original: undefined,
    form: undefined,
    choices: [],
  }
  all.set(interaction.id, interaction)
  const member = channel.guild?.members.get(user.id)
  const { guild } = channel
  world.publish({
    t: 'INTERACTION_CREATE',
    intents: 0,
    guildId: guild?.id,
    only: bot,
    data: (viewer) => ({
      id: interaction.id,
      application_id: bot.applicationId,
      type: given.type,
      data: given.data,
      token: interaction.token,
      version: 1,
      channel_id: channel.id,
      channel: { ...channelView(channel, bot.account), permissions: String(permissionsIn(channel, user)) },
      ...(guild === undefined
        ? { user: userView(user) }
        : {
            guild_id: guild.id,
            guild: { id: guild.id, locale: 'en-US', features: [] },
            guild_locale: 'en-US',
            member: member && {
              ...fullMemberView(member),
              permissions: String(permissionsIn(channel, user)),
            },
          }),
      ...(source !== undefined && { message: messageView(world, source, { ...viewer, seesContent: true }) }),
      app_permissions: String(permissionsIn(channel, bot.account)),
      locale: 'en-US',
      entitlements: [],
      authorizing_integration_owners: { 0: guild?.id ?? '0' },
      context: guild === undefined ? 1 : 0,
      attachment_size_limit: 10 * 1024 * 1024,
    }),
  })
  world.changed()
  // Whoever waits for it to fail is woken when it does.
  setTimeout(() => world.changed(), times.deadlineMs + 1).unref()
  return interaction
}

export const isLate = ({ atMs }: Interaction, { deadlineMs }: InteractionTimes): boolean =>
  performance.now() - atMs > deadlineMs

/** For the one answer that is allowed. */
export function findUnanswered(interactions: Interactions, id: string, token: string): Interaction {
  const interaction = interactions.all.get(id)
  if (interaction === undefined || interaction.token !== token) throw refuse('unknownInteraction')
  if (interaction.state !== 'waiting') throw refuse('acknowledged')
  if (isLate(interaction, interactions.times)) throw refuse('unknownInteraction')
  return interaction
}

/** For everything after it. */
export function findAnswered(interactions: Interactions, applicationId: string, token: string): Interaction {
  const interaction = [...interactions.all.values()].find((each) => each.token === token)
  if (interaction === undefined || interaction.bot.applicationId !== applicationId) {
    throw refuse('invalidWebhookToken')
  }
  if (performance.now() - interaction.atMs > interactions.times.tokenMs) throw refuse('invalidWebhookToken')
  if (interaction.state === 'waiting') throw refuse('unknownWebhook')
  return interaction
}

export const originOf = ({ id, type, name, user }: Interaction): NonNullable<Message['interaction']> => ({
  id,
  type,
  name,
  user,
})

export const isHidden = (flags: number | undefined): boolean => ((flags ?? 0) & MessageFlags.Ephemeral) !== 0

export const answerType = ({ type }: Interaction): MessageType =>
  type === 2 ? MessageType.ChatInputCommand : MessageType.Default
