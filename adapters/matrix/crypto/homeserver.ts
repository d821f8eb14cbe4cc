import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError, isAbort } from '../../../src/core/errors.ts'
import { homeserverRefused, homeserverUnreachable, signedOut } from './errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** What the homeserver said, also where it said no. The body is what it sent as JSON, unchecked. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** One call, with the account's access token. `path` holds the query. Rejects where no answer came. */
export type SendRequest = (
  method: Method,
  path: string,
  body: unknown,
  signal: AbortSignal,
) => Promise<Answer>

/** The fields of an error of the homeserver, as far as they are what the specification says. */
export function refusalOf({ body }: Answer): {
  readonly errcode: string
  readonly retryAfterMs: number | undefined
} {
  const { errcode, retry_after_ms: retryAfterMs } = recordOf(body)
  return {
    errcode: typeof errcode === 'string' ? errcode.slice(0, 80) : '',
    retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined,
  }
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

const tries = 4
const firstWaitMs = 250
const waitMostMs = 60_000

/**
 * Waits as long as the homeserver asks for, and tries again where it is out of order. Gives back the
 * answers that a repetition would not change. Throws `homeserver-unreachable` or `matrix-signed-out`.
 */
export function patiently(send: SendRequest): SendRequest {
  return (method, path, body, signal) => untilAnswered(() => send(method, path, body, signal), signal)
}

/** The same for a request that is made anew for each try: what was true at the first may not be at the next. */
export async function untilAnswered(send: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (let failures = 0; ; failures++) {
    const answer = await attempt(send, signal)
    if (answer !== undefined && answer.status === 429) {
      await sleep(Math.min(refusalOf(answer).retryAfterMs ?? 1_000, waitMostMs), undefined, { signal })
      continue
    }
    if (answer !== undefined && answer.status < 500) {
      if (answer.status === 401 && refusalOf(answer).errcode === 'M_UNKNOWN_TOKEN') throw signedOut()
      return answer
    }
    if (failures + 1 >= tries) throw homeserverUnreachable(answer?.status)
    await sleep(firstWaitMs * 2 ** failures, undefined, { signal })
  }
}

async function attempt(send: () => Promise<Answer>, signal: AbortSignal) {
  signal.throwIfAborted()
  try {
    return await send()
  } catch (error) {
    if (error instanceof HearthError || (isAbort(error) && signal.aborted)) throw error
    return undefined
  }
}

/** The body, where the homeserver said yes. Throws `homeserver-refused`. */
export function accepted(answer: Answer, what: string): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw homeserverRefused(what, answer.status, refusalOf(answer).errcode)
}
