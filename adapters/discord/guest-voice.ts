import { type APIChannel, type APIMessage, type RawFile, Routes } from 'discord.js'
import { HearthError } from '../../src/core/errors.ts'
import { LruMap } from '../../src/core/lru-map.ts'
import type { ApplicationId } from './application-id.ts'
import type { Gateway } from './gateway.ts'
import type { ShowPicture } from './guest-picture.ts'
import type { CallDiscord } from './rest.ts'
import { isLater } from './snowflake.ts'
import type { Voice } from './voice.ts'

/** A try that is younger than this is the first one: whoever takes a turn over waits for its lease, at least two seconds. */
const firstTryMs = 1_500
const triesKept = 1_000
const channelsKept = 10_000

export interface GuestVoiceOptions {
  readonly name: string
  readonly showPicture: ShowPicture
  readonly application: ApplicationId
  readonly call: CallDiscord
  /** The same without a second try: Discord shows whatever reaches it twice. */
  readonly callOnce: CallDiscord
  readonly gateway: Pick<Gateway, 'channel'>
  /** False while other processes serve the bot too. */
  readonly isAlone: () => boolean
  /** For what all wait for who speak in a channel at the same time. */
  readonly life: AbortSignal
}

interface Webhook {
  readonly id: string
  readonly token?: string
  readonly name: string | null
  readonly avatar: string | null
  readonly application_id: string | null
}

/**
 * A persona's own, in the servers of another one's bot: by a webhook in each channel, which has its name and its
 * picture, and is found again by them.
 */
export function createGuestVoice(options: GuestVoiceOptions): Voice {
  const { name, showPicture, application, call, callOnce, gateway, isAlone, life } = options
  /** By channel; of threads by the one that they stand in. */
  const webhooks = new LruMap<string, Promise<Webhook>>(channelsKept)
  /** Of threads in shards that other processes have: the channel that they stand in. */
  const parents = new LruMap<string, Promise<string | undefined>>(channelsKept)
  const tries = new LruMap<string, true>(triesKept)

  const what = 'speak there as several personas'

  /** Of several the oldest: of two processes that make one at the same time each finds the same. */
  async function find(channel: string): Promise<Webhook | undefined> {
    const route = Routes.channelWebhooks(channel)
    const own = await application.ask(life)
    return (await call<readonly Webhook[]>('get', route, what, life))
      .filter(
        (webhook) => webhook.application_id === own && webhook.name === name && webhook.token !== undefined,
      )
      .toSorted((one, other) => (isLater(one.id, other.id) ? 1 : -1))[0]
  }

  async function make(channel: string): Promise<Webhook> {
    const made = await call<Webhook>('post', Routes.channelWebhooks(channel), what, life, { body: { name } })
    const oldest = isAlone() ? made : ((await find(channel)) ?? made)
    if (oldest.id !== made.id) await call('delete', Routes.webhook(made.id), what, life)
    return oldest
  }

  async function findOrMake(channel: string): Promise<Webhook> {
    const webhook = (await find(channel)) ?? (await make(channel))
    await showPicture(channel, webhook)
    return webhook
  }

  async function askForParent(channel: string): Promise<string | undefined> {
    const asked = await call<APIChannel>('get', Routes.channel(channel), what, life)
    return 'thread_metadata' in asked ? (asked.parent_id ?? undefined) : undefined
  }

  async function parentOf(channel: string): Promise<string | undefined> {
    const facts = gateway.channel(channel)
    if (facts !== undefined || isAlone()) return facts?.parent
    const asked = parents.get(channel) ?? askForParent(channel)
    parents.set(channel, asked)
    asked.catch(() => parents.delete(channel))
    return await asked
  }

  function webhookIn(channel: string): Promise<Webhook> {
    const known = webhooks.get(channel)
    if (known !== undefined) return known
    const asked = findOrMake(channel)
    webhooks.set(channel, asked)
    asked.catch(() => webhooks.delete(channel))
    return asked
  }

  /** With the webhook of this place, and where somebody has taken that away, with a new one. */
  async function speak<T>(
    channel: string,
    work: (webhook: Webhook, query: URLSearchParams) => Promise<T>,
  ): Promise<T> {
    const parent = await parentOf(channel)
    const query = new URLSearchParams(parent === undefined ? {} : { thread_id: channel })
    const once = async () => await work(await webhookIn(parent ?? channel), query)
    try {
      return await once()
    } catch (error) {
      if (!(error instanceof HearthError) || error.code !== 'discord-interaction-over') throw error
      webhooks.delete(parent ?? channel)
      return await once()
    }
  }

  const tokenOf = ({ token = '' }: Webhook) => token
  const open = { auth: false } as const

  return {
    async post(channel, body, files, key, _urgency, signal) {
      tries.set(key.id, true)
      return await speak(channel, async (webhook, query) => {
        query.set('wait', 'true')
        const route = Routes.webhook(webhook.id, tokenOf(webhook))
        const data = { ...open, body, query, files: [...files] as RawFile[] }
        return (await callOnce<APIMessage>('post', route, 'write there', signal, data)).id
      })
    },
    async change(channel, message, body, _urgency, signal) {
      await speak(channel, async (webhook, query) => {
        const route = Routes.webhookMessage(webhook.id, tokenOf(webhook), message)
        await call('patch', route, 'change a message', signal, { ...open, body, query })
      })
    },
    async takeBack(channel, message, signal) {
      await speak(channel, async (webhook, query) => {
        const route = Routes.webhookMessage(webhook.id, tokenOf(webhook), message)
        await call('delete', route, 'take a message back', signal, { ...open, query })
      })
    },
    isOwn: ({ application_id: by, webhook_id: webhook, author }) =>
      webhook !== undefined && by !== undefined && by === application.known() && author.username === name,
    async mayStand({ id, firstTriedAt }, signal) {
      // A process that stops hands its turns on at once.
      const may = !isAlone() || tries.get(id) === true || Date.now() - firstTriedAt.getTime() > firstTryMs
      // By it they are known again.
      if (may) await application.ask(signal)
      return may
    },
  }
}
