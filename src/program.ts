import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { HearthError, isAbort } from './core/errors.ts'

const controller = new AbortController()
const { signal } = controller
const program = new Command('hearth')
const write = (text: string) => void process.stdout.write(text)

const configOptions = () => ({
  file: program.opts<{ readonly config?: string }>().config,
  cwd: process.cwd(),
  environment: process.env,
})
const config = async () => {
  const { readConfig } = await import('./ops/config.ts')
  return await readConfig(configOptions(), signal)
}

program
  .description('AI companions that live in your own house')
  .option('-c, --config <file>', 'the configuration (default: hearth.yaml in this folder)')
  .showHelpAfterError('(hearth --help shows all commands)')
  .showSuggestionAfterError()

// Alone it is the program's; after a command it is that command's own (`persona export --version 2`).
if (process.argv.length === 3) program.version(await version(), '-v, --version')

/** Loaded when it is asked for: all of them together take 0.7 s of processor time, and `persona list` a third. */
const commands: Readonly<Record<string, () => Promise<void>>> = {
  async run() {
    const { addRunCommands } = await import('./commands/run.ts')
    addRunCommands(program, { config, controller })
  },
  async init() {
    const { addInitCommand } = await import('./commands/init.ts')
    const { findModels } = await import('./models.ts')
    const { readPersonas } = await import('./persona/read.ts')
    addInitCommand(program, {
      configOptions,
      findModels,
      shippedPersonas: fileURLToPath(new URL('../personas', import.meta.url)),
      listPersonas: async (folder) => (await readPersonas(folder, signal)).personas,
      input: process.stdin,
      output: process.stdout,
      signal,
    })
  },
  async doctor() {
    const { addDoctorCommand } = await import('./commands/doctor.ts')
    const { doctorChecks } = await import('./commands/doctor-checks.ts')
    const colour = process.stdout.isTTY === true && !process.env.NO_COLOR
    addDoctorCommand(program, { configOptions, checks: doctorChecks, write, colour, signal })
  },
  async persona() {
    const { addPersonaCommand } = await import('./commands/persona.ts')
    const { addPersonaPromptCommand } = await import('./commands/persona-prompt.ts')
    const { addPersonaDriftCommand } = await import('./commands/persona-drift.ts')
    const personasFolder = async () => (await config()).personas
    const { command, find } = addPersonaCommand(program, { personasFolder, write, signal })
    addPersonaPromptCommand(command, { config, find, write, signal })
    addPersonaDriftCommand(command, { config, find, write, errors: process.stderr, controller })
  },
  async keys() {
    const { addKeysCommand } = await import('./commands/keys.ts')
    addKeysCommand(program, { config, write, signal })
  },
  async matrix() {
    const { addMatrixCommand } = await import('./commands/matrix.ts')
    addMatrixCommand(program, { config, write, input: process.stdin, signal })
  },
  async discord() {
    const { addDiscordCommand } = await import('./commands/discord.ts')
    addDiscordCommand(program, { config, write, signal })
  },
  async memory() {
    const { addMemoryCommand } = await import('./commands/memory.ts')
    addMemoryCommand(program, { config, write, errors: process.stderr, controller })
  },
  async person() {
    const { addPersonCommand } = await import('./commands/person.ts')
    addPersonCommand(program, { config, write, input: process.stdin, output: process.stdout, signal })
  },
  async backup() {
    const { addBackupCommand } = await import('./commands/backup.ts')
    addBackupCommand(program, { config, write, signal })
  },
  async migrate() {
    const { addMigrateCommand } = await import('./commands/migrate.ts')
    addMigrateCommand(program, { config, write })
  },
}
const [asked] = program.parseOptions(process.argv.slice(2)).operands
const adders = Object.entries(commands)
const known = adders.filter(([name]) => name === (asked === 'chat' ? 'run' : asked))
// Whoever asks for something else is shown, or told, what there is.
for (const [, add] of known.length > 0 ? known : adders) await add()

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = isAbort(error) ? 130 : 1
  if (!isAbort(error)) process.stderr.write(`${describe(error)}\n`)
}

function describe(error: unknown): string {
  if (error instanceof HearthError) return [error.message, error.mend].filter(Boolean).join('\n')
  return `Hearth has made a mistake. Please report this: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

async function version(): Promise<string> {
  const file = new URL('../package.json', import.meta.url)
  return String(JSON.parse(await readFile(file, 'utf8')).version)
}
