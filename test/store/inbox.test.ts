import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountId, externalId } from '../../src/core/ids.ts'
import type { TurnChange } from '../../src/core/store.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { bob, type OpenedStore, openTestStore, query, reply, scene } from './harness.ts'

describe.each(databases)('the inbox over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('takes a message once, however often it comes', async () => {
    const here = scene(opened)
    const event = here.message('hello')
    const all = await Promise.all(
      Array.from({ length: 6 }, () => opened.store.inbox.accept(here.doorway, event, 0)),
    )
    expect(all.map(({ status }) => status).sort()).toEqual(['accepted', ...Array(5).fill('duplicate')])
    const turn = await here.claim()
    expect(await here.texts(turn)).toEqual(['hello'])
    expect(turn.revision).toBe(0)
    await opened.store.queue.close(turn, 'replied')
    expect((await opened.store.inbox.accept(here.doorway, event, 0)).status).toBe('duplicate')
    expect(await here.tryClaim()).toBeUndefined()
  })

  it('takes the same external id in another room or through another account for another message', async () => {
    const here = scene(opened)
    const elsewhere = { externalId: externalId('!elsewhere'), kind: 'direct' } as const
    const other = { ...here.doorway, account: accountId(`${here.doorway.account}-other`) }
    expect((await here.say('one', { id: 'same' })).status).toBe('accepted')
    expect((await here.say('two', { id: 'same', room: elsewhere })).status).toBe('accepted')
    const event = here.message('three', { id: 'same' })
    expect((await opened.store.inbox.accept(other, event, 0)).status).toBe('accepted')
  })

  it('brings no text back once a message was redacted', async () => {
    const here = scene(opened)
    await here.say('regretted', { id: 'r' })
    await here.say('kept', { id: 'k' })
    await here.redact('r')
    await here.redact('r')
    expect((await here.say('regretted', { id: 'r' })).status).toBe('duplicate')
    expect(await here.edit('r', 'regretted again')).toBe(false)
    expect(await here.texts(await here.claim())).toEqual(['kept'])
  })

  it('lets a redaction that comes first win over the message and its edits', async () => {
    const here = scene(opened)
    await here.redact('late', bob)
    expect(await here.edit('late', 'edited')).toBe(false)
    expect((await here.say('the original', { id: 'late' })).status).toBe('duplicate')
    expect(await here.edit('late', 'edited')).toBe(false)
    expect(await here.tryClaim()).toBeUndefined()
    const left = await query(
      opened.database,
      sql`select m.content from messages m join rooms r on r.id = m.room_id
          where r.account = ${opened.vault.lookup({ kind: 'account', account: here.doorway.account })}`,
    )
    expect(left).toEqual([{ content: null }])
  })

  it('takes an edit from the author of the message alone', async () => {
    const here = scene(opened, 'group')
    await here.say('first words', { id: 'mine' })
    expect(await here.edit('mine', 'put into her mouth', bob)).toBe(false)
    expect(await here.edit('unknown', 'nothing there')).toBe(false)
    expect(await here.edit('mine', 'second thoughts')).toBe(true)
    const turn = await here.claim()
    expect(await here.texts(turn)).toEqual(['second thoughts'])
    expect(turn.revision).toBe(1)
  })

  it('keeps messages in one order when many come at once', async () => {
    const here = scene(opened, 'group')
    const said = Array.from({ length: 30 }, (_, index) => `word ${index}`)
    await here.say('first')
    await Promise.all(
      said.map((text, index) => here.say(text, { sender: index % 2 === 0 ? bob : bobs(index) })),
    )
    const turn = await here.claim()
    const { messages } = await here.history(turn)
    expect(messages.map(({ anchor }) => anchor)).toEqual(Array.from({ length: 31 }, (_, index) => index + 1))
    expect(messages.map(({ text }) => text).sort()).toEqual(['first', ...said].sort())
    expect(await here.tryClaim()).toBeUndefined()
  })

  it('gathers a burst in one turn whose due time moves with each message', async () => {
    const here = scene(opened)
    const due: Date[] = []
    for (const text of ['one', 'two', 'three']) {
      await here.say(text, { settleMs: 60_000 })
      const [row] = await pendingOf(here)
      due.push(new Date(row!.due_at as string))
    }
    expect(due[1]!.getTime()).toBeGreaterThan(due[0]!.getTime())
    expect(due[2]!.getTime()).toBeGreaterThan(due[1]!.getTime())
    expect(await here.tryClaim()).toBeUndefined()
    await query(opened.database, sql`update turns set due_at = clock_timestamp() where ${ofAccount(here)}`)
    expect(await here.texts(await here.claim())).toEqual(['one', 'two', 'three'])
  })

  it('answers somebody who never pauses after five settle times', async () => {
    const here = scene(opened)
    await here.say('one', { settleMs: 60_000 })
    await query(
      opened.database,
      sql`update turns set created_at = created_at - interval '290 seconds' where ${ofAccount(here)}`,
    )
    await here.say('two', { settleMs: 60_000 })
    const [bounded] = await query(
      opened.database,
      sql`select due_at = created_at + interval '300 seconds' as bounded from turns where ${ofAccount(here)}`,
    )
    expect(bounded!.bounded).toBe(true)
    await query(
      opened.database,
      sql`update turns set created_at = created_at - interval '1 hour' where ${ofAccount(here)}`,
    )
    await here.say('three', { settleMs: 60_000 })
    expect(await here.texts(await here.claim())).toEqual(['one', 'two', 'three'])
  })

  it('opens the next turn for what comes after something was shown, and keeps it waiting', async () => {
    const here = scene(opened)
    await here.say('one')
    const first = await here.claim()
    expect(await here.show(first)).toBe(true)
    await here.say('two')
    await here.say('three')
    expect(await here.tryClaim()).toBeUndefined()
    expect(await here.texts(first)).toEqual(['one'])
    expect(await opened.store.queue.answer(first, reply('to one'))).toBe(true)
    expect(await here.tryClaim()).toBeUndefined()
    await opened.store.queue.close(first, 'replied')
    const second = await here.claim()
    expect(second.id).not.toBe(first.id)
    expect(await here.texts(second)).toEqual(['one', 'to one', 'two', 'three'])
  })

  it('greets once, and not where somebody has spoken', async () => {
    const here = scene(opened)
    const greeted = await Promise.all([here.greet(), here.greet(), here.greet()])
    expect(greeted.sort()).toEqual([false, false, true])
    const turn = await here.claim()
    expect(turn.kind).toBe('greeting')
    await opened.store.queue.answer(turn, reply('The lamp is lit.'))
    await opened.store.queue.close(turn, 'replied')
    expect(await here.greet()).toBe(false)
    await here.say('hello')
    expect(await here.texts(await here.claim())).toEqual(['The lamp is lit.', 'hello'])

    const spoken = scene(opened)
    await spoken.say('hello')
    expect(await spoken.greet()).toBe(false)
  })

  it('lets a greeting that was not shown give way to the person who speaks first', async () => {
    const here = scene(opened)
    await here.greet()
    const greeting = await here.claim()
    await here.say('I was first')
    expect(await opened.store.queue.answer(greeting, reply('The lamp is lit.'))).toBe(false)
    await opened.store.queue.putBack(greeting, 0, false)
    const turn = await here.claim()
    expect(turn).toMatchObject({ kind: 'reply', id: greeting.id })
    expect(await here.texts(turn)).toEqual(['I was first'])
    expect(await here.tryClaim()).toBeUndefined()
  })

  it('stops a turn in whichever state it is', async () => {
    const { queue } = opened.store
    const nowhere = scene(opened)
    expect(await nowhere.stop()).toBe('nothing-to-stop')

    const pending = scene(opened)
    await pending.say('one', { settleMs: 60_000 })
    expect(await pending.stop()).toBe('stopping')
    expect(await pending.claim()).toMatchObject({ stopRequested: true })

    const running = scene(opened)
    await running.say('one')
    const unshown = await running.claim()
    expect(await running.stop()).toBe('stopping')
    expect(await running.show(unshown)).toBe(false)
    expect(await queue.answer(unshown, reply('too late'))).toBe(false)
    expect(await queue.close(unshown, 'stopped')).toBe('closed')
    expect(await running.stop()).toBe('nothing-to-stop')

    const streaming = scene(opened)
    await streaming.say('one')
    const shown = await streaming.claim()
    await streaming.show(shown)
    expect(await streaming.stop()).toBe('stopping')
    expect(await queue.answer(shown, reply('what was shown'))).toBe(true)
    expect(await streaming.stop()).toBe('nothing-to-stop')
  })

  it('does not take the next question away with the reply that is stopped', async () => {
    const here = scene(opened)
    await here.say('one')
    const first = await here.claim()
    expect(await here.show(first)).toBe(true)
    await here.say('two')
    expect(await here.stop()).toBe('stopping')
    expect(await opened.store.queue.answer(first, reply('what was shown'))).toBe(true)
    await opened.store.queue.close(first, 'stopped')
    expect(await here.claim()).toMatchObject({ stopRequested: false })
  })

  it('takes a message that comes between a stop and the worker who would see it', async () => {
    const here = scene(opened)
    await here.say('one', { settleMs: 60_000 })
    await here.stop()
    expect((await here.say('two')).status).toBe('accepted')
    const turn = await here.claim()
    expect(turn.stopRequested).toBe(false)
    expect(await here.texts(turn)).toEqual(['one', 'two'])
  })

  it('answers a message that comes after a running turn was stopped', async () => {
    const here = scene(opened)
    await here.say('one')
    const stopped = await here.claim()
    await here.stop()
    await here.say('two')
    // As a worker does that learns of the stop only from `show`.
    await opened.store.queue.putBack(stopped, 0, false)
    const again = await here.claim()
    expect(again).toMatchObject({ id: stopped.id, stopRequested: true })
    await opened.store.queue.close(again, 'stopped')
    expect(await here.texts(await here.claim())).toEqual(['one', 'two'])
  })

  it('retries what is closed, and nothing else', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    expect(await here.retry()).toBe('nothing-to-retry')
    await here.say('one')
    expect(await here.retry()).toBe('busy')
    const turn = await here.claim()
    expect(await here.retry()).toBe('busy')
    await queue.answer(turn, reply('first'))
    expect(await here.retry()).toBe('ending')
    await queue.close(turn, 'replied')
    expect(await here.retry()).toBe('retrying')
    expect(await here.retry()).toBe('busy')
    expect(await here.claim()).toMatchObject({ id: turn.id, swipe: 1, failures: 0, stopRequested: false })
  })

  it('gives a message that comes during a retry a turn of its own', async () => {
    const here = scene(opened)
    await here.say('one')
    const first = await here.answer('first')
    expect(await here.retry()).toBe('retrying')
    await here.say('two')
    const again = await here.claim()
    expect(again).toMatchObject({ id: first.id, swipe: 1 })
    expect((await here.history(again)).messages.map(({ text }) => text)).toEqual(['one'])
    expect(await opened.store.queue.answer(again, reply('another'))).toBe(true)
    await opened.store.queue.close(again, 'replied')
    const next = await here.claim()
    expect((await here.history(next)).messages.map(({ text }) => text)).toEqual(['one', 'another', 'two'])
  })

  it('loses no message when one comes in the same moment as a retry', async () => {
    const here = scene(opened)
    await here.say('start')
    await here.answer('started')
    const said = ['start']
    for (let round = 0; round < 15; round++) {
      said.push(`round ${round}`)
      const [accepted] = await Promise.all([here.say(`round ${round}`), here.retry()])
      expect(accepted.status).toBe('accepted')
      while ((await pendingOf(here)).length > 0) await here.answer('so be it')
    }
    await here.say('end')
    const { messages } = await here.history(await here.claim())
    expect(messages.flatMap(({ author, text }) => (author.kind === 'participant' ? [text] : []))).toEqual([
      ...said,
      'end',
    ])
  })

  it('announces what opens or changes a turn, and nothing else', async () => {
    const here = scene(opened)
    const heard: TurnChange[] = []
    using _ = opened.store.announcements.subscribe((change) => heard.push(change))
    const until = (count: number) => expect.poll(() => heard.length, { timeout: 5_000 }).toBe(count)
    await here.say('one', { id: `a-${here.doorway.account}`, settleMs: 40 })
    await until(1)
    const turn = heard[0]!.turn
    expect(heard[0]).toEqual({ turn, revision: 0, stopRequested: false, dueInMs: 40 })
    await here.say('one', { id: `a-${here.doorway.account}`, settleMs: 40 })
    await here.say('two')
    await until(2)
    expect(heard[1]).toEqual({ turn, revision: 1, stopRequested: false, dueInMs: 0 })
    await here.stop()
    await until(3)
    expect(heard[2]).toMatchObject({ turn, stopRequested: true })
    // Anybody with access to the database can notify: nobody stumbles over what is not ours.
    await query(
      opened.database,
      sql`select pg_notify('hearth_turns', 'rubbish'), pg_notify('hearth_turns', '[1,2]')`,
    )
    await here.say('three')
    await until(4)
  })

  const ofAccount = (here: ReturnType<typeof scene>) =>
    sql`account = ${opened.vault.lookup({ kind: 'account', account: here.doorway.account })}`
  const pendingOf = (here: ReturnType<typeof scene>) =>
    query(opened.database, sql`select * from turns where ${ofAccount(here)} and state = 'pending'`)
})

const bobs = (index: number) => ({ externalId: externalId(`bob${index}`), displayName: `Bob ${index}` })
