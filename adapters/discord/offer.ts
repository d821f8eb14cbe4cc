import {
  type APIApplicationCommand,
  ApplicationCommandType,
  type RESTPutAPIApplicationCommandsJSONBody,
  Routes,
} from 'discord.js'
import type { CallDiscord } from './rest.ts'

const what = 'offer commands'

/**
 * Puts these commands in the place of those that the application offers; by one request, which Discord refuses
 * where it would take away the way into an Activity that is set up there. Throws `HearthError`.
 */
export async function offerCommands(
  call: CallDiscord,
  application: string,
  commands: RESTPutAPIApplicationCommandsJSONBody,
  signal: AbortSignal,
): Promise<void> {
  const route = Routes.applicationCommands(application)
  const offered = await call<readonly APIApplicationCommand[]>('get', route, what, signal, {
    query: new URLSearchParams({ with_localizations: 'true' }),
  })
  const entries = offered.filter(({ type }) => type === ApplicationCommandType.PrimaryEntryPoint)
  const kept = entries.map(({ application_id: _app, version: _version, ...entry }) => entry)
  await call('put', route, what, signal, { body: [...commands, ...kept] })
}
