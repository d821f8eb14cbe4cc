import { createHash } from 'node:crypto'

/** Buckets as Discord keeps them: a window opens with its first request, and gives everything back at its end. */

export interface Bucket {
  readonly limit: number
  readonly windowMs: number
}

export type Scope = 'user' | 'global' | 'shared' | 'cloudflare'

export interface Refused {
  readonly route: string
  readonly scope: Scope
  readonly who: string
  readonly atMs: number
}

export interface RateLimits {
  enabled: boolean
  /** Every 429 that was given. */
  readonly refused: readonly Refused[]
  /** Answers with 401, 403 or 429 (save shared ones): at 10,000 in ten minutes Discord bans the address. */
  invalidRequests: number
  /** Replaces the bucket of a route, such as `POST /channels/:channel/messages`. */
  set(route: string, bucket: Bucket): void
  /** Refuses the next calls of a route, whatever its bucket says. */
  refuseNext(route: string, options?: ForcedRefusal): void
}

export interface ForcedRefusal {
  readonly scope?: Scope
  readonly retryAfterMs?: number
  readonly times?: number
}

export interface Verdict {
  readonly headers: Readonly<Record<string, string>>
  readonly refusal?: { readonly body: string; readonly scope: Scope }
}

const perChannel: Bucket = { limit: 5, windowMs: 5_000 }
const reactions: Bucket = { limit: 1, windowMs: 250 }
const webhook: Bucket = { limit: 5, windowMs: 2_000 }

/** Measured by people who run bots; Discord documents none, and asks that its headers be read. */
const buckets = new Map<string, Bucket>([
  ['POST /channels/:channel/messages', perChannel],
  ['PATCH /channels/:channel/messages/:message', perChannel],
  ['DELETE /channels/:channel/messages/:message', { limit: 5, windowMs: 1_000 }],
  ['POST /channels/:channel/typing', perChannel],
  ['GET /channels/:channel/messages', { limit: 10, windowMs: 5_000 }],
  ['PUT /channels/:channel/messages/:message/reactions/:emoji/:user', reactions],
  ['DELETE /channels/:channel/messages/:message/reactions/:emoji/:user', reactions],
  ['DELETE /channels/:channel/messages/:message/reactions/:emoji', reactions],
  ['DELETE /channels/:channel/messages/:message/reactions', reactions],
  ['POST /webhooks/:webhook/:token', webhook],
  ['PATCH /webhooks/:webhook/:token/messages/:message', webhook],
])
const otherwise: Bucket = { limit: 50, windowMs: 1_000 }
export const globalPerSecond = 50

interface Window {
  used: number
  endsAtMs: number
}

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3)

/** Bots share no bucket, and neither do two channels, guilds or webhooks; routes may. */
export interface Request {
  readonly route: string
  readonly who: string
  readonly major: string
  readonly countsGlobally: boolean
}

export function createRateLimits(): RateLimits & { check(request: Request): Verdict } {
  const own = new Map(buckets)
  const windows = new Map<string, Window>()
  const refused: Refused[] = []
  const forced: { route: string; left: number; scope: Scope; retryAfterMs: number }[] = []

  const open = (key: string, windowMs: number): Window => {
    const now = performance.now()
    const found = windows.get(key)
    if (found !== undefined && found.endsAtMs > now) return found
    const fresh = { used: 0, endsAtMs: now + windowMs }
    windows.set(key, fresh)
    return fresh
  }

  function refuse({ route, who }: Request, scope: Scope, retryAfterMs: number, headers = {}): Verdict {
    refused.push({ route, scope, who, atMs: performance.now() })
    const retry = { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
    if (scope === 'cloudflare') {
      const body =
        '<html><head><title>Access denied | discord.com</title></head><body>error code: 1015</body></html>'
      return { headers: { ...retry, 'content-type': 'text/html' }, refusal: { body, scope } }
    }
    const global = scope === 'global'
    const message = scope === 'shared' ? 'The resource is being rate limited.' : 'You are being rate limited.'
    return {
      headers: {
        ...(global ? { 'x-ratelimit-global': 'true' } : headers),
        ...retry,
        'x-ratelimit-scope': scope,
        via: '1.1 google',
        'content-type': 'application/json',
      },
      refusal: {
        body: JSON.stringify({ message, retry_after: Number(seconds(retryAfterMs)), global }),
        scope,
      },
    }
  }

  const limits: RateLimits & { check(request: Request): Verdict } = {
    enabled: true,
    refused,
    invalidRequests: 0,
    set: (route, bucket) => void own.set(route, bucket),
    refuseNext: (route, { scope = 'user', retryAfterMs = 1000, times = 1 } = {}) =>
      void forced.push({ route, left: times, scope, retryAfterMs }),
    check(request) {
      const { route, who, major } = request
      const bucket = own.get(route) ?? otherwise
      // Edits have a bucket of their own, the four ways to change reactions have one together.
      const name = bucket === reactions ? 'reactions' : route
      const window = open(`${who} ${name} ${major}`, bucket.windowMs)
      const leftMs = window.endsAtMs - performance.now()
      const describe = (): Record<string, string> => ({
        'x-ratelimit-limit': String(bucket.limit),
        'x-ratelimit-remaining': String(Math.max(0, bucket.limit - window.used)),
        'x-ratelimit-reset': seconds(Date.now() + leftMs),
        'x-ratelimit-reset-after': seconds(leftMs),
        'x-ratelimit-bucket': createHash('md5').update(name).digest('hex'),
      })
      const ordered = forced.find((order) => order.route === route && order.left > 0)
      if (ordered !== undefined) {
        ordered.left--
        return refuse(request, ordered.scope, ordered.retryAfterMs, describe())
      }
      if (!limits.enabled) return { headers: {} }
      const second = open(`${who} every route`, 1000)
      if (request.countsGlobally && second.used >= globalPerSecond) {
        return refuse(request, 'global', second.endsAtMs - performance.now())
      }
      if (window.used >= bucket.limit) return refuse(request, 'user', leftMs, describe())
      window.used++
      if (request.countsGlobally) second.used++
      return { headers: describe() }
    },
  }
  return limits
}
