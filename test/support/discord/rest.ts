import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { ApiError, refuse } from './api-error.ts'
import { type Json, parseBody, type Upload } from './body.ts'
import { type FaultPlan, fail, reset } from './faults.ts'
import type { createRateLimits } from './rate-limits.ts'
import { Created, majorOf, matchRoute, type Route } from './router.ts'
import type { Bot, World } from './world.ts'

/** A request as it came, to be asserted on. */
export interface ServedRequest {
  readonly method: string
  readonly path: string
  /** Such as `POST /channels/:channel/messages`; the path where nothing is there. */
  route: string
  readonly query: Readonly<Record<string, string>>
  body: unknown
  uploads: readonly Upload[]
  bot: Bot | undefined
  readonly arrivedAtMs: number
  /** 0 while it is not answered, or where it never was. */
  status: number
}

export interface Rest {
  readonly requests: ServedRequest[]
  /** What went wrong in the double itself. */
  readonly failures: unknown[]
  serve(request: IncomingMessage, response: ServerResponse, url: URL, bytes: Buffer): Promise<void>
}

export interface RestParts {
  readonly world: World
  readonly routes: readonly Route[]
  readonly limits: ReturnType<typeof createRateLimits>
  readonly faults: FaultPlan
  readonly distanceMs: number
}

export function createRest({ world, routes, limits, faults, distanceMs }: RestParts): Rest {
  const requests: ServedRequest[] = []
  const failures: unknown[] = []

  function send(response: ServerResponse, status: number, body: unknown, headers: object): void {
    // discord.js parses whatever says that it is JSON, even if it is nothing.
    const type = body === undefined ? 'text/html; charset=utf-8' : 'application/json'
    response.writeHead(status, { via: '1.1 google', ...headers, 'content-type': type })
    const end = () => response.end(body === undefined ? undefined : JSON.stringify(body))
    if (distanceMs > 0) setTimeout(end, distanceMs)
    else end()
  }

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    bytes: Buffer,
    record: ServedRequest,
    gone: AbortSignal,
  ): Promise<void> {
    const versioned = /^\/api\/v(\d+)(\/.*)$/.exec(url.pathname)
    const path = versioned?.[2] ?? url.pathname.replace(/^\/api/, '')
    record.bot = signer(world, request.headers.authorization)
    const match = matchRoute(routes, record.method, path)
    const { route, params } = match
    record.route = route.name
    const body = await parseBody(bytes, request.headers['content-type'] ?? '').catch(
      (error: unknown) => error,
    )
    if (!(body instanceof Error)) {
      const read = body as Awaited<ReturnType<typeof parseBody>>
      record.body = read.json
      record.uploads = read.uploads
    }
    const fault = faults.take(route.name)
    if (fault !== undefined && fault.when !== 'after' && (await fail(fault, response, gone))) return
    if (versioned !== null && versioned[1] !== '10' && versioned[1] !== '9') throw refuse('invalidVersion')
    if (record.bot === undefined && !route.unsigned) throw refuse('unauthorized')
    const who = record.bot?.applicationId ?? 'nobody'
    // "Interaction endpoints are not bound to the bot's Global Rate Limit."
    const countsGlobally = !route.unsigned
    const verdict = limits.check({ route: route.name, who, major: majorOf(params), countsGlobally })
    if (verdict.refusal !== undefined) {
      if (verdict.refusal.scope !== 'shared') limits.invalidRequests++
      response.writeHead(429, verdict.headers).end(verdict.refusal.body)
      return
    }
    const late = fault?.when === 'after' ? fault : undefined
    const answer = async (status: number, sent: unknown): Promise<void> => {
      if (late === undefined || !(await fail(late, response, gone))) {
        send(response, status, sent, verdict.headers)
      }
    }
    try {
      if (body instanceof Error) throw body
      const { json, uploads } = body as Awaited<ReturnType<typeof parseBody>>
      const bot = record.bot as Bot
      const call = { params, query: url.searchParams, body: json as Json, json, uploads, bot }
      const result = await route.handler(call)
      if (result instanceof Created) await answer(201, result.body)
      else await answer(result === undefined ? 204 : 200, result)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      await answer(error.status, error.body)
    }
  }

  return {
    requests,
    failures,
    async serve(request, response, url, bytes) {
      const record: ServedRequest = {
        method: request.method ?? '',
        path: url.pathname,
        route: url.pathname,
        query: Object.fromEntries(url.searchParams),
        body: {},
        uploads: [],
        bot: undefined,
        arrivedAtMs: performance.now(),
        status: 0,
      }
      requests.push(record)
      const gone = new AbortController()
      response.once('close', () => {
        if (response.headersSent) record.status = response.statusCode
        gone.abort()
        world.changed()
      })
      if (distanceMs > 0) await sleep(distanceMs)
      if (faults.away) return reset(response)
      try {
        await handle(request, response, url, bytes, record, gone.signal)
      } catch (error) {
        if (gone.signal.aborted) return
        if (!(error instanceof ApiError)) failures.push(error)
        const refusal =
          error instanceof ApiError ? error : new ApiError(500, 0, `The double failed: ${error}`)
        send(response, refusal.status, refusal.body, {})
      }
      if (response.statusCode === 401 || response.statusCode === 403) limits.invalidRequests++
    },
  }
}

function signer(world: World, header: string | undefined): Bot | undefined {
  const token = /^Bot (.+)$/.exec(header ?? '')?.[1]
  return world.bots.find((bot) => bot.token === token)
}
