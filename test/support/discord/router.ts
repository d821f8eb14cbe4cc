import { refuse } from './api-error.ts'
import type { Json, Upload } from './body.ts'
import type { Bot } from './world.ts'

export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Json
  /** What was sent, where the route takes a list. */
  readonly json: unknown
  readonly uploads: readonly Upload[]
  /** Whoever signed the request; routes that need a signature are not reached without. */
  readonly bot: Bot
}

/** What a handler gives back is sent as it is; nothing: 204. */
export type Handler = (call: Call) => unknown

export interface Route {
  /** `POST /channels/:channel/messages`. */
  readonly name: string
  readonly method: string
  readonly path: RegExp
  readonly handler: Handler
  /** Its address holds a secret: no bot has to sign. */
  readonly unsigned: boolean
}

export type Routes = Readonly<Record<string, Handler>>

export class Created {
  readonly body: unknown

  constructor(body: unknown) {
    this.body = body
  }
}

export function compile(routes: Routes, unsigned: boolean): Route[] {
  return Object.entries(routes).map(([name, handler]) => {
    const [method = '', pattern = ''] = name.split(' ')
    const source = pattern.replaceAll(/:(\w+)/g, (_, key: string) => `(?<${key}>[^/]+)`)
    return { name, method, path: new RegExp(`^${source}$`), handler, unsigned }
  })
}

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  const matching = routes.filter((route) => route.path.test(path))
  const route = matching.find((each) => each.method === method)
  if (route === undefined) throw refuse(matching.length === 0 ? 'notFound' : 'methodNotAllowed')
  const groups = route.path.exec(path)?.groups ?? {}
  const params = Object.fromEntries(
    Object.entries(groups).map(([key, text]) => [key, decodeURIComponent(text)]),
  )
  return { route, params }
}

/** The part of an address that divides a bucket: a channel, a guild, or a webhook with its token. */
export function majorOf({ webhook, token, channel, guild }: Match['params']): string {
  return webhook !== undefined && token !== undefined
    ? `${webhook}/${token}`
    : (channel ?? guild ?? webhook ?? 'none')
}
