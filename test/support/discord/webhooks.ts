import { createHash, randomBytes } from 'node:crypto'

import { GatewayIntentBits } from 'discord-api-types/v10'

import { type Account, botOf, type Channel, type Webhook, type World } from './world.ts'

export function addWebhook(
  world: World,
  channel: Channel,
  creator: Account,
  name: string,
  picture?: string,
): Webhook {
  const webhook: Webhook = {
    id: world.newId(),
    token: randomBytes(51).toString('base64url'),
    channel,
    name,
    avatar: picture === undefined ? null : pictureHash(picture),
    creator,
    applicationId: botOf(world, creator)?.applicationId ?? null,
  }
  world.webhooks.set(webhook.id, webhook)
  tellOfWebhooks(world, channel)
  return webhook
}

/** What Discord calls a picture that was given as a data address. */
export const pictureHash = (picture: string): string => createHash('md5').update(picture).digest('hex')

export function removeWebhook(world: World, webhook: Webhook): void {
  world.webhooks.delete(webhook.id)
  tellOfWebhooks(world, webhook.channel)
}

function tellOfWebhooks(world: World, channel: Channel): void {
  const data = { guild_id: channel.guild?.id, channel_id: channel.id }
  const intents = GatewayIntentBits.GuildWebhooks
  world.publish({ t: 'WEBHOOKS_UPDATE', intents, guildId: channel.guild?.id, channel, data: () => data })
  world.changed()
}

/** An account for what a webhook says: it is nobody's, and everybody sees that it is a bot. */
export function webhookAuthor(webhook: Webhook, name: string): Account {
  return { id: webhook.id, username: name, globalName: null, bot: true, blocked: new Set(), apart: new Set() }
}
