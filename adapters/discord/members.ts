import { type APIGuildMember, type APIMessage, Routes } from 'discord.js'
import { HearthError } from '../../src/core/errors.ts'
import type { CallDiscord } from './rest.ts'
import type { Incoming } from './said.ts'

/** A page of history tells neither of its server nor of its members. */
export function completer(guild: string | undefined, call: CallDiscord, signal: AbortSignal) {
  const members = new Map<string, Promise<APIGuildMember | undefined>>()
  return async (message: APIMessage): Promise<Incoming> => {
    if (guild === undefined || message.author.bot === true) return message
    const { id } = message.author
    const asked =
      members.get(id) ??
      call<APIGuildMember>('get', Routes.guildMember(guild, id), 'look at a member', signal).catch(
        (error: unknown) => {
          if (error instanceof HearthError && !error.retryable) return undefined
          throw error
        },
      )
    members.set(id, asked)
    // Who comes next asks again.
    asked.catch(() => members.delete(id))
    const member = await asked
    return { ...message, guild_id: guild, ...(member !== undefined && { member }) }
  }
}
