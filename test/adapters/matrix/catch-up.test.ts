import { expect, it } from 'vitest'
import { eventsSince, type Since } from '../../../adapters/matrix/catch-up.ts'
import type { SendRequest } from '../../../adapters/matrix/crypto/homeserver.ts'

const signal = new AbortController().signal
const hourMs = 3_600_000
/** Said every ten minutes, the latest a minute ago. */
const all = Array.from({ length: 60 }, (_, index) => ({
  event_id: `$${index}`,
  origin_server_ts: Date.now() - 60_000 - index * 600_000,
}))
const section = { timeline: { limited: true, prev_batch: '10', events: all.slice(0, 10).reverse() } }

async function read(since: Since) {
  const asked: URLSearchParams[] = []
  const request: SendRequest = async (_, path) => {
    const query = new URLSearchParams(path.split('?')[1])
    asked.push(query)
    const from = Number(query.get('from'))
    return { status: 200, body: { chunk: all.slice(from, from + 10), end: String(from + 10) } }
  }
  const events = await eventsSince('!room:home', section, since, 2 * hourMs + 600_000, request, signal)
  return { asked, ids: events.map((event) => (event as { event_id: string }).event_id) }
}

it('reads nothing more at the very first sync', async () => {
  const { asked, ids } = await read('nowhere')
  expect(asked).toEqual([])
  expect(ids).toHaveLength(10)
})

it('reads back to where the last sync ended', async () => {
  const { asked } = await read({ token: 'last' })
  expect(asked[0]?.get('to')).toBe('last')
})

it('reads back to what is too old to be answered where the homeserver has forgotten that place', async () => {
  const { asked, ids } = await read('forgotten')
  expect(asked.map((query) => [query.get('from'), query.get('to')])).toEqual([['10', null]])
  expect(ids).toEqual(
    all
      .slice(0, 20)
      .map(({ event_id: id }) => id)
      .reverse(),
  )
})
