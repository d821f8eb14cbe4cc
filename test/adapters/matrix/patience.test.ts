import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type Answer, patiently, type SendRequest } from '../../../adapters/matrix/crypto/homeserver.ts'
import type { MatrixNews } from '../../../adapters/matrix/news.ts'
import { followSync, readPlace } from '../../../adapters/matrix/sync.ts'
import { accountId } from '../../../src/core/ids.ts'
import { memoryRecords } from '../../support/matrix/records.ts'

/** An hour goes by in no time: waits move this clock instead. */
const clock = vi.hoisted(() => ({ ms: 0 }))
vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    clock.ms += ms
  },
}))
beforeEach(() => {
  clock.ms = 0
})

const never = new AbortController().signal
const answer = (status: number, body: unknown = {}): Answer => ({ status, body })
const limited = (retry_after_ms: number) => answer(429, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms })

/** Gives these one after the other, and the last of them from then on. */
function answering(...answers: readonly (Answer | Error)[]) {
  const asked: string[] = []
  const send: SendRequest = async (_, path) => {
    const next = answers[Math.min(asked.length, answers.length - 1)]
    asked.push(path)
    if (next instanceof Error) throw next
    return next!
  }
  return { send, asked }
}

describe('a request to the homeserver', () => {
  const ask = (send: SendRequest) => patiently(send)('GET', '/', undefined, never)

  it('is made again where a proxy or the network fails', async () => {
    const { send, asked } = answering(answer(502), new TypeError('fetch failed'), answer(200, 'here'))
    expect(await ask(send)).toEqual(answer(200, 'here'))
    expect(asked).toHaveLength(3)
  })

  it('is given up after some tries, as something that passes', async () => {
    const { send, asked } = answering(answer(502))
    await expect(ask(send)).rejects.toMatchObject({ code: 'homeserver-unreachable', retryable: true })
    expect(asked).toHaveLength(4)
  })

  it('waits as long as the homeserver asks for, however often', async () => {
    const { send } = answering(...Array.from({ length: 9 }, () => limited(2_000)), answer(200))
    expect((await ask(send)).status).toBe(200)
    expect(clock.ms).toBe(18_000)
  })

  it('is not made again where the answer would be the same', async () => {
    const { send, asked } = answering(answer(403, { errcode: 'M_FORBIDDEN' }))
    expect((await ask(send)).status).toBe(403)
    expect(asked).toHaveLength(1)
  })
})

describe('the account’s stream', () => {
  const account = accountId('mira')
  const sync = (next_batch: unknown) => answer(200, { next_batch })

  /** Follows until the last of these answers was taken. */
  async function follow(
    { send, asked }: ReturnType<typeof answering>,
    until: string,
    takes: () => void = () => undefined,
  ) {
    const records = memoryRecords()
    const news: MatrixNews[] = []
    const end = new AbortController()
    const taken: unknown[] = []
    const following = followSync(
      {
        account,
        records,
        request: send,
        take: async (body) => {
          takes()
          taken.push(body.next_batch)
        },
        tell: (each) => {
          news.push(each)
          if (taken.includes(until)) end.abort()
        },
      },
      end.signal,
    )
    await following
    return { records, taken, asked, kinds: news.map(({ kind }) => kind) }
  }
  const sinceIn = (path: string | undefined) => new URLSearchParams(path?.split('?')[1]).get('since')

  it('is taken up where it was when the homeserver comes back after an hour', async () => {
    const { send, asked } = answering(sync('one'))
    const away: SendRequest = async (...call) => {
      const begun = asked.length > 0
      const first = await send(...call)
      if (!begun) return first
      if (clock.ms < 3_600_000) throw new TypeError('fetch failed')
      return sync('two')
    }
    const { taken, kinds } = await follow({ send: away, asked }, 'two')
    expect(taken).toEqual(['one', 'two'])
    expect(sinceIn(asked.at(-1))).toBe('one')
    expect(kinds.filter((kind) => kind === 'troubled').length).toBeGreaterThan(3)
    expect(kinds.at(-1)).toBe('answering')
    // At most one a minute, once it is known to be away.
    expect(asked.length).toBeLessThan(80)
  })

  it('is asked for again from the same place where what it brought could not be stored', async () => {
    let failures = 2
    const { taken, asked, records } = await follow(answering(sync('one')), 'one', () => {
      if (failures-- > 0) throw new Error('the database is away')
    })
    expect(taken).toEqual(['one'])
    expect(asked.map(sinceIn)).toEqual([null, null, null])
    expect(await readPlace(records, account)).toBe('one')
  })

  it.each([
    ['a proxy’s page', answer(502, '<html>')],
    ['no JSON object', answer(200, 'what?')],
    ['no place to go on from', answer(200, { rooms: {} })],
    ['a place that is no text', sync(7)],
    ['a place without an end', sync('x'.repeat(20_000))],
    ['a request for patience', limited(1_000_000_000)],
  ])('goes on after %s', async (_, odd) => {
    const { taken, kinds } = await follow(answering(odd, sync('one')), 'one')
    expect(taken).toEqual(['one'])
    expect(kinds[0]).toBe('troubled')
    expect(clock.ms).toBeLessThanOrEqual(60_000)
  })

  it('begins anew where its place is not known any more', async () => {
    const { asked } = await follow(answering(sync('one'), answer(400), sync('two')), 'two')
    expect(asked.map(sinceIn)).toEqual([null, 'one', null])
  })

  it('ends with a clear error when the session has ended', async () => {
    const ended = answer(401, { errcode: 'M_UNKNOWN_TOKEN' })
    await expect(follow(answering(ended), 'never')).rejects.toMatchObject({
      code: 'matrix-signed-out',
      mend: expect.stringContaining('hearth matrix login'),
    })
  })
})
