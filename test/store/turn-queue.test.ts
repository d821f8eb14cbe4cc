import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Turn } from '../../src/core/conversation.ts'
import { accountId, externalId, newUuid, personaId, workerId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { openStore } from '../../src/store/store.ts'
import { databases } from '../support/databases.ts'
import { type OpenedStore, openTestStore, query, reply, scene } from './harness.ts'

describe.each(databases)('the turn queue over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())
  const another = () => workerId(newUuid())

  it('gives each of many turns once to many workers that ask at once', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    const rooms = Array.from({ length: 24 }, (_, index) => ({
      externalId: externalId(`!crowd${index}`),
      kind: 'direct' as const,
    }))
    await Promise.all(rooms.map((room) => here.say('hello', { room })))
    const workers = Array.from({ length: 8 }, another)
    const taken: Turn[] = []
    while (taken.length < rooms.length) {
      const { doorway } = here
      const round = await Promise.all(
        workers.map((worker) => queue.claim(worker, [doorway.account], [doorway.persona], 2, 60_000)),
      )
      for (const turns of round) expect(turns.length).toBeLessThanOrEqual(2)
      expect(round.flat().length).toBeGreaterThan(0)
      taken.push(...round.flat())
    }
    expect(new Set(taken.map(({ id }) => id)).size).toBe(rooms.length)
    expect(taken.length).toBe(rooms.length)
    expect(taken.every(({ attempt }) => attempt === 1)).toBe(true)
    expect(await here.tryClaim()).toBeUndefined()
  })

  it('gives turns in the order in which they fell due', async () => {
    const here = scene(opened)
    const room = (index: number) => ({ externalId: externalId(`!due${index}`), kind: 'direct' as const })
    for (const index of [0, 1, 2]) await here.say(`word ${index}`, { room: room(index) })
    const said: string[] = []
    for (let count = 0; count < 3; count++) said.push(...(await here.texts(await here.claim())))
    expect(said).toEqual(['word 0', 'word 1', 'word 2'])
  })

  it('lets one worker at a time into a room', async () => {
    const here = scene(opened)
    await here.say('one')
    const first = await here.claim()
    await here.show(first)
    await here.say('two')
    const tries = await Promise.all(Array.from({ length: 6 }, () => here.tryClaim(another())))
    expect(tries).toEqual(Array(6).fill(undefined))
    await opened.store.queue.answer(first, reply('to one'))
    await opened.store.queue.close(first, 'replied')
    const then = await Promise.all(Array.from({ length: 6 }, () => here.tryClaim(another())))
    expect(then.filter((turn) => turn !== undefined)).toHaveLength(1)
  })

  it('gives nothing to who serves another account or persona, or none', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one')
    const { account, persona } = here.doorway
    expect(await queue.claim(here.worker, [accountId('other')], [persona], 5, 60_000)).toEqual([])
    expect(await queue.claim(here.worker, [account], [personaId('other')], 5, 60_000)).toEqual([])
    expect(await queue.claim(here.worker, [], [persona], 5, 60_000)).toEqual([])
    expect(await queue.claim(here.worker, [account], [], 5, 60_000)).toEqual([])
    expect(await here.tryClaim()).toBeDefined()
  })

  it('counts what is open of an account and persona: waiting, worked on, put off, but not closed', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    const open = (account = here.doorway.account, persona = here.doorway.persona) =>
      queue.countOpen([account], [persona])
    expect(await open()).toBe(0)
    await here.say('one', { settleMs: 60_000 })
    expect(await open()).toBe(1)
    expect(await open(accountId('another'))).toBe(0)
    expect(await open(here.doorway.account, personaId('another'))).toBe(0)
    expect(await queue.countOpen([], [])).toBe(0)
    await opened.database.drizzle.execute(sql`update turns set due_at = clock_timestamp()`)
    const turn = await here.claimAndDie()
    expect(await open()).toBe(1)
    const taken = await here.claim(another())
    expect(taken.id).toBe(turn.id)
    await queue.putBack(taken, 60_000, true)
    expect(await open()).toBe(1)
    await opened.database.drizzle.execute(sql`update turns set due_at = clock_timestamp()`)
    const again = await here.claim()
    await queue.answer(again, reply('here'))
    await here.say('two')
    expect(await open()).toBe(2)
    await queue.close(again, 'replied')
    expect(await open()).toBe(1)
  })

  it('knows of a claimed turn where it begins and whether it was shown, and counts failures anew from there', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one')
    await here.answer('hello')
    await here.say('two')
    const first = await here.claim()
    expect(first).toMatchObject({ since: 3, shown: false, failures: 0 })
    await queue.putBack(first, 0, true)
    const second = await here.claim()
    expect(second).toMatchObject({ since: 3, shown: false, failures: 1 })
    expect(await here.show(second)).toBe(true)
    await queue.putBack(second, 0, true)
    const third = await here.claim()
    expect(third).toMatchObject({ shown: true, failures: 1 })
    expect(await here.show(third)).toBe(true)
    await queue.putBack(third, 0, true)
    expect(await here.claim()).toMatchObject({ shown: true, failures: 2 })
  })

  it('gives a dead worker’s turn to another, and ignores the first one from then on', async () => {
    const { queue, deliveries } = opened.store
    const here = scene(opened)
    await here.say('one')
    const dead = await here.claim()
    const slots = await queue.show(dead)
    expect(slots).toMatchObject([{ slot: 0, swipe: 0, externalId: undefined }])
    expect(await here.tryClaim(another())).toBeUndefined()
    await here.change(dead, sql`lease_until = clock_timestamp()`)
    const heir = await here.claim(another())
    expect(heir).toMatchObject({ id: dead.id, attempt: dead.attempt + 1, state: 'running' })

    expect(await queue.show(dead)).toBeUndefined()
    expect(await queue.answer(dead, reply('from the grave'))).toBe(false)
    expect(await queue.close(dead, 'failed')).toBe('not-closed')
    await queue.putBack(dead, 3_600_000, true)
    expect([...(await queue.renew([dead], 60_000))]).toEqual([])
    expect(await deliveries.reserve(dead)).toBeUndefined()
    await deliveries.confirm(dead, 0, externalId('from-the-grave'))
    await deliveries.remove(dead, 0)
    expect(await deliveries.list(heir)).toMatchObject([{ slot: 0, externalId: undefined }])
    expect(await here.row(heir)).toMatchObject({ state: 'running', failures: 0, worker: expect.any(String) })

    expect(await queue.show(heir)).toMatchObject([{ slot: 0 }])
    expect(await queue.answer(heir, reply('alive'))).toBe(true)
    expect(await queue.close(heir, 'replied')).toBe('closed')
  })

  it('takes over an answered turn with the reply that is there', async () => {
    const { queue, history } = opened.store
    const here = scene(opened)
    await here.say('one')
    const dead = await here.claim()
    await queue.answer(dead, reply('the one reply'))
    await here.change(dead, sql`lease_until = clock_timestamp()`)
    const heir = await here.claim(another())
    expect(heir).toMatchObject({ id: dead.id, state: 'answered' })
    expect(await history.readReply(heir)).toBe('the one reply')
    expect(await queue.answer(heir, reply('another'))).toBe(false)
    expect(await queue.close(dead, 'replied')).toBe('not-closed')
    expect(await queue.close(heir, 'replied')).toBe('closed')
  })

  it('renews the leases of its own turns alone', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one')
    const turn = await here.claim()
    await here.change(turn, sql`lease_until = clock_timestamp()`)
    expect([...(await queue.renew([turn], 60_000))]).toEqual([turn.id])
    expect(await here.tryClaim(another())).toBeUndefined()
    await queue.close(turn, 'failed')
    expect([...(await queue.renew([turn], 60_000))]).toEqual([])
    expect([...(await queue.renew([], 60_000))]).toEqual([])
  })

  it('shows and answers nothing once the turn has changed', async () => {
    const { queue } = opened.store
    const changes = {
      message: (here: ReturnType<typeof scene>) => here.say('two'),
      edit: (here: ReturnType<typeof scene>) => here.edit(`m-${here.doorway.account}`, 'one, that is'),
      redaction: (here: ReturnType<typeof scene>) => here.redact(`m-${here.doorway.account}`),
      stop: (here: ReturnType<typeof scene>) => here.stop(),
    }
    for (const [name, change] of Object.entries(changes)) {
      const here = scene(opened)
      await here.say('one', { id: `m-${here.doorway.account}` })
      const turn = await here.claim()
      await change(here)
      expect(await queue.show(turn)).toBeUndefined()
      expect(await queue.answer(turn, reply('to one'))).toBe(false)
      const shown = scene(opened)
      await shown.say('one', { id: `m-${shown.doorway.account}` })
      const visible = await shown.claim()
      await queue.show(visible)
      await change(shown)
      // What is shown goes on for a message or a stop, but is no answer to what is not said any more.
      const goesOn = name === 'message' || name === 'stop'
      expect(await queue.answer(visible, reply('to one'))).toBe(goesOn)
    }
  })

  it('begins again with both after a message that came before anything was shown', async () => {
    const here = scene(opened)
    await here.say('one')
    const turn = await here.claim()
    await here.say('two')
    await opened.store.queue.putBack(turn, 0, false)
    const again = await here.claim()
    expect(again).toMatchObject({ id: turn.id, revision: 1, attempt: 2, failures: 0 })
    expect(await here.texts(again)).toEqual(['one', 'two'])
  })

  it('does not close a turn over a message that came while a refusal or failure was told', async () => {
    const { queue } = opened.store
    for (const outcome of ['refused', 'failed', 'withdrawn'] as const) {
      const here = scene(opened)
      await here.say('one')
      const turn = await here.claim()
      await here.say('two')
      expect(await queue.close(turn, outcome)).toBe('not-closed')
      const again = await here.claim()
      expect(again.id).toBe(turn.id)
      expect(await here.texts(again)).toEqual(['one', 'two'])
      expect(await queue.close(again, outcome)).toBe('closed')
      expect(await here.row(again)).toMatchObject({ state: 'closed', outcome, lease_until: null })
    }
  })

  it('puts a turn back for later, and counts failures', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one')
    const turn = await here.claim()
    await queue.putBack(turn, 60_000, true)
    expect(await here.row(turn)).toMatchObject({ state: 'pending', failures: 1 })
    expect(await here.tryClaim()).toBeUndefined()
    await here.change(turn, sql`due_at = clock_timestamp()`)
    const again = await here.claim()
    expect(again.failures).toBe(1)
    await queue.show(again)
    await queue.putBack(again, 0, false)
    // What was shown stays with its turn: the next message opens one of its own.
    expect(await here.row(turn)).toMatchObject({ state: 'running', failures: 0 })
    await here.say('two')
    const third = await here.claim(another())
    expect(third).toMatchObject({ id: turn.id, state: 'running' })
    expect(await here.texts(third)).toEqual(['one'])
  })

  it('keeps an answered turn answered when its delivery is put off', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one')
    const turn = await here.claim()
    await queue.answer(turn, reply('durable'))
    await queue.putBack(turn, 60_000, true)
    expect(await here.tryClaim()).toBeUndefined()
    await here.change(turn, sql`due_at = clock_timestamp()`)
    expect(await here.claim()).toMatchObject({ id: turn.id, state: 'answered', failures: 1 })
  })

  it('is not held up by a clock that was set back', async () => {
    const here = scene(opened)
    await here.say('one')
    await query(
      opened.database,
      sql`update turns set due_at = clock_timestamp() + interval '2 hours', created_at = clock_timestamp() + interval '2 hours'
          where account = ${opened.vault.lookup({ kind: 'account', account: here.doorway.account })}`,
    )
    const turn = await here.claim()
    await here.change(turn, sql`lease_until = clock_timestamp() + interval '2 hours'`)
    const heir = await here.claim(another())
    expect(heir).toMatchObject({ id: turn.id, attempt: 2 })
    expect(await opened.store.queue.answer(heir, reply('in time'))).toBe(true)
  })

  it('does not lose a batch for one turn whose room cannot be opened', async () => {
    const here = scene(opened)
    const room = (index: number) => ({ externalId: externalId(`!batch${index}`), kind: 'direct' as const })
    for (const index of [0, 1, 2]) await here.say(`word ${index}`, { room: room(index) })
    const blind = opened.vault.lookup({
      kind: 'room',
      account: here.doorway.account,
      externalId: room(0).externalId,
    })
    await query(
      opened.database,
      sql`update rooms set external_id = overlay(external_id placing '\\x00'::bytea from 40 for 1) where lookup = ${blind}`,
    )
    // Another process: this one knows the rooms already.
    await using elsewhere = await openStore(opened.database, opened.vault)
    const taken = await elsewhere.queue.claim(
      here.worker,
      [here.doorway.account],
      [here.doorway.persona],
      10,
      60_000,
    )
    expect(taken.map((turn) => turn.room.externalId).sort()).toEqual(['!batch1', '!batch2'])
  })
})
