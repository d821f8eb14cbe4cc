import { Routes } from 'discord.js'
import type { CallDiscord } from './rest.ts'

/** Which application the bot is of: older ones have another id than their bot. */
export interface ApplicationId {
  /** As Discord tells it at the beginning of each connection. */
  learn(id: string): void
  /** Undefined before the first connection. */
  known(): string | undefined
  /** Throws `HearthError`. */
  ask(signal: AbortSignal): Promise<string>
}

export function createApplicationId(call: CallDiscord): ApplicationId {
  let id: string | undefined
  return {
    learn(told) {
      id = told
    },
    known: () => id,
    async ask(signal) {
      const route = Routes.currentApplication()
      id ??= (await call<{ readonly id: string }>('get', route, 'look itself up', signal)).id
      return id
    },
  }
}
