import { type HearthError, modelError } from '../core/errors.ts'

const asOllama = 'Or install Ollama and run: ollama pull llama3.2'

/** 98362432 as `98.4 MB`: decimal, as disks are sold. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** True for every form in which a full disk or a used-up quota shows itself. */
export function isOutOfSpace(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk-full'
}

/** One source gave nothing; the next one is tried. */
export const sourceError = (reason: string, cause?: unknown): HearthError =>
  modelError(reason, { code: 'pocket-source-failed', retryable: true, cause })

export function diskFullError(folder: string, neededBytes: number | undefined, cause?: unknown): HearthError {
  const needs =
    neededBytes === undefined ? 'more room than there is' : `${megabytes(neededBytes)} of free space`
  return modelError(`the disk is full: the pocket model needs ${needs} in ${folder}`, {
    code: 'disk-full',
    mend: 'Free some space, or set HEARTH_MODELS to a folder on another disk.',
    retryable: true,
    cause,
  })
}

export function modelsFolderError(folder: string, cause: unknown): HearthError {
  return modelError(`the models folder ${folder} cannot be written (${codeOf(cause) ?? 'unknown reason'})`, {
    code: 'models-folder',
    mend: 'Make the folder writable, or set HEARTH_MODELS to one that is.',
    cause,
  })
}

export interface SourceFailure {
  readonly source: string
  readonly reason: string
}

export function noWeightsError(failures: readonly SourceFailure[], putFileAt: string): HearthError {
  const list = failures.map(({ source, reason }) => `\n  - ${source}: ${reason}`).join('')
  return modelError(`the pocket model's weights could not be had from any source:${list}`, {
    code: 'pocket-weights-missing',
    mend: `Put a .gguf file at ${putFileAt}, or set models.pocket.sources in hearth.yaml. ${asOllama}`,
    retryable: true,
  })
}

export function bindingError(error: unknown): HearthError {
  const missing = codeOf(error) === 'ERR_MODULE_NOT_FOUND'
  const platform = `${process.platform}-${process.arch}`
  return modelError(
    missing
      ? 'the pocket model needs the package node-llama-cpp, which is not installed'
      : `the pocket model cannot run here: node-llama-cpp has no working program for ${platform}`,
    {
      code: 'pocket-unavailable',
      mend: `${missing ? 'Run: npm ci --include=optional' : 'Run: npm rebuild node-llama-cpp'}. ${asOllama}`,
      cause: error,
    },
  )
}

export function unreadableWeightsError(
  file: string,
  detail: string | undefined,
  cause: unknown,
): HearthError {
  const why = detail === undefined ? '' : ` (${detail})`
  return modelError(`the weights in ${file} cannot be loaded${why}`, {
    code: 'pocket-weights-unreadable',
    mend: 'Delete the file so that it is fetched again, or put another .gguf file in its place.',
    cause,
  })
}

export function contextError(contextTokens: number, cause: unknown): HearthError {
  return modelError(`there is not enough memory for a context of ${contextTokens} tokens`, {
    code: 'pocket-memory',
    mend: 'Set models.contextTokens to a smaller number, or free some memory.',
    cause,
  })
}

export function promptTooLongError(promptTokens: number, contextTokens: number): HearthError {
  return modelError(
    `the prompt has ${promptTokens} tokens, and the pocket model takes ${contextTokens} with the reply`,
    {
      code: 'prompt-too-long',
      mend: 'Shorten the persona, or use Ollama with a model that takes more.',
    },
  )
}

export function otherModelError(asked: string, here: string): HearthError {
  return modelError(`model "${asked}" is not here: only the pocket model ${here} is`, {
    code: 'model-missing',
    mend: `Install Ollama and run: ollama pull ${asked}. Or take the model's name out of the persona.`,
  })
}

export function formatError(cause: unknown): HearthError {
  return modelError('the pocket model cannot keep the asked JSON schema', {
    code: 'format-unsupported',
    cause,
  })
}

export const closedError = (): HearthError =>
  modelError('the pocket model has been closed', { code: 'pocket-closed' })

export function generationError(cause: unknown): HearthError {
  return modelError('the pocket model failed while it was answering', {
    code: 'pocket-failed',
    retryable: true,
    cause,
  })
}
