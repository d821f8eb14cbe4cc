import { afterEach, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest'
import type { Adapter, DeliveryKey, OnEvent, Outgoing } from '../../src/core/adapter.ts'
import { HearthError, isAbort, storeError } from '../../src/core/errors.ts'
import type { InboundEvent, MessageEvent, RoomReference } from '../../src/core/events.ts'
import { externalId, newUuid } from '../../src/core/ids.ts'
import { cleanText } from '../../src/core/text.ts'

/** A message of ours as a person finds it on the platform now. */
export interface SeenMessage {
  /** Undefined where the platform shows its people no ids. */
  readonly id: string | undefined
  readonly text: string
  readonly kind: 'reply' | 'notice'
}

/** The other end of the platform: what a person does and sees, never by way of the adapter. */
interface TestPerson {
  say(text: string): Promise<void>
  seen(): readonly SeenMessage[]
}

export interface RunningAdapter {
  /** Connected, not yet started. */
  readonly adapter: Adapter
  readonly room: RoomReference
  readonly person: TestPerson
  /** Drops the adapter as a killed process would, and connects another to the same platform and data. */
  restart(): Promise<Adapter>
  /** What the adapter holds still: listeners, sockets, open files, by name. */
  held(): readonly string[]
  /** Frees what the harness made itself. */
  release(): Promise<void>
}

export interface AdapterHarness {
  readonly name: string
  /** What becomes of a message that the engine could not store. */
  readonly refused: 'delivered again' | 'sender told'
  start(): Promise<RunningAdapter>
}

const soon = { timeout: 10_000, interval: 5 }

/** What every adapter promises to the engine. */
export function adapterContract(harness: AdapterHarness): void {
  describe(`the adapter contract: ${harness.name}`, () => {
    let running: RunningAdapter
    let adapters: Adapter[]
    let started: Promise<void>[]
    let stop: AbortController

    beforeEach(async () => {
      running = await harness.start()
      adapters = [running.adapter]
      started = []
      stop = new AbortController()
    })
    afterEach(async () => {
      stop.abort()
      for (const adapter of adapters) await adapter[Symbol.asyncDispose]()
      await Promise.allSettled(started)
      await running.release()
    })

    const begin = (onEvent: OnEvent, adapter = running.adapter) => {
      const done = adapter.start(onEvent, stop.signal)
      done.catch(() => {})
      started.push(done)
      return done
    }
    const listen = () => {
      const events: InboundEvent[] = []
      begin(async (event) => void events.push(event))
      return { events, messages: () => events.filter((event) => event.kind === 'message') }
    }
    const key = (id = `${newUuid()}.0`): DeliveryKey => ({ id, firstTriedAt: new Date() })
    const reply = (text: string, final = true): Outgoing => ({ text, kind: 'reply', final })
    const texts = (kind: SeenMessage['kind'] = 'reply') =>
      running.person.seen().flatMap((message) => (message.kind === kind ? [message.text] : []))
    const signal = () => AbortSignal.timeout(10_000)
    const needsEdits = (context: TestContext) =>
      context.skip(!running.adapter.limits.canEdit, 'this platform edits nothing')

    it('hands over a message once, with its account, room, sender and time', async () => {
      const { messages } = listen()
      const before = Date.now()
      await running.person.say('Good evening.')
      await vi.waitFor(() => expect(messages()).toHaveLength(1), soon)
      const [message] = messages() as MessageEvent[]
      expect(message).toMatchObject({ text: 'Good evening.', room: running.room })
      expect(message!.externalId).not.toBe('')
      expect(message!.sender.externalId).not.toBe('')
      expect(message!.sender.displayName).not.toBe('')
      expect(message!.at.getTime()).toBeGreaterThanOrEqual(before - 60_000)
      await running.adapter.send(running.room, reply('Good evening to you.'), key(), signal())
      await running.person.say('And again.')
      await vi.waitFor(() => expect(messages()).toHaveLength(2), soon)
      expect(messages().map(({ text }) => text)).toEqual(['Good evening.', 'And again.'])
      expect(new Set(messages().map((each) => each.externalId)).size).toBe(2)
    })

    it('does not take a message for accepted when the engine could not store it', async () => {
      const refused: InboundEvent[] = []
      const accepted: InboundEvent[] = []
      begin(async (event) => {
        if (event.kind !== 'message') return
        if (refused.length === 0) {
          refused.push(event)
          throw storeError('The disk is full.', { code: 'test-full', mend: 'Make room.', retryable: true })
        }
        accepted.push(event)
      })
      await running.person.say('Do not lose this.')
      await vi.waitFor(() => expect(refused).toHaveLength(1), soon)
      if (harness.refused === 'sender told') {
        await vi.waitFor(() => expect(texts('notice').join()).toContain('The disk is full. Make room.'), soon)
        return
      }
      const next = await running.restart()
      adapters.push(next)
      begin(async (event) => void (event.kind === 'message' && accepted.push(event)), next)
      await vi.waitFor(() => expect(accepted).toHaveLength(1), soon)
      expect(accepted[0]).toMatchObject({ text: 'Do not lose this.' })
      expect((accepted[0] as MessageEvent).externalId).toBe((refused[0] as MessageEvent).externalId)
    })

    it('shows one message for a key that is sent twice, and gives the same external id', async () => {
      listen()
      const twice = key()
      const first = await running.adapter.send(running.room, reply('Only once.'), twice, signal())
      const second = await running.adapter.send(running.room, reply('Only once.'), twice, signal())
      expect(second).toBe(first)
      const other = await running.adapter.send(running.room, reply('Something else.'), key(), signal())
      expect(other).not.toBe(first)
      await vi.waitFor(() => expect(texts()).toEqual(['Only once.', 'Something else.']), soon)
      for (const { id } of running.person.seen()) if (id !== undefined) expect([first, other]).toContain(id)
    })

    it('shows one message for a key that was sent before a crash and again after it', async () => {
      listen()
      const twice = key()
      const first = await running.adapter.send(running.room, reply('Only once.'), twice, signal())
      const next = await running.restart()
      adapters.push(next)
      begin(async () => {}, next)
      expect(await next.send(running.room, reply('Only once.'), twice, signal())).toBe(first)
      await next.send(running.room, reply('Then this.'), key(), signal())
      await vi.waitFor(() => expect(texts()).toEqual(['Only once.', 'Then this.']), soon)
    })

    it('replaces the text of a message', async (context) => {
      needsEdits(context)
      listen()
      const { adapter, room } = running
      const message = await adapter.send(room, reply('Once upon', false), key(), signal())
      await adapter.edit(room, message, reply('Once upon a time', false), key(), signal())
      await adapter.edit(room, message, reply('Once upon a time.', true), key(), signal())
      await vi.waitFor(() => expect(texts()).toEqual(['Once upon a time.']), soon)
      await adapter.edit(room, message, reply('It was otherwise.', true), key(), signal())
      await vi.waitFor(() => expect(texts()).toEqual(['It was otherwise.']), soon)
    })

    it('takes a message back', async (context) => {
      needsEdits(context)
      listen()
      const { adapter, room } = running
      await adapter.send(room, reply('This stays.'), key(), signal())
      const message = await adapter.send(room, reply('This goes.'), key(), signal())
      const removal = key()
      await adapter.remove(room, message, removal, signal())
      await adapter.remove(room, message, removal, signal())
      await vi.waitFor(() => expect(texts()).toEqual(['This stays.']), soon)
    })

    it('keeps replies and notices apart', async () => {
      listen()
      await running.adapter.send(
        running.room,
        { text: 'A word from the house.', kind: 'notice', final: true },
        key(),
        signal(),
      )
      await vi.waitFor(() => expect(texts('notice').join('\n')).toContain('A word from the house.'), soon)
      expect(texts()).toEqual([])
    })

    it('carries long text whole', async () => {
      listen()
      const long = 'The tide comes in, and it goes out. '
        .repeat(2_000)
        .slice(0, running.adapter.limits.messageChars)
        .trim()
      await running.adapter.send(running.room, reply(long), key(), signal())
      await vi.waitFor(() => expect(texts().map((text) => text.replace(/\s+/g, ' '))).toEqual([long]), soon)
    })

    it('shows hostile text without its control characters', async () => {
      listen()
      const hostile =
        '\u001b[2J\u001b]0;owned\u0007red \u009b31m lone \ud800 nul \0 \u202eright-to-left\u202c end'
      await running.adapter.send(running.room, reply(hostile), key(), signal())
      await vi.waitFor(() => expect(texts()).toHaveLength(1), soon)
      expect(cleanText(texts()[0]!)).toBe(texts()[0])
      expect(texts()[0]).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
      expect(texts()[0]).toContain('end')
    })

    it('shows that the persona is writing without a complaint', async () => {
      listen()
      await running.adapter.signalTyping(running.room, signal())
      await running.adapter.send(running.room, reply('Done.'), key(), signal())
      await vi.waitFor(() => expect(texts()).toEqual(['Done.']), soon)
    })

    it('does nothing for a caller who has cancelled', async () => {
      listen()
      const { adapter, room } = running
      const cancelled = AbortSignal.abort()
      const message = externalId('whatever')
      for (const call of [
        () => adapter.send(room, reply('Never.'), key(), cancelled),
        () => adapter.edit(room, message, reply('Never.'), key(), cancelled),
        () => adapter.remove(room, message, key(), cancelled),
        () => adapter.signalTyping(room, cancelled),
      ]) {
        expect(isAbort(await call().catch((error: unknown) => error))).toBe(true)
      }
      expect(running.person.seen()).toEqual([])
    })

    it('ends when it is told to, and holds nothing after it is disposed of', async () => {
      const done = begin(async () => {})
      await running.adapter.send(running.room, reply('Good night.'), key(), signal())
      stop.abort()
      await done
      await running.adapter[Symbol.asyncDispose]()
      await running.adapter[Symbol.asyncDispose]()
      expect(running.held()).toEqual([])
      const refusal = await running.adapter
        .send(running.room, reply('Too late.'), key(), signal())
        .catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(HearthError)
      expect(refusal).toMatchObject({ who: 'platform' })
    })
  })
}
