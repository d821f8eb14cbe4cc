import { HearthError } from '../core/errors.ts'
import { embedderToFetch, findModels, noEmbedder } from '../models.ts'
import type { Config } from '../ops/config.ts'
import type { ConfiguredCheck, Finding } from '../ops/doctor.ts'
import { problemText } from '../persona/problem.ts'
import { readPersonas } from '../persona/read.ts'
import { openDatabaseIfThere, openStorageIfReady } from '../storage.ts'
import type { Database } from '../store/database.ts'
import { createKeyRepository } from '../store/key-repository.ts'
import { migrationStatus } from '../store/migrate.ts'
import { nameSource } from '../vault/master-key.ts'
import { readKeyStatus } from '../vault/unlock.ts'
import { checkMatrix } from './matrix-checks.ts'

/** What `hearth doctor` looks at beside Node, the configuration and the disk. None of it changes anything. */
export const doctorChecks: readonly ConfiguredCheck[] = [
  { name: 'database', run: (config) => inDatabase(config, checkDatabase) },
  {
    name: 'vault',
    run: (config, signal) => inDatabase(config, (database) => checkVault(config, database, signal)),
  },
  { name: 'models', run: checkModels },
  { name: 'embedding', run: checkEmbedding },
  { name: 'personas', run: checkPersonas },
  {
    name: 'matrix',
    async run(config, signal) {
      const { matrix } = config
      if (matrix === undefined) return []
      return await inDatabase(config, async (database) => {
        await using storage = await openStorageIfReady(database, config, signal)
        if (storage !== undefined) return await checkMatrix(matrix, storage, signal)
        const mend = 'The first start makes the database ready; then: npx hearth matrix register'
        return { status: 'warn', detail: 'no account has signed in yet', mend }
      })
    },
  },
  {
    name: 'discord',
    async run(config, signal) {
      const { discord, database } = config
      if (discord === undefined) return []
      // Loaded where it is needed: discord.js takes a moment.
      const { checkDiscord, checkShards } = await import('./discord-checks.ts')
      const bots = await checkDiscord(discord, signal)
      const { shards } = discord
      // Over the built-in database there is nobody to share them with.
      if (shards === undefined || database === undefined) return bots
      return [bots, await inDatabase(config, (opened) => checkShards(discord, shards, opened))]
    },
  },
]

async function inDatabase(config: Config, look: (database: Database) => Promise<Finding>): Promise<Finding> {
  try {
    await using database = await openDatabaseIfThere(config)
    if (database === undefined) return { status: 'ok', detail: 'nothing there yet; the first start makes it' }
    return await look(database)
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== 'database-in-use') throw error
    return { status: 'warn', detail: 'in use by a running Hearth, so it was not looked at' }
  }
}

async function checkDatabase(database: Database): Promise<Finding> {
  const { applied, pending } = await migrationStatus(database)
  return pending.length === 0
    ? { status: 'ok', detail: `${database.where} is up to date (${applied.length} migrations)` }
    : {
        status: 'warn',
        detail: `${database.where} lacks ${pending.length} migrations`,
        mend: 'The next start applies them, or: npx hearth migrate',
      }
}

async function checkVault(config: Config, database: Database, signal: AbortSignal): Promise<Finding> {
  const { applied } = await migrationStatus(database)
  if (applied.length === 0) return { status: 'ok', detail: 'no key yet; the first start makes it' }
  const { state, masterId } = await readKeyStatus(createKeyRepository(database), config.masterKey, signal)
  const key = `${nameSource(config.masterKey)}${masterId === undefined ? '' : ` (${masterId})`}`
  if (state === 'half-rotated') {
    return {
      status: 'warn',
      detail: `the rotation of ${key} was cut off`,
      mend: 'The next start finishes it.',
    }
  }
  return {
    status: 'ok',
    detail: state === 'new' ? 'no key yet; the first start makes it' : `${key} is the right one`,
  }
}

async function checkModels(config: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const { hosts, hostsListed, chat } = config.models
  const found = await Promise.all(hosts.map(({ url }) => findModels(url, signal)))
  // Hosts that the file does not list may be absent: the pocket model stands in.
  const absent = hostsListed ? 'fail' : 'warn'
  return found.map((host): Finding => {
    if (!host.found) {
      const mend = hostsListed
        ? 'Start it with: ollama serve'
        : 'Without it the pocket model speaks. Get Ollama, then: ollama pull a chat model.'
      return { status: absent, detail: `${host.url}: ${host.reason}`, mend }
    }
    if (chat !== undefined && !host.chat.some((name) => sameModel(name, chat))) {
      return { status: absent, detail: `${host.url} does not have ${chat}`, mend: `ollama pull ${chat}` }
    }
    return host.chat.length > 0
      ? { status: 'ok', detail: `${host.url} has ${host.chat.join(', ')}` }
      : { status: absent, detail: `${host.url} has no chat model`, mend: 'ollama pull one, such as llama3.2' }
  })
}

/** What compares texts by their meaning. */
async function checkEmbedding(config: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const { hosts, embed } = config.models
  if (embed === noEmbedder)
    return [{ status: 'ok', detail: 'none is wanted: memories are found by words alone' }]
  if (embed === undefined) {
    const detail = embedderToFetch(config.models) ?? 'the small model for this process is there'
    return [{ status: 'ok', detail }]
  }
  const found = await Promise.all(hosts.map(({ url }) => findModels(url, signal)))
  return found.flatMap((host): readonly Finding[] => {
    // What does not answer is told of above.
    if (!host.found) return []
    const has = [...host.embed, ...host.chat].some((name) => sameModel(name, embed))
    if (has) return [{ status: 'ok', detail: `${host.url} has ${embed}` }]
    return [{ status: 'fail', detail: `${host.url} does not have ${embed}`, mend: `ollama pull ${embed}` }]
  })
}

/** Ollama takes a name without a tag for `latest`. */
const sameModel = (name: string, asked: string): boolean => name === asked || name === `${asked}:latest`

async function checkPersonas(config: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const { personas, problems } = await readPersonas(config.personas, signal)
  const wrong = problems.map(
    (problem): Finding => ({ status: 'fail', detail: problemText(problem), mend: problem.mend }),
  )
  if (personas.length === 0)
    return wrong.length > 0
      ? wrong
      : [{ status: 'fail', detail: 'there are none', mend: 'npx hearth persona new <name>' }]
  const names = personas.map(({ id }) => id)
  const speaker: Finding = names.includes(config.persona)
    ? { status: 'ok', detail: names.join(', ') }
    : {
        status: 'fail',
        detail: `${config.persona} is to speak in the terminal, but there are: ${names.join(', ')}`,
        mend: 'Correct `persona` in hearth.yaml.',
      }
  return [speaker, ...wrong]
}
