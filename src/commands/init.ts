import { access } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { confirm, intro, log, outro, select, text } from '@clack/prompts'
import type { Command } from 'commander'
import { configError } from '../core/errors.ts'
import { cleanName } from '../core/text.ts'
import { configPlace, type ReadConfigOptions } from '../ops/config.ts'
import { variable } from '../ops/config-environment.ts'
import { type ConfigChoices, type ModelChoice, renderConfig } from '../ops/config-template.ts'
import { writeConfig } from '../ops/write-config.ts'
import { askMatrix } from './init-matrix.ts'
import { cancelled, given, type Terminal } from './wizard.ts'

/** What an Ollama server has. */
export type FoundModels =
  | {
      readonly found: true
      readonly url: string
      readonly chat: readonly string[]
      readonly embed: readonly string[]
    }
  /** `reason`: half a sentence, such as "nobody answers". */
  | { readonly found: false; readonly url: string; readonly reason: string }

export interface FoundPersona {
  readonly id: string
  readonly name: string
}

export interface InitContext {
  /** Where the file goes, and the environment that it will be read in. */
  readonly configOptions: () => ReadConfigOptions
  /** Asks the server at `url`; without it the one in OLLAMA_HOST or on this machine. */
  readonly findModels: (url: string | undefined, signal: AbortSignal) => Promise<FoundModels>
  /** The personas that come with Hearth, for a configuration that has no folder of its own for them. */
  readonly shippedPersonas: string
  /** Those in `folder` that can be spoken to. */
  readonly listPersonas: (folder: string, signal: AbortSignal) => Promise<readonly FoundPersona[]>
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
  readonly signal: AbortSignal
}

const defaultPersona = 'mira'
const defaultData = './data'

/** Adds `init`. Throws `HearthError` (`who: 'config'`) where the exit code is not 0. */
export function addInitCommand(program: Command, context: InitContext): void {
  program
    .command('init')
    .description('write hearth.yaml, with a few questions')
    .option('-y, --yes', 'ask nothing and take what was found; for use without a terminal')
    .action(({ yes }: { readonly yes?: true }) => runInit(context, yes === true))
}

export async function runInit(context: InitContext, yes: boolean): Promise<void> {
  const { path } = configPlace(context.configOptions())
  const exists = await isThere(path)
  if (yes) {
    if (exists) throw alreadyThere(path)
    await write(context, path, await defaultChoices(context, dirname(path)))
    return
  }
  if (context.input.isTTY !== true || context.output.isTTY !== true) throw noTerminal()
  const { input, output, signal } = context
  const terminal = { input, output, signal }
  intro('Hearth: a new configuration', { output })
  try {
    if (exists && !(await mayOverwrite(terminal, path))) throw cancelled
    const choices = await askChoices(context, terminal, dirname(path))
    await write(context, path, choices)
  } catch (error) {
    if (error !== cancelled) throw error
    outro('Nothing was written.', { output })
  }
}

async function mayOverwrite(terminal: Terminal, path: string): Promise<boolean> {
  const message = `${path} is there already. Replace it?`
  return given(await confirm({ message, initialValue: false, ...terminal }))
}

async function askChoices(context: InitContext, terminal: Terminal, folder: string): Promise<ConfigChoices> {
  const { environment } = context.configOptions()
  const { found, personas } = await findPersonas(context, folder)
  const persona = await askPersona(found, terminal)
  const models = await askModels(context, terminal)
  const matrix = await askMatrix(persona, terminal)
  const data = given(
    await text({
      message: 'Where is everything kept (conversations, key, log)?',
      initialValue: defaultData,
      validate: (value) => (value?.trim() ? undefined : 'Name a folder.'),
      ...terminal,
    }),
  ).trim()
  // With DATABASE_URL set there is nothing to choose: leaving `database` out means the same.
  if (variable(environment, 'DATABASE_URL') !== undefined) {
    log.info('DATABASE_URL is set, so conversations are stored in that Postgres.', terminal)
    return { persona, personas, models, matrix, data, postgres: true }
  }
  const postgres = given(
    await select({
      message: 'Where are conversations stored?',
      options: [
        { value: false, label: 'in the data folder', hint: 'nothing to set up; one process' },
        { value: true, label: 'in Postgres', hint: 'its address comes from DATABASE_URL' },
      ],
      ...terminal,
    }),
  )
  return { persona, personas, models, matrix, data, postgres }
}

