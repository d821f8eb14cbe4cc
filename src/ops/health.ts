import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reasonOf } from './errors.ts'

export const readinessChecks = ['store', 'model', 'accounts'] as const
export type ReadinessCheck = (typeof readinessChecks)[number]

/** `reason`: a sentence for the operator, without secrets. */
export type Readiness = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export interface HealthOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly renderMetrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

interface Reporting extends AsyncDisposable {
  /** To be told whenever it changes. Each is not ready until it is told that it is. */
  report(check: ReadinessCheck, readiness: Readiness): void
}

/** Not listening is no reason to stop: reports are then kept and shown to nobody. */
export type Health = Reporting &
  (
    | { readonly listening: true; readonly url: string }
    | { readonly listening: false; readonly reason: string }
  )

/** For a scraper that opens and never closes: more than any honest number of them. */
const mostConnections = 32
const requestTimeoutMs = 5000

/**
 * Serves `/metrics`, `/healthz` (200 as long as the process answers) and `/readyz` (503 until every
 * check is ok) over HTTP. Throws only what the aborted signal throws.
 */
export async function serveHealth(options: HealthOptions, signal: AbortSignal): Promise<Health> {
  signal.throwIfAborted()
  const states = new Map<ReadinessCheck, Readiness>(
    readinessChecks.map((check) => [check, { ok: false, reason: 'still starting' }]),
  )
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    (request, response) => {
      void answer(request, response, states, options.renderMetrics)
    },
  )
  server.maxConnections = mostConnections
  const failure = await listen(server, options)
  const reporting: Reporting = {
    report: (check, readiness) => void states.set(check, readiness),
    [Symbol.asyncDispose]: () => close(server),
  }
  const place = `${bracketed(options.host)}:${options.port}`
  if (failure !== undefined) {
    return { ...reporting, listening: false, reason: `Cannot listen on ${place}: ${reasonOf(failure)}.` }
  }
  // A listening server reports trouble with single connections here; none of it may end the process.
  server.on('error', () => undefined)
  const { port } = server.address() as AddressInfo
  return { ...reporting, listening: true, url: `http://${bracketed(options.host)}:${port}` }
}

function listen(server: Server, { host, port }: HealthOptions): Promise<unknown> {
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Also called when it never listened, or is closed already.
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  states: ReadonlyMap<ReadinessCheck, Readiness>,
  renderMetrics: HealthOptions['renderMetrics'],
): Promise<void> {
  response.setHeader('cache-control', 'no-store')
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    send(response, 405, 'only GET and HEAD\n')
    return
  }
  switch (url?.split('?')[0]) {
    case '/healthz':
      send(response, 200, 'ok\n')
      return
    case '/readyz':
      sendReadiness(response, states)
      return
    case '/metrics':
      try {
        const { contentType, text } = await renderMetrics()
        send(response, 200, text, contentType)
      } catch {
        send(response, 500, 'the metrics cannot be collected\n')
      }
      return
    default:
      send(response, 404, 'here are /metrics, /healthz and /readyz\n')
  }
}

function sendReadiness(response: ServerResponse, states: ReadonlyMap<ReadinessCheck, Readiness>): void {
  const ready = [...states.values()].every(({ ok }) => ok)
  const body = { ready, checks: Object.fromEntries(states) }
  send(response, ready ? 200 : 503, `${JSON.stringify(body, undefined, 2)}\n`, 'application/json')
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
) {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
