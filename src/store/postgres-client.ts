import pg from 'pg'

export const connectMostMs = 10_000

/** A connection beside the pool, for what must stay on one: a lock, or LISTEN. Not connected yet. */
export function newClient(url: string, name: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: connectMostMs,
  })
  // Its end is what is acted on; without a listener an error would end the process.
  client.on('error', () => undefined)
  return client
}
