import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Turn } from '../../src/core/conversation.ts'
import type { MessageEvent } from '../../src/core/events.ts'
import { accountId, externalId, personaId } from '../../src/core/ids.ts'
import type { Acceptance, Claimant, Cue, Doorway } from '../../src/core/store.ts'
import { sql } from '../../src/store/drizzle.ts'
import { openStore } from '../../src/store/store.ts'
import { databases } from '../support/databases.ts'
import { bob, type OpenedStore, openTestStore, query, reply, scene } from './harness.ts'

const most = 2

describe.each(databases)('several personas in a group over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** Wren and Crow in one room, each by an account of its own. */
  function two() {
    const { store } = opened
    const here = scene(opened, 'group')
    const wren = here.doorway
    const crow: Doorway = {
      ...wren,
      persona: personaId('crow'),
      account: accountId(`${wren.account}-crow`),
    }
    const accept = async (doorway: Doorway, event: MessageEvent, claimant?: Claimant) => {
      const acceptance = await store.inbox.accept(doorway, event, 0, claimant)
      await store.circle.enter(doorway, acceptance.room, event.barred !== true)
      return acceptance
    }
    return {
      ...here,
      wren,
      crow,
      accept,
      /** As both accounts tell of it, nobody being asked. */
      async overhear(text: string): Promise<Acceptance> {
        const event = { ...here.message(text, { sender: bob }), unanswered: true }
        await accept(crow, event)
        return await accept(wren, event)
      },
      invite: ({ room, position }: Acceptance, { persona }: Doorway, cue: Cue = 'unasked') =>
        store.circle.invite(room, persona, { position: position ?? -1, cue }, 0, most),
      async claim(...doorways: readonly Doorway[]): Promise<readonly Turn[]> {
        const [accounts, personas] = [doorways.map(({ account }) => account), doorways.map((d) => d.persona)]
        return await store.queue.claim(here.worker, accounts, personas, 10, 60_000)
      },
      async say(turn: Turn, text: string) {
        expect(await store.queue.answer(turn, reply(text))).toBe(true)
        return await store.queue.close(turn, 'replied')
      },
      async lines(turn: Turn) {
        const { messages } = await store.history.read(turn)
        return messages.map(
          ({ author, text }) => `${author.kind === 'persona' ? author.id : author.displayName}: ${text}`,
        )
      },
    }
  }

  it('do not wait for one whose own reply cannot be shown yet', async () => {
    const { accept, claim, message, wren, crow } = two()
    await accept(crow, message('Crow?'))
    const [stuck] = await claim(wren, crow)
    expect(await opened.store.queue.answer(stuck!, reply('Here.'))).toBe(true)
    await opened.store.queue.putBack(stuck!, 120_000, true)
    await accept(crow, message('Crow, still there?', { sender: bob }))
    await accept(wren, message('Wren?', { sender: bob }))
    expect((await claim(wren, crow)).map(({ persona }) => persona)).toEqual([wren.persona])
  })

  it('speak one after the other also where nothing is waited for', async () => {
    const { accept, message, wren, crow, worker } = two()
    const claimant = { worker, leaseMs: 60_000 }
    const first = await accept(crow, message('Crow?'), claimant)
    const second = await accept(wren, message('Wren?', { sender: bob }), claimant)
    expect([first.claimed?.persona, second.claimed]).toEqual([crow.persona, undefined])
  })

  it('what each of their accounts tells of is one message, in one room', async () => {
    const { overhear, wren, crow, accept, message } = two()
    const first = await overhear('between us')
    expect(first.status).toBe('duplicate')
    const next = message('and now')
    const [one, other] = [await accept(wren, next), await accept(crow, next)]
    expect([one.status, other.status]).toEqual(['accepted', 'duplicate'])
    expect(one.room).toMatchObject({ id: other.room.id, account: wren.account })
    expect(other.room.account).toBe(crow.account)
    expect([one.position, other.position]).toEqual([first.position! + 1, first.position! + 1])
  })

  it('speak one after the other, and each hears what the other has said as said by the other', async () => {
    const { accept, wren, crow, claim, say, lines, message, invite } = two()
    const event = message('Wren, Crow?')
    await accept(wren, event)
    expect(await invite(await accept(crow, event), crow, 'addressed')).toBe(true)
    const [first, ...more] = await claim(wren, crow)
    expect([first!.persona, first!.room.account, more]).toEqual(['wren', wren.account, []])
    expect(await claim(wren, crow)).toEqual([])
    expect(await say(first!, 'Here.')).toBe('next-waits')
    const [second] = await claim(wren, crow)
    expect([second!.persona, second!.room.account]).toEqual(['crow', crow.account])
    expect(await lines(second!)).toEqual(['Ada: Wren, Crow?', 'wren: Here.'])
  })

  it('do not wait for one whom nobody serves, nor for one whose worker has died', async () => {
    const { accept, wren, crow, claim, letGo, message, invite } = two()
    const event = message('Wren, Crow?')
    await accept(wren, event)
    await invite(await accept(crow, event), crow, 'addressed')
    const [alone] = await claim(crow)
    expect(alone!.persona).toBe('crow')
    expect(await claim(wren)).toEqual([])
    await letGo(alone!)
    expect((await claim(wren)).map(({ persona }) => persona)).toEqual(['wren'])
  })

  it('are asked once for the same words, however often their accounts tell of them', async () => {
    const { overhear, crow, invite, claim, say } = two()
    const said = await overhear('Crow?')
    expect(await invite(said, crow, 'addressed')).toBe(true)
    expect(await invite(said, crow, 'addressed')).toBe(false)
    const [turn] = await claim(crow)
    await say(turn!, 'Yes.')
    expect(await invite(said, crow, 'addressed')).toBe(false)
    expect(await invite(said, crow, 'unasked')).toBe(false)
  })

  it('speak unasked once for the same words, and are told in the same order at any time', async () => {
    const { overhear, wren, crow, invite, claim, say } = two()
    const earlier = await overhear('First of all.')
    const said = await overhear('Who feels like it?')
    const order = async () => {
      const present = await opened.store.circle.readPresent(said.room, said.position!)
      return present.toSorted((a, b) => (a.persona < b.persona ? -1 : 1)).map(({ spokeAt }) => spokeAt)
    }
    expect(await order()).toEqual([0, 0])
    // Of what came before the other account has told meanwhile.
    expect(await invite(earlier, crow, 'addressed')).toBe(true)
    expect(await order()).toEqual([0, 0])
    expect(await invite(said, wren)).toBe(true)
    expect(await invite(said, crow)).toBe(false)
    for (const turn of await claim(crow)) await say(turn, 'Here.')
    const [turn] = await claim(wren)
    await opened.store.queue.close(turn!, 'failed')
    expect(await invite(said, crow)).toBe(false)
    expect(await order()).toEqual([0, 0])
    const later = await overhear('And now?')
    const present = await opened.store.circle.readPresent(later.room, later.position!)
    expect(present.find(({ persona }) => persona === crow.persona)?.spokeAt).toBe(later.position! - 1)
    expect(await invite(later, crow)).toBe(true)
  })

  it('answer each other no more often than they may after one person has spoken', async () => {
    const { overhear, wren, crow, invite, claim, say } = two()
    const said = await overhear('Talk among yourselves.')
    const line = async (doorway: Doorway, cue: Cue) => {
      if (!(await invite(said, doorway, cue))) return false
      const [turn] = await claim(doorway)
      await say(turn!, 'So I say.')
      return true
    }
    expect(await line(wren, 'unasked')).toBe(true)
    expect(await line(crow, 'persona')).toBe(true)
    expect(await line(wren, 'persona')).toBe(false)
    expect(await line(wren, 'addressed')).toBe(false)
    const next = await overhear('Go on.')
    expect(await invite(next, wren, 'unasked')).toBe(true)
    // As long as that is to come, it counts with what was said.
    expect(await invite(next, crow, 'persona')).toBe(true)
    expect(await invite(next, wren, 'persona')).toBe(false)
  })

  it('are not asked where they are quiet, have left, or may not speak', async () => {
    const { overhear, accept, wren, crow, invite, message, room } = two()
    const said = await overhear('Who is there?')
    const present = async () =>
      (await opened.store.circle.readPresent(said.room, 1_000)).map(({ persona }) => persona).toSorted()
    expect(await present()).toEqual(['crow', 'wren'])
    const base = { room, sender: bob, at: new Date() }
    await opened.store.inbox.command(wren, { ...base, kind: 'command', name: 'quiet' })
    expect([await invite(said, wren), await present()]).toEqual([false, ['crow']])
    await opened.store.inbox.leave(crow, { ...base, kind: 'membership', change: 'left' })
    expect([await invite(said, crow), await present()]).toEqual([false, []])
    await opened.store.inbox.join(crow, { ...base, kind: 'membership', change: 'joined' }, false)
    expect(await present()).toEqual(['crow'])
    await accept(crow, { ...message('psst'), unanswered: true, barred: true })
    expect([await invite(said, crow), await present()]).toEqual([false, []])
  })

  it('leave each for itself, and carry each command out for itself', async () => {
    const { accept, wren, crow, claim, invite, message, room } = two()
    const event = message('Wren, Crow?')
    await accept(wren, event)
    await invite(await accept(crow, event), crow, 'addressed')
    const base = { room, sender: bob, at: new Date() }
    await opened.store.inbox.leave(wren, { ...base, kind: 'membership', change: 'left' })
    const [left] = await claim(wren, crow)
    expect(left!.persona).toBe('crow')
    const command = { ...base, kind: 'command', externalId: externalId('the stop') } as const
    expect(await opened.store.inbox.command(wren, { ...command, name: 'stop' })).toBe('nothing-to-stop')
    expect(await opened.store.inbox.command(crow, { ...command, name: 'stop' })).toBe('stopping')
  })

  it('of a command to all of them, the last reply is meant, or whatever is being written', async () => {
    const { accept, wren, crow, claim, say, invite, message, room } = two()
    const event = message('Wren, Crow?')
    await accept(wren, event)
    await invite(await accept(crow, event), crow, 'addressed')
    const [first] = await claim(wren, crow)
    await say(first!, 'Here.')
    const given = { room, sender: bob, at: new Date(), kind: 'command', toAll: true } as const
    const all = async (name: 'stop' | 'retry' | 'takeback') => [
      await opened.store.inbox.command(wren, { ...given, name }),
      await opened.store.inbox.command(crow, { ...given, name }),
    ]
    expect(await all('stop')).toEqual(['not-heard', 'stopping'])
    expect(await all('retry')).toEqual(['retrying', 'not-heard'])
    for (const turn of await claim(wren)) await say(turn, 'Here I am.')
    await accept(crow, message('Crow?'))
    for (const turn of await claim(crow)) {
      if (turn.stopRequested) await opened.store.queue.close(turn, 'stopped')
      else await say(turn, 'Here.')
    }
    for (const turn of await claim(crow)) await say(turn, 'Me too.')
    expect(await all('takeback')).toEqual(['not-heard', 'taken-back'])
    // What was taken back was said last all the same: one command takes one reply.
    expect(await all('takeback')).toEqual(['not-heard', 'nothing-to-take-back'])
    expect(await opened.store.inbox.command(wren, { ...given, toAll: false, name: 'takeback' })).toBe(
      'taken-back',
    )
  })

  it('both answer anew what is edited after both have answered it', async () => {
    const here = two()
    const event = here.message('Wren, Crow, what is six times seven?')
    await here.accept(here.wren, event)
    await here.invite(await here.accept(here.crow, event), here.crow, 'addressed')
    for (const text of ['42', '43']) {
      const [turn] = await here.claim(here.wren, here.crow)
      await here.say(turn!, text)
    }
    expect(await here.edit(event.externalId, 'Wren, Crow, what is six times eight?')).toBe(true)
    const again = [await here.claim(here.wren), await here.claim(here.crow)]
    expect(again.flat().map(({ persona, swipe }) => [persona, swipe])).toEqual([['wren', 1]])
    await here.say(again[0]![0]!, '48')
    expect((await here.claim(here.crow)).map(({ persona, swipe }) => [persona, swipe])).toEqual([['crow', 1]])
  })

  it("take no reply down because the other's account has seen a part of it go", async () => {
    const { accept, wren, crow, claim, message, room } = two()
    await accept(wren, message('Wren?'))
    const [turn] = await claim(wren)
    const [delivery] = (await opened.store.queue.show(turn!))!
    await opened.store.deliveries.confirm(turn!, delivery!.slot, externalId('part'))
    await opened.store.queue.answer(turn!, reply('Here.'))
    const gone = {
      kind: 'redaction',
      room,
      sender: bob,
      at: new Date(),
      target: externalId('part'),
    } as const
    await opened.store.inbox.redact(crow, gone)
    expect(await opened.store.history.readReply(turn!)).toBe('Here.')
    await opened.store.inbox.redact(wren, gone)
    expect(await opened.store.history.readReply(turn!)).toBeUndefined()
  })

  it("share a group that was one account's alone before, with what was said there", async () => {
    const { accept, wren, crow, claim, message } = two()
    const old = message('said long ago')
    const { room } = await accept(wren, { ...old, unanswered: true })
    // As rooms were kept before personas shared them: all names are the account's.
    const by = { account: wren.account, externalId: room.externalId }
    const roomLookup = opened.vault.lookup({ kind: 'room', ...by })
    const lookup = opened.vault.lookup({
      kind: 'message',
      account: wren.account,
      room: room.externalId,
      externalId: old.externalId,
    })
    await query(
      opened.database,
      sql`update rooms set lookup = ${roomLookup}, named_by = null where id = ${room.id}`,
    )
    await query(opened.database, sql`update messages set lookup = ${lookup} where room_id = ${room.id}`)
    await using later = await openStore(opened.database, opened.vault)
    expect((await later.inbox.accept(wren, { ...old, unanswered: true }, 0)).status).toBe('duplicate')
    expect((await later.inbox.accept(crow, message('and now'), 0)).room.id).toBe(room.id)
    const edit = {
      kind: 'edit',
      room: { externalId: room.externalId, kind: 'group' },
      sender: old.sender,
      at: new Date(),
      externalId: externalId('the edit'),
      target: old.externalId,
      text: 'said otherwise',
    } as const
    expect(await later.inbox.edit(crow, edit)).toBe(true)
    const [turn] = await claim(crow)
    const { messages } = await later.history.read(turn!)
    expect(messages.map(({ text }) => text)).toEqual(['said otherwise', 'and now'])
  })
})
