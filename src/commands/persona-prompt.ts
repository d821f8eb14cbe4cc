import type { Command } from 'commander'
import type { Persona } from '../core/persona.ts'
import type { Config } from '../ops/config.ts'
import { readPersonas } from '../persona/read.ts'
import { openStorage } from '../storage.ts'
import { promptOfRoom } from './prompt-of-room.ts'

export interface PersonaPromptContext {
  readonly config: () => Promise<Config>
  /** Throws `HearthError` where there is no such persona. */
  readonly find: (name: string) => Promise<Persona>
  /** Takes whole lines, with their ends. */
  readonly write: (text: string) => void
  readonly signal: AbortSignal
}

/** Adds `persona prompt`. */
export function addPersonaPromptCommand(persona: Command, context: PersonaPromptContext): void {
  const { signal } = context
  persona
    .command('prompt <name>')
    .description("show the prompt of a persona's last reply in a room, with the size of each part")
    .option('--room <id>', "as its platform calls it: !abc:home, a channel's number (default: the terminal)")
    .action(async (name: string, { room }: { readonly room?: string }) => {
      const found = await context.find(name)
      const config = await context.config()
      const { personas } = await readPersonas(config.personas, signal)
      await using storage = await openStorage(config, signal)
      context.write(`${await promptOfRoom(found, room, personas, config, storage, signal)}\n`)
    })
}
