import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'

/** `silence`: no answer at all. Undefined: the homeserver's own. */
type Download =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer }
  | 'silence'
  | undefined

/** Stands before a homeserver and answers in its place where a file is asked for. */
export interface MediaProxy extends AsyncDisposable {
  readonly url: string
  /** The paths of the files that were asked for. */
  readonly asked: string[]
  download: () => Download
  /** Nobody is there: connections are closed. */
  away: boolean
}

export async function startMediaProxy(homeserver: string): Promise<MediaProxy> {
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (self.away) return void request.socket.destroy()
    if (path.startsWith('/_matrix/client/v1/media/download/')) {
      self.asked.push(path)
      const answer = self.download()
      if (answer === 'silence') return
      if (self.away) return void request.socket.destroy()
      if (answer !== undefined)
        return void response.writeHead(answer.status, answer.headers).end(answer.body ?? '')
    }
    const onward = forward(
      homeserver + path,
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: MediaProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    download: () => undefined,
    away: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}
