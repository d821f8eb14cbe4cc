import { afterEach, expect, vi } from 'vitest'
import type { MatrixOptions } from '../../../adapters/matrix/connect.ts'
import type { MatrixNews } from '../../../adapters/matrix/news.ts'
import type { Adapter } from '../../../src/core/adapter.ts'
import type { InboundEvent } from '../../../src/core/events.ts'
import { newUuid } from '../../../src/core/ids.ts'
import type { BotAccount } from './house.ts'
import type { MatrixPerson } from './person.ts'

export const soon = { timeout: 20_000, interval: 20 }
export const signal = () => AbortSignal.timeout(20_000)
export const key = (id = `${newUuid()}.0.0`) => ({ id, firstTriedAt: new Date() })
export const reply = (text: string, final = true) => ({ text, kind: 'reply', final }) as const

/** Accounts that a test starts, and that end with it. */
export function startingAccounts() {
  const running: { stop: AbortController; adapter: Adapter; done: Promise<void> }[] = []
  afterEach(async () => {
    for (const { stop, adapter, done } of running.splice(0)) {
      stop.abort()
      await done.catch(() => undefined)
      await adapter[Symbol.asyncDispose]()
    }
  })

  function start(
    bot: BotAccount,
    options: Partial<MatrixOptions> = {},
    refuse?: (event: InboundEvent) => void,
  ) {
    const events: InboundEvent[] = []
    const news: MatrixNews[] = []
    const adapter = bot.connect({ tell: (each) => void news.push(each), ...options })
    const stop = new AbortController()
    const done = adapter.start(async (event) => {
      refuse?.(event)
      events.push(event)
    }, stop.signal)
    done.catch(() => undefined)
    running.push({ stop, adapter, done })
    const of = <Kind extends InboundEvent['kind']>(kind: Kind) =>
      events.filter((event): event is Extract<InboundEvent, { kind: Kind }> => event.kind === kind)
    return {
      adapter,
      events,
      news,
      of,
      done,
      async stop() {
        stop.abort()
        await done
        await adapter[Symbol.asyncDispose]()
      },
    }
  }

  return {
    start,
    /** In a room into which this person has invited it, and others. */
    async invited(by: MatrixPerson, bot: BotAccount, invite: readonly string[] = [], encrypted = false) {
      const account = start(bot)
      await vi.waitFor(() => expect(account.news).toContainEqual({ kind: 'answering' }), soon)
      const room = await by.makeRoom([bot.session.userId, ...invite], { encrypted })
      await vi.waitFor(() => expect(account.of('membership')).toHaveLength(1), soon)
      return { account, room }
    },
  }
}