/** Those beside the file, or else those that come with Hearth; `personas`: where these are. */
async function findPersonas({ listPersonas, shippedPersonas, signal }: InitContext, folder: string) {
  const here = await listPersonas(resolve(folder, 'personas'), signal)
  if (here.length > 0) return { found: here, personas: undefined }
  return { found: await listPersonas(shippedPersonas, signal), personas: shippedPersonas }
}

async function askPersona(personas: readonly FoundPersona[], terminal: Terminal): Promise<string> {
  if (personas.length === 0) return defaultPersona
  const options = personas.map(({ id, name }) => ({ value: id, label: cleanName(name) }))
  return given(
    await select({
      message: 'Who speaks with you?',
      options,
      initialValue: preferred(personas),
      ...terminal,
    }),
  )
}

function preferred(personas: readonly FoundPersona[]): string {
  return personas.find(({ id }) => id === defaultPersona)?.id ?? personas[0]?.id ?? defaultPersona
}

const pocketHint = 'small; for trying things out'

async function askModels(context: InitContext, terminal: Terminal): Promise<ModelChoice> {
  let url: string | undefined
  for (;;) {
    const found = await context.findModels(url, context.signal)
    if (found.found && found.chat.length > 0) return askModel(found, terminal)
    const problem = found.found
      ? 'has no model for conversation (get one: ollama pull llama3.2)'
      : found.reason
    log.warn(`Ollama at ${cleanName(found.url)}: ${problem}.`, terminal)
    const next = given(
      await select({
        message: 'Which model answers?',
        options: [
          {
            value: 'found',
            label: 'Ollama as soon as it is there, until then the pocket model',
            hint: pocketHint,
          },
          { value: 'again', label: 'Ollama at another address' },
        ],
        ...terminal,
      }),
    )
    if (next === 'found') return { kind: 'found' }
    url = given(
      await text({
        message: 'At which address?',
        placeholder: 'http://127.0.0.1:11434',
        validate: (value) =>
          /^https?:\/\/[^\s/@]+\/?$/.test(value?.trim() ?? '')
            ? undefined
            : 'Write it like this: http://127.0.0.1:11434',
        ...terminal,
      }),
    ).trim()
  }
}

async function askModel(
  { url, chat, embed }: FoundModels & { readonly found: true },
  terminal: Terminal,
): Promise<ModelChoice> {
  // No model has an empty name.
  const pocket = { value: '', label: 'none of them: the pocket model', hint: pocketHint }
  const options = [...chat.map((name) => ({ value: name, label: cleanName(name) })), pocket]
  const message = `Which model answers? (Ollama at ${cleanName(url)})`
  const model = given(await select({ message, options, ...terminal }))
  return model === pocket.value ? { kind: 'pocket' } : { kind: 'ollama', url, chat: model, embed: embed[0] }
}

async function defaultChoices(context: InitContext, folder: string): Promise<ConfigChoices> {
  const { environment } = context.configOptions()
  const { found: speakers, personas } = await findPersonas(context, folder)
  const found = await context.findModels(undefined, context.signal)
  const chat = found.found ? found.chat[0] : undefined
  return {
    persona: preferred(speakers),
    personas,
    data: defaultData,
    matrix: undefined,
    postgres: variable(environment, 'DATABASE_URL') !== undefined,
    models:
      found.found && chat !== undefined
        ? { kind: 'ollama', url: found.url, chat, embed: found.embed[0] }
        : { kind: 'found' },
  }
}

async function write(context: InitContext, path: string, choices: ConfigChoices): Promise<void> {
  const { cwd, environment } = context.configOptions()
  await writeConfig(path, renderConfig(choices))
  const steps = [
    ...(choices.postgres && variable(environment, 'DATABASE_URL') === undefined
      ? ['Set DATABASE_URL: postgres://user:password@host/name']
      : []),
    ...(choices.matrix === undefined
      ? []
      : ['Make its account: npx hearth matrix register (or, where there is one, npx hearth matrix login)']),
    'Start: npm start',
    'Check everything: npx hearth doctor',
  ]
  context.output.write(`Wrote ${relative(cwd, path) || path}.\n${steps.join('\n')}\n`)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

const alreadyThere = (path: string) =>
  configError(`${path} is there already. It was left as it is.`, {
    code: 'config-exists',
    mend: 'Take it away, or run npx hearth init in a terminal without --yes.',
  })

const noTerminal = () =>
  configError('hearth init asks questions, and this is no terminal.', {
    code: 'no-terminal',
    mend: 'Take what is found, without questions: npx hearth init --yes',
  })
