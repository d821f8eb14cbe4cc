import type { Command } from 'commander'
import { choosePersona } from '../choose-persona.ts'
import { HearthError, isAbort, personaError } from '../core/errors.ts'
import { externalId, type PersonaId, personaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import type { Importer } from '../core/store.ts'
import { openExport } from '../import/export.ts'
import { digest } from '../import/fields.ts'
import { type ImportOptions, importFile } from '../import/import-file.ts'
import { createProgress, type ProgressOutput } from '../import/progress.ts'
import type { Config } from '../ops/config.ts'
import { stopOnSignals } from '../ops/shutdown.ts'
import { readPersonas } from '../persona/read.ts'
import type { Store } from '../store/store.ts'
import { type Door, findDoor, platformOf } from './import-door.ts'
import { showText, statusText } from './memory-status.ts'

export interface MemoryContext {
  readonly config: () => Promise<Config>
  /** Takes whole lines, with their ends. */
  readonly write: (text: string) => void
  readonly errors: ProgressOutput
  readonly controller: AbortController
}

interface ImportFlags {
  readonly persona: string
  readonly person: string
  readonly as: readonly string[]
  readonly personaAs: readonly string[]
  readonly account?: string
  readonly dryRun?: true
}

const example = `
Example:
  $ npx hearth memory import "Mira - 2024-1-3.jsonl" --persona mira --person @ada:home --dry-run
  $ npx hearth memory import chatgpt-export.zip --persona mira --person @ada:home

The zips of ChatGPT and of Discord's data package need not be unpacked. docs/importing.md says which files can be read, and where they come from.`

const collect = (name: string, names: readonly string[]): readonly string[] => [...names, name]

/** Adds `memory import|status|show`. Throws `HearthError`, and what the aborted signal throws. */
export function addMemoryCommand(program: Command, context: MemoryContext): void {
  const memory = program.command('memory').description('look after what is remembered')
  const withStore = async (work: (store: Store) => Promise<string>) => {
    const { openStorage } = await import('../storage.ts')
    await using storage = await openStorage(await context.config(), context.controller.signal)
    context.write(`${await work(storage.store)}\n`)
  }

  memory
    .command('status')
    .description('show how much is remembered, and what is still to be done; nothing of what it is')
    .action(() => withStore(async (store) => statusText(await store.countMemories(), new Date())))

  memory
    .command('show')
    .description('show what is remembered of somebody who has allowed it')
    .requiredOption('--person <id>', 'as the platform shows them: @ada:home, a Discord user id')
    .action(({ person }: { readonly person: string }) =>
      withStore((store) => showText(store, platformOf(person), person)),
    )

  memory
    .command('import <file>')
    .description('take in what was said elsewhere: SillyTavern, Discord, Element, ChatGPT; a file or a zip')
    .requiredOption('--persona <name>', 'the persona with whom it is to have been held')
    .requiredOption('--person <id>', 'whose it is, as the platform shows them: @ada:home, a Discord user id')
    .option('--as <name>', 'what the person is called in the file; may be given several times', collect, [])
    .option(
      '--persona-as <name>',
      'what the persona, or its channel on Discord, is called there; likewise',
      collect,
      [],
    )
    .option('--account <account>', 'through which account, where the persona has several')
    .option('--dry-run', 'show what would be taken in, and write nothing')
    .addHelpText('after', example)
    .action(async (file: string, flags: ImportFlags) => {
      using _signals = stopOnSignals(context.controller)
      await runImport(file, flags, context)
    })
}

async function runImport(file: string, flags: ImportFlags, context: MemoryContext): Promise<void> {
  const { write, errors, controller } = context
  const { signal } = controller
  const config = await context.config()
  const persona = await findPersona(config, flags.persona, signal)
  const door = await findDoor(config, persona.id, flags.person, flags.account)
  const hints = {
    person: flags.person,
    personNames: flags.as,
    persona: [persona.id, persona.name, ...door.names],
    personaNames: flags.personaAs,
  }
  await using source = await openExport(file, hints, signal)
  const options = { persona: persona.name, progress: createProgress(errors), write }
  if (flags.dryRun === true) return await importFile(source, { ...options, add: undefined }, signal)
  const { openStorage } = await import('../storage.ts')
  await using storage = await openStorage(config, signal).catch((error: unknown) => {
    throw inUse(error)
  })
  try {
    const add = addTo(storage.store.importer, door, persona.id, flags)
    await importFile(source, { ...options, add }, signal)
  } catch (error) {
    if (isAbort(error)) errors.write('Stopped. The same command goes on where this one was.\n')
    throw error
  }
}

/** The room is that of this conversation, this person and this persona: whoever else has it has their own. */
function addTo(
  importer: Importer,
  { account, platform }: Door,
  persona: PersonaId,
  { person, as: [name = person] }: ImportFlags,
): ImportOptions['add'] {
  return (conversation, messages) =>
    importer.add(
      {
        doorway: { account, platform, persona },
        person: { externalId: externalId(person), displayName: name },
        room: externalId(`import:${digest(platform, person, persona, conversation)}`),
      },
      messages.map(({ id, from, at, text }) => ({ externalId: externalId(id), from, at, text })),
    )
}

async function findPersona(config: Config, name: string, signal: AbortSignal): Promise<Persona> {
  const { personas, problems } = await readPersonas(config.personas, signal)
  try {
    return choosePersona(personaId(name), personas, problems, config.personas)
  } catch (error) {
    if (error instanceof HearthError) throw error
    throw personaError('That is not the name of a persona.', {
      code: 'no-such-persona',
      mend: 'The names are listed by: npx hearth persona list',
    })
  }
}

/** What to do about it is something else here than for whoever starts a second Hearth. */
function inUse(error: unknown): unknown {
  if (!(error instanceof HearthError) || error.code !== 'database-in-use') return error
  return new HearthError(error.who, error.message, {
    code: error.code,
    mend: 'Stop it while the file is taken in (--dry-run can look at the file meanwhile). With Postgres (`database` in hearth.yaml) both can run.',
    cause: error,
  })
}
