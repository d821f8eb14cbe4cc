import { describe, expect, it as plainIt, vi } from 'vitest'
import { createAbsences } from '../../../adapters/discord/absences.ts'
import { createLanes } from '../../../adapters/discord/lanes.ts'
import { platformError, storeError } from '../../../src/core/errors.ts'
import type { InboundEvent } from '../../../src/core/events.ts'
import { listen, makeAccount } from '../../support/discord/account.ts'
import { onDiscord, soon, texts } from '../../support/discord/scene.ts'

const it = onDiscord()
const away = () => storeError('The database is away.', { code: 'test-away', retryable: true })

describe('channels on Discord that are stuck', () => {
  it('are caught up on when they go on, with what was changed and deleted there, and hold up no other', async ({
    discord,
    bot,
    ada,
    channel,
    open,
  }) => {
    const account = makeAccount(discord, bot)
    let stuck = false
    const isStuck = (event: InboundEvent) => stuck && String(event.room.externalId) === channel.id
    const listening = await listen(discord, bot, account.connect(), async (event) => {
      if (isStuck(event)) throw away()
    })
    open.use(listening)
    const bea = discord.addPerson('bea')
    const hers = bea.openDirect(bot)
    const [changed, regretted] = [ada.say(channel, 'One.'), ada.say(channel, 'Two.')]
    await vi.waitFor(() => expect(texts(listening)).toEqual(['One.', 'Two.']), soon)
    stuck = true
    const said = Array.from({ length: 300 }, (_, n) => `Message ${n}`)
    const messages = said.map((text) => ada.say(channel, text))
    ada.edit(changed, 'Once.')
    ada.edit(messages[3]!, 'Message 3, changed')
    ada.delete(regretted)
    bea.say(hers, 'And I?')
    await vi.waitFor(() => expect(texts(listening)).toContain('And I?'), soon)
    expect(account.news.every(({ kind }) => kind !== 'passed-over')).toBe(true)
    stuck = false
    await vi.waitFor(() => expect(texts(listening)).toContain('Message 299'), soon)
    ada.say(channel, 'Now.')
    await vi.waitFor(() => expect(texts(listening).at(-1)).toBe('Now.'), soon)
    expect(texts(listening)).toEqual(['One.', 'Two.', 'And I?', ...said, 'Now.'])
    const edits = listening.of('edit').map(({ target, text }) => [String(target), text])
    expect(edits).toContainEqual([changed.id, 'Once.'])
    expect(edits).toContainEqual([messages[3]!.id, 'Message 3, changed'])
    expect(listening.of('redaction').map(({ target }) => String(target))).toEqual([regretted.id])
    expect(discord.gateway.frames.filter(({ op }) => op === 2)).toHaveLength(1)
  })

  it('are all caught up on, each in its order, where all were', async ({ discord, bot, open }) => {
    const account = makeAccount(discord, bot)
    let stuck = true
    const listening = await listen(discord, bot, account.connect(), async () => {
      if (stuck) throw away()
    })
    open.use(listening)
    const people = Array.from({ length: 20 }, (_, n) => discord.addPerson(`person-${n}`))
    const said = Array.from({ length: 60 }, (_, n) =>
      people.map((person) => {
        person.say(person.openDirect(bot), `${person.id}: ${n}`)
        return `${person.id}: ${n}`
      }),
    ).flat()
    await vi.waitFor(() => expect(account.news.length).toBeGreaterThan(people.length), soon)
    stuck = false
    await vi.waitFor(() => expect(texts(listening).length).toBeGreaterThanOrEqual(said.length), soon)
    expect(texts(listening).toSorted()).toEqual(said.toSorted())
    for (const { id } of people) {
      const of = (all: readonly string[]) => all.filter((text) => text.startsWith(id))
      expect(of(texts(listening))).toEqual(of(said))
    }
    expect(discord.gateway.frames.filter(({ op }) => op === 2)).toHaveLength(1)
  })

  plainIt('leave room for each other channel, however many they are', async () => {
    const life = new AbortController()
    const lanes = createLanes(() => undefined, life.signal)
    const never = () => new Promise<void>(() => undefined)
    const keep = (channel: string) => lanes.run(channel, never, { id: '1180000000000000000' })
    const fill = (channel: string) => {
      let kept = 0
      while (keep(channel)) kept++
      return kept
    }
    expect(fill('first')).toBeLessThan(150)
    for (let n = 0; n < 1_000; n++) fill(`stuck ${n}`)
    for (let n = 0; n < 5; n++) expect(keep(`well ${n}`)).toBe(true)
    expect(keep('first')).toBe(false)
    // All that is kept together has its bound, too.
    let kept = 0
    for (let n = 0; n < 10_000; n++) if (keep(`other ${n}`)) kept++
    expect(kept).toBeLessThan(5_000)
    life.abort()
  })

  plainIt(
    'go on with what is said where Discord does not show their history, and try that again',
    async () => {
      vi.useFakeTimers()
      try {
        const place = { channel: '1', guild: undefined, last: '1180000000000000000' }
        const places = { all: [place], find: () => place } as never
        let [tries, isAway] = [0, true]
        const read = async () => {
          tries++
          if (isAway) throw platformError('Discord does not answer.', { code: 'test-away', retryable: true })
          return true
        }
        /** Each is done when what was there before it has ended, and tried again until it does. */
        let ended = Promise.resolve()
        const persist = async (work: () => Promise<void>): Promise<void> => {
          await work().catch(() => persist(work))
        }
        const run = (_channel: string, work: () => Promise<void>) => {
          ended = ended.then(() => persist(work))
          return true
        }
        const gateway = { channel: () => undefined }
        const absences = createAbsences({ places, lanes: { run }, gateway, read })
        absences.catchUp(() => true)
        await ended
        const soFar = tries
        expect([soFar < 10, absences.isBehind('1')]).toEqual([true, true])
        // Less and less often.
        await vi.advanceTimersByTimeAsync(60 * 60_000)
        expect(tries / soFar).toBeGreaterThan(3)
        expect(tries / soFar).toBeLessThan(8)
        isAway = false
        await vi.advanceTimersByTimeAsync(60 * 60_000)
        expect(absences.isBehind('1')).toBe(false)
      } finally {
        vi.useRealTimers()
      }
    },
  )
})
