import { type Answer, recordOf, type SendRequest } from './crypto/homeserver.ts'
import { answerMostMs, matrixSdk, withSignal } from './sdk.ts'

/** One account's calls, by matrix-bot-sdk; what the SDK throws becomes an answer again. */
export function openHomeserver(url: string, accessToken: string): SendRequest {
  const { MatrixClient, MatrixError } = matrixSdk()
  const client = new MatrixClient(url, accessToken)
  return (method, path, body, signal) =>
    withSignal(signal, async (): Promise<Answer> => {
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
