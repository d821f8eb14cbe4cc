import { HearthError } from '../core/errors.ts'
import type { Config } from './config.ts'

export type Status = 'ok' | 'warn' | 'fail'

export interface Finding {
  readonly status: Status
  /** A sentence for the operator, without secrets. */
  readonly detail: string
  /** What to do about it, as a sentence or a command. */
  readonly mend?: string
}

export interface NamedFinding extends Finding {
  readonly name: string
}

/**
 * Looks at one thing and changes nothing. What it throws counts as `fail`; it is given up after
 * `boundMs`, and told by the signal. Several findings are for several things of a kind, such as hosts.
 */
export interface Check {
  readonly name: string
  run(signal: AbortSignal): Promise<Finding | readonly Finding[]>
}

/** The same where the configuration is needed. */
export interface ConfiguredCheck {
  readonly name: string
  run(config: Config, signal: AbortSignal): Promise<Finding | readonly Finding[]>
}

export interface Examination {
  readonly findings: readonly NamedFinding[]
  /** A check did not stop when its time was over: it may keep the process alive. */
  readonly leftBehind: boolean
}

/** How long one check has: a database may have to start, a model host may be far away. */
const oneCheckMs = 15_000

/** Runs the checks one after the other; each finding is told as soon as it is known. */
export async function examine(
  checks: readonly Check[],
  onFinding: (finding: NamedFinding) => void,
  signal: AbortSignal,
  boundMs: number = oneCheckMs,
): Promise<Examination> {
  const findings: NamedFinding[] = []
  let leftBehind = false
  for (const check of checks) {
    signal.throwIfAborted()
    const outcome = await runBounded(check, signal, boundMs)
    signal.throwIfAborted()
    leftBehind ||= outcome === undefined
    for (const finding of outcome ?? [tooSlow(boundMs)]) {
      const named = { name: check.name, ...finding }
      findings.push(named)
      onFinding(named)
    }
  }
  return { findings, leftBehind }
}

/** Undefined when the time was over. */
async function runBounded(
  check: Check,
  signal: AbortSignal,
  boundMs: number,
): Promise<readonly Finding[] | undefined> {
  const over = new AbortController()
  let stop = (): void => undefined
  const overtime = new Promise<undefined>((resolve) => {
    stop = () => {
      over.abort()
      resolve(undefined)
    }
  })
  const timer = setTimeout(stop, boundMs)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const outcome = await Promise.race([check.run(over.signal), overtime])
    return outcome === undefined ? undefined : [outcome].flat()
  } catch (error) {
    return [failed(error)]
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

const tooSlow = (boundMs: number): Finding => ({
  status: 'fail',
  detail: `There was no answer within ${Math.ceil(boundMs / 1000)} s.`,
})

/** Only our own errors have messages that may be shown. */
export function failed(error: unknown): Finding {
  if (!(error instanceof HearthError)) {
    const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : 'unknown error'
    return { status: 'fail', detail: `This could not be checked (${name}).` }
  }
  const { message, mend } = error
  return { status: 'fail', detail: message, ...(mend === undefined ? {} : { mend }) }
}

/** For checks that cannot run without the configuration. */
export const notChecked: Finding = {
  status: 'warn',
  detail: 'Not checked, because the configuration cannot be read.',
}
