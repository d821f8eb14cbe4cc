import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { createCourtesies } from '../../../adapters/discord/courtesies.ts'
import { createPacer } from '../../../adapters/discord/pacer.ts'
import { roomOf } from '../../../adapters/discord/places.ts'
import { nextOf, type Rank } from '../../../adapters/discord/ranks.ts'
import { createTyping } from '../../../adapters/discord/typing.ts'
import type { Outgoing } from '../../../src/core/adapter.ts'
import { listen, makeAccount } from '../../support/discord/account.ts'
import { key, onDiscord, reply, soon } from '../../support/discord/scene.ts'

const { signal } = new AbortController()

describe('the pace of requests to Discord', () => {
  it('lets no more than fifty into any second of theirs, in order, however long each is on its way', async () => {
    const pacer = createPacer()
    const arrivedMs: number[] = []
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 120 }, async (_, n) => {
        const over = await pacer.next(signal)
        order.push(n)
        await sleep((n * 7) % 40)
        arrivedMs.push(performance.now())
        await sleep((n * 5) % 30)
        over(true)
      }),
    )
    expect(order).toEqual(Array.from({ length: 120 }, (_, n) => n))
    for (const fromMs of arrivedMs)
      expect(arrivedMs.filter((ms) => ms >= fromMs && ms < fromMs + 1_000).length).toBeLessThanOrEqual(50)
  })

  it('waits longer where it is not certain that what went before has arrived', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const waitedMs = async (answered: boolean) => {
        const pacer = createPacer()
        for (const over of await Promise.all(Array.from({ length: 50 }, () => pacer.next(signal))))
          over(answered)
        const startedMs = performance.now()
        const next = pacer.next(signal).then(() => performance.now() - startedMs)
        await vi.advanceTimersByTimeAsync(2_000)
        return Math.round(await next)
      }
      expect([await waitedMs(true), await waitedMs(false)]).toEqual([1_010, 1_050])
    } finally {
      vi.useRealTimers()
    }
  })

  onDiscord()(
    'counts what the library asks for by itself, when a connection begins',
    async ({ discord, bot, open }) => {
      const people = Array.from({ length: 60 }, (_, n) => discord.addPerson(`person-${n}`))
      const account = makeAccount(discord, bot)
      const start = () => listen(discord, bot, account.connect())
      const first = await start()
      for (const person of people) person.say(person.openDirect(bot), 'Hello')
      await vi.waitFor(() => expect(first.of('message')).toHaveLength(people.length), soon)
      await first[Symbol.asyncDispose]()
      // Each of the conversations is caught up on at once. Whoever is let through too soon is told so.
      await sleep(1_100)
      open.use(await start())
      const caughtUp = () =>
        discord.requests.filter(({ route, query }) => route.endsWith('/messages') && query.limit === '100')
      await vi.waitFor(() => expect(caughtUp().length).toBeGreaterThanOrEqual(people.length), soon)
    },
  )

  it('lets what can wait go last, and keeps a part free of it', async () => {
    const pacer = createPacer()
    const order: string[] = []
    const ask = async (patient: boolean) => {
      const over = await pacer.next(signal, patient ? 'patient' : 'needed')
      order.push(patient ? 'patient' : 'other')
      return over
    }
    const patient = Array.from({ length: 60 }, () => ask(true))
    await sleep(100)
    // None of them is over yet.
    expect(order).toHaveLength(40)
    const others = Array.from({ length: 20 }, async () => (await ask(false))(true))
    await vi.waitFor(() => expect(order.slice(40)).toEqual(Array.from({ length: 10 }, () => 'other')))
    for (const over of patient.slice(0, 40)) void over.then((end) => end(true))
    await Promise.all([...others, ...patient.slice(40).map(async (each) => (await each)(true))])
    expect(order.slice(40, 60)).toEqual(Array.from({ length: 20 }, () => 'other'))
    expect(order).toHaveLength(80)
  })

  it('lets those go first who see nothing yet, then what is whole, and what can wait when little is to be done', async () => {
    const pacer = createPacer()
    const all = await Promise.all(Array.from({ length: 50 }, () => pacer.next(signal)))
    const order: Rank[] = []
    const waiting = (['idle', 'patient', 'growing', 'needed', 'first'] as const).map(async (rank) => {
      const over = await pacer.next(signal, rank)
      order.push(rank)
      return over
    })
    // Ten of fifty are under way all the time.
    for (const over of all.slice(10)) over(true)
    await vi.waitFor(() => expect(order).toHaveLength(4), soon)
    expect(order).toEqual(['first', 'needed', 'growing', 'patient'])
    for (const over of all.slice(0, 10)) over(true)
    for (const each of waiting.slice(1)) void each.then((over) => over(true))
    await waiting[0]
    expect(order).toHaveLength(5)
  })

  it('lets first texts go first, and keeps a share for what has waited for long', () => {
    const turns = Array.from({ length: 100 }, (_, n) => n)
    const shares = (waitedMs: Parameters<typeof nextOf>[0]) => {
      const order = turns.map((turn) => nextOf(waitedMs, turn)?.rank)
      return (rank: Rank) => order.filter((each) => each === rank).length
    }
    // As in a burst of two hundred.
    expect(
      shares({ first: 4_200, needed: 4_100, growing: 4_100, patient: 4_200, idle: 4_200 })('first'),
    ).toBe(100)
    const overdue = shares({ first: 6_000, needed: 6_000, growing: 6_000, patient: 6_000 })
    expect([overdue('first'), overdue('needed')]).toEqual([75, 25])
    expect(shares({ first: 0, needed: 6_000, growing: 60_000 })('growing')).toBe(25)
    expect(shares({ first: 0, idle: 3_600_000 })('idle')).toBe(0)
    expect(nextOf({}, 0)).toBeUndefined()
  })

  it('ends replies also where more begin all the time than can', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const pacer = createPacer()
      const stop = new AbortController()
      const passed = new Map<Rank, number>()
      const ask = (rank: Rank) =>
        pacer.next(stop.signal, rank).then(
          (over) => {
            passed.set(rank, (passed.get(rank) ?? 0) + 1)
            over(true)
          },
          () => undefined,
        )
      for (let ms = 0; ms < 20_000; ms += 10) {
        void ask('first')
        if (ms % 100 === 0) for (const rank of ['needed', 'growing'] as const) void ask(rank)
        await vi.advanceTimersByTimeAsync(10)
      }
      stop.abort()
      expect(passed.get('first')).toBeGreaterThan(600)
      expect(passed.get('needed')).toBeGreaterThan(50)
      expect(passed.get('growing')).toBeGreaterThan(20)
    } finally {
      vi.useRealTimers()
    }
  })

  onDiscord()(
    'sends what was overtaken while it waited once, and as it is by then',
    async ({ discord, bot, channel, start }) => {
      const { adapter } = await start()
      const people = Array.from({ length: 50 }, (_, n) => discord.addPerson(`person-${n}`).openDirect(bot))
      const say = (where: string, content: Outgoing) =>
        adapter.send(roomOf(where, undefined), content, key('the reply'), AbortSignal.timeout(20_000))
      await Promise.all(people.map(({ id }) => say(id, reply('Hello.'))))
      const overtaken = new AbortController()
      const early = say(channel.id, { ...reply('It w', false), outdated: overtaken.signal })
      overtaken.abort(new Error('the whole is there'))
      await expect(early).rejects.toThrow('the whole is there')
      await say(channel.id, reply('It was.'))
      const ofIt = discord.requests.filter(({ path }) => path.includes(channel.id))
      expect(ofIt.map(({ method, body }) => [method, body])).toMatchObject([['POST', { content: 'It was.' }]])
    },
  )

  onDiscord()(
    'lets nobody wait for what is read after an absence elsewhere',
    async ({ discord, bot, ada, channel, open }) => {
      const count = 150
      const account = makeAccount(discord, bot)
      const places = Array.from({ length: count }, (_, n) => {
        const person = discord.addPerson(`person-${n}`)
        const { id } = person.openDirect(bot)
        const { id: last } = person.say(person.openDirect(bot), 'Hello')
        return { collection: 'places', key: id, value: Buffer.from(JSON.stringify({ last })) }
      })
      await account.records.write(account.account.id, places)
      const listening = open.use(await listen(discord, bot, account.connect()))
      const read = () =>
        discord.requests.filter(({ route, query }) => route.endsWith('/messages') && query.limit === '100')
      await discord.until(() => read().length > 30)
      ada.say(channel, 'Are you there?')
      await vi.waitFor(() => expect(listening.of('message')).toHaveLength(1), soon)
      expect(read().length).toBeLessThan(count)
      await discord.until(() => read().length === count, 20_000)
    },
  )

  it('lets somebody who does not wait any more hold up nobody', async () => {
    const pacer = createPacer()
    const overs = await Promise.all(Array.from({ length: 50 }, () => pacer.next(signal)))
    const gone = new AbortController()
    const first = pacer.next(gone.signal)
    const second = pacer.next(signal)
    gone.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    for (const over of overs) over(true)
    ;(await second)(true)
  })

  it('does what is a courtesy later, once each, one by one, and goes on where one fails', async () => {
    const courtesies = createCourtesies(signal)
    const done: string[] = []
    let underWay = 0
    const work = (name: string) => async () => {
      expect(++underWay).toBe(1)
      await sleep(5)
      underWay--
      done.push(name)
      if (name === 'b') throw new Error('not this one')
    }
    courtesies.busy()
    for (const [name, what] of [
      ['1', 'a'],
      ['2', 'b'],
      ['1', 'c'],
      ['3', 'd'],
    ] as const)
      courtesies.later(name, work(what))
    await sleep(300)
    expect(done).toEqual([])
    while (done.length < 3) await sleep(20)
    expect(done).toEqual(['b', 'c', 'd'])
  })

  it('shows that it is typing where few talk, once in a while, and not where many do', async () => {
    const shown: string[] = []
    const typing = createTyping(async (_method, route) => {
      shown.push(route)
      return undefined as never
    })
    for (let n = 0; n < 2; n++) await Promise.all(['1', '2'].map((channel) => typing.show(channel, signal)))
    expect(shown).toEqual(['/channels/1/typing', '/channels/2/typing'])
    typing.over('1')
    await typing.show('1', signal)
    expect(shown).toHaveLength(3)
    await Promise.all(Array.from({ length: 30 }, (_, n) => typing.show(`1${n}`, signal)))
    expect(shown).toHaveLength(3)
  })

  it('does not show that it is typing when that comes too late, and tries again', async () => {
    let asked = 0
    const typing = createTyping(async (_method, _route, _what, _signal, { outdated } = {}) => {
      asked++
      return await new Promise((_, reject) => {
        outdated?.addEventListener('abort', () => reject(outdated.reason))
      })
    })
    await typing.show('1', signal)
    void typing.show('1', signal)
    await vi.waitFor(() => expect(asked).toBe(2), soon)
  })
})
