import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { readBody } from './body.ts'

type Sdk = typeof import('matrix-bot-sdk')

const require = createRequire(import.meta.url)
let loaded: Sdk | undefined

/**
 * matrix-bot-sdk, loaded when it is first needed: with all that it brings along that takes 0.35 s, for which
 * no terminal and no other command should wait.
 */
export function matrixSdk(): Sdk {
  loaded ??= tamed(require('matrix-bot-sdk') as Sdk)
  return loaded
}

/** Runs a call of the SDK that ends with the signal: it has no parameter for one. */
export const withSignal = <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> =>
  signals.run(signal, call)

const signals = new AsyncLocalStorage<AbortSignal>()

/** A sync after a long absence is large; a homeserver that sends without end must not fill our memory. */
const bodyMostBytes = 256_000_000
/** Longer than the long poll of a sync. */
export const answerMostMs = 90_000

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
function tamed(sdk: Sdk): Sdk {
  const silent = () => undefined
  sdk.LogService.setLogger({ info: silent, warn: silent, error: silent, debug: silent, trace: silent })
  sdk.setRequestFn((request: SdkRequest, done: SdkCallback) => {
    fetchForSdk(request).then(
      ({ status, body }) => done(undefined, { statusCode: status, headers: {}, body }, body),
      (error: unknown) => done(error),
    )
  })
  return sdk
}

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
