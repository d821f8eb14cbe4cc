import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { addDiscordCommand } from './commands/discord.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { doctorChecks } from './commands/doctor-checks.ts'
import { addInitCommand } from './commands/init.ts'
import { addKeysCommand } from './commands/keys.ts'
import { addMatrixCommand } from './commands/matrix.ts'
import { addMemoryCommand } from './commands/memory.ts'
import { addMigrateCommand } from './commands/migrate.ts'
import { addPersonaCommand } from './commands/persona.ts'
import { addRunCommands } from './commands/run.ts'
import { HearthError, isAbort } from './core/errors.ts'
import { findModels } from './models.ts'
import { readConfig } from './ops/config.ts'
import { readPersonas } from './persona/read.ts'

const controller = new AbortController()
const { signal } = controller
const program = new Command('hearth')
const write = (text: string) => void process.stdout.write(text)

const configOptions = () => ({
  file: program.opts<{ readonly config?: string }>().config,
  cwd: process.cwd(),
  environment: process.env,
})
const config = () => readConfig(configOptions(), signal)

program
  .description('AI companions that live in your own house')
  .option('-c, --config <file>', 'the configuration (default: hearth.yaml in this folder)')
  .showHelpAfterError('(hearth --help shows all commands)')
  .showSuggestionAfterError()

// Alone it is the program's; after a command it is that command's own (`persona export --version 2`).
if (process.argv.length === 3) program.version(await version(), '-v, --version')

addRunCommands(program, { config, controller })
addInitCommand(program, {
  configOptions,
  findModels,
  shippedPersonas: fileURLToPath(new URL('../personas', import.meta.url)),
  listPersonas: async (folder) => (await readPersonas(folder, signal)).personas,
  input: process.stdin,
  output: process.stdout,
  signal,
})
addDoctorCommand(program, {
  configOptions,
  checks: doctorChecks,
  write,
  colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  signal,
})
addPersonaCommand(program, { personasFolder: async () => (await config()).personas, write, signal })
addKeysCommand(program, { config, write, signal })
addMatrixCommand(program, { config, write, input: process.stdin, signal })
addDiscordCommand(program, { config, write, signal })
addMemoryCommand(program, { config, write, errors: process.stderr, controller })
addMigrateCommand(program, { config, write })

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
