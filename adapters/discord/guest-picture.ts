import { createHash } from 'node:crypto'
import { Routes } from 'discord.js'
import type { Account } from '../../src/core/conversation.ts'
import { HearthError } from '../../src/core/errors.ts'
import type { Avatar } from '../../src/core/persona.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import type { TellNews } from './news.ts'
import type { CallDiscord } from './rest.ts'

const collection = 'pictures'
const refusals = new Set(['discord-refused', 'file-refused'])

export interface GuestPictureOptions {
  readonly account: Account
  readonly avatar: Avatar | undefined
  readonly records: AccountRecords
  readonly call: CallDiscord
  readonly tell: TellNews
  readonly life: AbortSignal
}

/** Has the webhook of a channel show the picture that its guest has now. Throws `HearthError`. */
export type ShowPicture = (
  channel: string,
  webhook: { readonly id: string; readonly avatar: string | null },
) => Promise<void>

export function createShowPicture(options: GuestPictureOptions): ShowPicture {
  const { account, avatar, records, call, tell, life } = options
  // Discord tells of a picture by a name of its own.
  const digest = avatar && createHash('sha256').update(avatar.bytes).digest('hex')
  const picture = avatar && `data:${avatar.mediaType};base64,${Buffer.from(avatar.bytes).toString('base64')}`

  return async (channel, webhook) => {
    const value = (await records.read(account.id, collection)).get(channel)
    const shown = value && Buffer.from(value).toString()
    // Somebody may have given it one on Discord.
    if (webhook.avatar === null ? picture === undefined : shown === digest) return
    try {
      const body = { avatar: picture ?? null }
      await call('patch', Routes.webhook(webhook.id), 'show the picture of a guest', life, { body })
    } catch (error) {
      if (!(error instanceof HearthError) || error.retryable || !refusals.has(error.code)) throw error
      // Without it they can speak all the same.
      tell({ kind: 'picture-refused', error })
    }
    await records.write(account.id, [
      { collection, key: channel, value: digest === undefined ? undefined : Buffer.from(digest) },
    ])
  }
}
