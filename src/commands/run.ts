import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { personaError } from '../core/errors.ts'
import { type PersonaId, personaId } from '../core/ids.ts'
import type { Config } from '../ops/config.ts'
import { stopOnSignals } from '../ops/shutdown.ts'

export interface RunContext {
  readonly config: () => Promise<Config>
  readonly controller: AbortController
}

/** Adds `run` and `chat [persona]`. They throw `HearthError`. */
export function addRunCommands(program: Command, { config, controller }: RunContext): void {
  program
    .command('run')
    .description('start Hearth: here, in the terminal, as long as no other platform is configured')
    .action(async () => {
      const settings = await config()
      if (settings.matrix === undefined && settings.discord === undefined)
        return await talk(settings, settings.persona, controller)
      using _signals = stopOnSignals(controller)
      const { runAccounts } = await import('../main.ts')
      await runAccounts(settings, { output: process.stdout, errors: process.stderr }, controller.signal)
    })

  program
    .command('chat [persona]')
    .description('talk with a persona in the terminal')
    .action(async (name: string | undefined) => {
      const settings = await config()
      await talk(settings, name === undefined ? settings.persona : namedPersona(name), controller)
    })
}

async function talk(config: Config, persona: PersonaId, controller: AbortController): Promise<void> {
  using signals = stopOnSignals(controller)
  const terminal = {
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    personName: userName(),
    colour: process.env.NO_COLOR === undefined || process.env.NO_COLOR === '',
    onLeave: signals.leave,
  }
  const { runInTerminal } = await import('../main.ts')
  await runInTerminal(config, persona, terminal, controller.signal)
}

function namedPersona(name: string): PersonaId {
  try {
    return personaId(name)
  } catch (cause) {
    throw personaError('That is not the name of a persona.', {
      code: 'no-such-persona',
      mend: 'The names are listed by: npx hearth persona list',
      cause,
    })
  }
}

/** In some containers the user has no entry, and so no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'you'
  }
}
