/** Who failed. */
export type Culprit = 'platform' | 'model' | 'store' | 'vault' | 'persona' | 'config'

export interface ErrorDetails {
  /** Short and stable, for tests, metrics and logs: `model-missing`. */
  readonly code: string
  /** What the operator can do about it, as a sentence or a command. */
  readonly mend?: string
  /** True when the same call may succeed later. */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/**
 * The one kind of exception that Hearth throws on purpose: the work at hand cannot go on.
 * Its message is one clear sentence for the operator. It never holds what anybody said, nor a secret.
 */
export class HearthError extends Error {
  readonly who: Culprit
  readonly code: string
  readonly mend: string | undefined
  readonly retryable: boolean

  constructor(who: Culprit, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'HearthError'
    this.who = who
    this.code = details.code
    this.mend = details.mend
    this.retryable = details.retryable ?? false
  }
}

export const platformError = (message: string, details: ErrorDetails): HearthError =>
  new HearthError('platform', message, details)
export const modelError = (message: string, details: ErrorDetails): HearthError =>
  new HearthError('model', message, details)
export const storeError = (message: string, details: ErrorDetails): HearthError =>
  new HearthError('store', message, details)
export const vaultError = (message: string, details: ErrorDetails): HearthError =>
  new HearthError('vault', message, details)
export const personaError = (message: string, details: ErrorDetails): HearthError =>
  new HearthError('persona', message, details)
export const configError = (message: string, details: ErrorDetails): HearthError =>
  new HearthError('config', message, details)

/** True for what an `AbortSignal` throws when somebody cancelled on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}
