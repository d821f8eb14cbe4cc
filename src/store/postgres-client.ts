import pg from 'pg'

export const connectMostMs = 10_000

/**
 * A connection beside the pool, for what must stay on one: a lock, or LISTEN. Not connected yet.
 * `answerMostMs`: what takes longer fails; 0: nothing does.
 */
export function newClient(url: string, name: string, answerMostMs = 0): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: connectMostMs,
    query_timeout: answerMostMs,
  })
  // Its end is what is acted on; without a listener an error would end the process.
  client.on('error', () => undefined)
  return client
}
