import { AsyncLocalStorage } from 'node:async_hooks'
import { LogService, MatrixClient, MatrixError, setRequestFn } from 'matrix-bot-sdk'
import { readBody } from './body.ts'
import { type Answer, recordOf, type SendRequest } from './crypto/homeserver.ts'

/** A sync after a long absence is large; a homeserver that sends without end must not fill our memory. */
const bodyMostBytes = 256_000_000
/** Longer than the long poll of a sync. */
const answerMostMs = 90_000

/** With whose signal a call of the SDK is made: it has no parameter for one. */
const signals = new AsyncLocalStorage<AbortSignal>()

/** What matrix-bot-sdk hands to its request function. */
interface SdkRequest {
  readonly uri: string
  readonly method: string
  readonly qs: Readonly<Record<string, unknown>> | null
  readonly headers: Record<string, string>
  readonly body?: string | Buffer
  /** Null: the body is wanted as bytes. */
  readonly encoding?: null
}
type SdkCallback = (
  error: unknown,
  response?: { readonly statusCode: number; readonly headers: object; readonly body: unknown },
  body?: unknown,
) => void

/**
 * The SDK's own log prints addresses and bodies, and its own HTTP client can neither be aborted nor be
 * bounded. Follows no redirect: what is said goes to the homeserver and to nobody else.
 */
function tameSdk(): void {
  const silent = () => undefined
  LogService.setLogger({ info: silent, warn: silent, error: silent, debug: silent, trace: silent })
  setRequestFn((request: SdkRequest, done: SdkCallback) => {
    fetchForSdk(request).then(
      ({ status, body }) => done(undefined, { statusCode: status, headers: {}, body }, body),
      (error: unknown) => done(error),
    )
  })
}
tameSdk()

async function fetchForSdk({ uri, qs, method, headers, body, encoding }: SdkRequest) {
  const caller = signals.getStore()
  const timeout = AbortSignal.timeout(answerMostMs)
  const query = Object.entries(qs ?? {}).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  )
  const response = await fetch(query.length === 0 ? uri : `${uri}?${new URLSearchParams(query)}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    signal: caller === undefined ? timeout : AbortSignal.any([caller, timeout]),
  })
  const whole = await readBody(response, bodyMostBytes)
  if (whole === undefined) throw new Error('the homeserver sent too much')
  return { status: response.status, body: encoding === null ? whole : whole.toString('utf8') }
}

/** One account's calls, by matrix-bot-sdk; what the SDK throws becomes an answer again. */
export function openHomeserver(url: string, accessToken: string): SendRequest {
  const client = new MatrixClient(url, accessToken)
  return (method, path, body, signal) =>
    signals.run(signal, async (): Promise<Answer> => {
      signal.throwIfAborted()
      try {
        const answer: unknown = await client.doRequest(method, path, null, body, answerMostMs)
        return { status: 200, body: answer }
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof MatrixError) return { status: error.statusCode, body: error.body }
        const { statusCode, body: page } = recordOf(error)
        if (typeof statusCode === 'number') return { status: statusCode, body: page }
        throw error
      }
    })
}
