import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands before a homeserver and holds back what was sent to devices, as a slow federation does. */
export interface WithholdingProxy extends AsyncDisposable {
  readonly url: string
  withholding: boolean
  /** Requests to this path are never answered. */
  unanswered: string | undefined
  /** How many of them have come. */
  readonly ignored: number
}

/** Passes everything on; while it withholds, the keys in syncs wait, and come with the first sync after that. */
export async function startWithholdingProxy(homeserver: string): Promise<WithholdingProxy> {
  const held: unknown[] = []
  let ignored = 0
  const server = createServer(async (request, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === self.unanswered) return void ignored++
    const { authorization } = request.headers
    const answer = await fetch(`${homeserver}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      signal: gone.signal,
    }).catch(() => undefined)
    if (answer === undefined) return void response.writeHead(502).end()
    const text = await answer.text().catch(() => undefined)
    // What is held back must not go to somebody who has left.
    if (text === undefined || gone.signal.aborted) return
    const isSync = request.url?.startsWith('/_matrix/client/v3/sync') === true && answer.ok
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(isSync ? changed(text) : text)
  })

  function changed(text: string): string {
    const sync = JSON.parse(text) as { to_device?: { events?: unknown[] } }
    const events = sync.to_device?.events ?? []
    if (self.withholding) held.push(...events)
    return JSON.stringify({
      ...sync,
      to_device: { events: self.withholding ? [] : [...held.splice(0), ...events] },
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: WithholdingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    withholding: false,
    unanswered: undefined,
    get ignored() {
      return ignored
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}
