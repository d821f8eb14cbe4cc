import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import type { MatrixNews } from '../../../adapters/matrix/news.ts'
import type { InboundEvent } from '../../../src/core/events.ts'
import { externalId, newUuid } from '../../../src/core/ids.ts'
import { hasSynapse, makeBot, makePerson } from '../../support/matrix/house.ts'
import { type Synapse, startSynapse } from '../../support/matrix/synapse.ts'

const soon = { timeout: 60_000, interval: 50 }
const key = () => ({ id: `${newUuid()}.0.0`, firstTriedAt: new Date() })

describe.runIf(hasSynapse())('a homeserver that limits, and goes away', () => {
  let synapse: Synapse
  beforeAll(async () => {
    synapse = await startSynapse({ python: inject('synapsePython'), rateLimits: true })
  })
  afterAll(() => synapse?.[Symbol.asyncDispose]())

  it('gets every message, as fast as it lets them in, and is followed again when it is back', async () => {
    const at = { url: synapse.url, secret: synapse.registrationSecret }
    const bot = await makeBot('mira', at)
    using ada = await makePerson('ada', at)
    const events: InboundEvent[] = []
    const news: MatrixNews[] = []
    const stop = new AbortController()
    await using adapter = bot.connect({ tell: (each) => void news.push(each) })
    const done = adapter.start(async (event) => void events.push(event), stop.signal)
    const room = await ada.makeRoom([bot.session.userId])
    await vi.waitFor(() => expect(events).toHaveLength(1), soon)

    // By default Synapse takes ten at once, and then one in five seconds.
    const here = { externalId: externalId(room), kind: 'direct' } as const
    const words = Array.from({ length: 13 }, (_, n) => `line ${n}`)
    for (const text of words) {
      await adapter.send(here, { text, kind: 'reply', final: true }, key(), AbortSignal.timeout(60_000))
    }
    await ada.until(() => ada.seen(room, bot.session.userId).length === words.length, 'all of them', 60_000)
    expect(ada.seen(room, bot.session.userId).map(({ text }) => text)).toEqual(words)

    await synapse.kill()
    await vi.waitFor(() => expect(news.at(-1)).toMatchObject({ kind: 'troubled' }), soon)
    expect(news.at(-1)).toMatchObject({ error: { code: 'homeserver-unreachable' } })
    await synapse.start()
    await vi.waitFor(() => expect(news.at(-1)).toMatchObject({ kind: 'answering' }), soon)
    await ada.until(
      () => (ada.client.getSyncState() === 'SYNCING' ? true : undefined),
      'the person’s client',
      60_000,
    )
    await ada.say(room, 'Are you there?')
    await vi.waitFor(
      () =>
        expect(events.filter(({ kind }) => kind === 'message')).toMatchObject([{ text: 'Are you there?' }]),
      soon,
    )
    stop.abort()
    await done
  })
})
