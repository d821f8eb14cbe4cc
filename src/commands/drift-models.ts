import { HearthError, modelError } from '../core/errors.ts'
import type { ModelInfo } from '../core/model.ts'
import { nearest } from '../core/nearest.ts'
import { ollamaAddress } from '../model/ollama-address.ts'
import { findOllama } from '../model/ollama-find.ts'
import type { Models } from '../models.ts'
import type { Config } from '../ops/config.ts'

const searchMs = 5_000

/** What is known of a model. Throws `HearthError`: where it is missing, the mend names those that are there. */
export async function findModel(
  name: string | undefined,
  { generator }: Pick<Models, 'generator'>,
  { models }: Pick<Config, 'models'>,
  signal: AbortSignal,
): Promise<ModelInfo> {
  try {
    const info = await generator.info(name, signal)
    if (name === undefined || !info.pocket) return info
    throw modelError(`No Ollama server answers, and the pocket model is not ${name}.`, {
      code: 'unreachable',
      mend: 'Start it with: ollama serve',
    })
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== 'model-missing') throw error
    const hosts = models.hosts.map(({ url }) => ollamaAddress(url))
    const found = (await findOllama(hosts, signal, searchMs)).flatMap(({ chatModels }) => chatModels)
    const names = [...new Set(found)]
    const meant = nearest(
      name ?? '',
      names.map((each) => each.replace(/:latest$/, '')),
    )
    throw modelError(error.message, {
      code: error.code,
      mend: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are: ${names.join(', ') || 'none'}. Another one comes with: ollama pull <name>`,
      cause: error,
    })
  }
}
