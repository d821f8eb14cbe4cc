import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId, newUuid, personaId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { messages } from '../../src/store/schema.ts'
import { databases } from '../support/databases.ts'
import { ada, bob, type OpenedStore, openTestStore, query, reply, scene } from './harness.ts'

describe.each(databases)('history and deliveries over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('puts a reply after what it answers, and before what came while it was written', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one')
    await here.say('two')
    const first = await here.claim()
    await here.show(first)
    await here.say('three')
    await queue.answer(first, reply('to one and two'))
    await queue.close(first, 'replied')
    const second = await here.claim()
    expect(await here.texts(second)).toEqual(['one', 'two', 'to one and two', 'three'])
    const { messages: history } = await here.history(second)
    expect(history.map(({ anchor }) => anchor)).toEqual([1, 2, 2, 3])
    expect(history[0]!.author).toMatchObject({ kind: 'participant', displayName: 'Ada' })
    expect(history[2]!.author).toEqual({ kind: 'persona', id: here.doorway.persona, turn: first.id })
  })

  it('shows a turn nothing that came after what it answers', async () => {
    const here = scene(opened)
    await here.say('one')
    const first = await here.claim()
    await here.show(first)
    await here.say('two')
    expect(await here.texts(first)).toEqual(['one'])
  })

  it('chooses exactly one swipe, and leaves the others out of the history', async () => {
    const { queue, history } = opened.store
    const here = scene(opened)
    await here.say('one')
    const turn = await here.answer('first swipe')
    for (const [index, text] of ['second swipe', 'third swipe'].entries()) {
      expect(await here.retry()).toBe('retrying')
      const again = await here.claim()
      expect(again).toMatchObject({ id: turn.id, swipe: index + 1 })
      expect(await here.texts(again)).toEqual(['one'])
      expect(await queue.answer(again, reply(text))).toBe(true)
      expect(await history.readReply(again)).toBe(text)
      await queue.close(again, 'replied')
    }
    const swipes = await query(
      opened.database,
      sql`select swipe, chosen from messages where turn_id = ${turn.id} order by swipe`,
    )
    expect(swipes).toEqual([
      { swipe: 0, chosen: false },
      { swipe: 1, chosen: false },
      { swipe: 2, chosen: true },
    ])
    await here.say('two')
    expect(await here.texts(await here.claim())).toEqual(['one', 'third swipe', 'two'])
  })

  it('keeps the swipe that was there when a retry is stopped', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    await here.say('one')
    await here.answer('first swipe')
    await here.retry()
    await here.stop()
    await queue.close(await here.claim(), 'stopped')
    await here.say('two')
    expect(await here.texts(await here.claim())).toEqual(['one', 'first swipe', 'two'])
  })

  it('remembers where the history was cut, and never goes back behind it', async () => {
    const { queue } = opened.store
    const here = scene(opened)
    for (const text of ['one', 'two', 'three']) {
      await here.say(text)
      await here.answer(`to ${text}`)
    }
    await here.say('four')
    const turn = await here.claim()
    const { messages: all, historyFrom } = await here.history(turn)
    expect(historyFrom).toBe(0)
    const cutAt = all.find(({ text }) => text === 'three')!.anchor
    await queue.answer(turn, reply('to four', cutAt))
    await queue.close(turn, 'replied')
    await here.say('five')
    const next = await here.claim()
    expect(await here.texts(next)).toEqual(['three', 'to three', 'four', 'to four', 'five'])
    expect((await here.history(next)).historyFrom).toBe(cutAt)
    await queue.answer(next, reply('to five', 1))
    await queue.close(next, 'replied')
    await here.say('six')
    expect((await here.history(await here.claim())).historyFrom).toBe(cutAt)
  })

  it('cuts what is too long to be read in halves, so that the beginning does not move each turn', async () => {
    const here = scene(opened)
    const { room } = await here.say('the first')
    const { participantId } = (
      await query(
        opened.database,
        sql`select participant_id as "participantId" from messages where room_id = ${room.id}`,
      )
    )[0]! as { participantId: string }
    const owner = { kind: 'participant', id: room.owner } as never
    using sealer = await opened.vault.prepare([owner], new AbortController().signal)
    const rows = Array.from({ length: 2_100 }, (_, index) => {
      const id = newUuid()
      return {
        ownerId: room.owner,
        id,
        roomId: room.id,
        position: index + 2,
        anchor: index + 2,
        author: 'participant' as const,
        participantId,
        content: sealer.seal(owner, { table: 'messages', column: 'content', row: id }, `word ${index}`),
        saidAt: new Date(),
      }
    })
    for (let at = 0; at < rows.length; at += 700)
      await opened.database.drizzle.insert(messages).values(rows.slice(at, at + 700))
    await query(opened.database, sql`update rooms set last_position = 2101 where id = ${room.id}`)
    await here.say('before last')
    const turn = await here.claim()
    const first = await here.history(turn)
    expect(first.messages.length).toBeLessThan(1_500)
    await opened.store.queue.answer(turn, reply('so it is', first.messages[0]!.anchor))
    await opened.store.queue.close(turn, 'replied')
    await here.say('last')
    const second = await here.history(await here.claim())
    expect(second.messages[0]!.anchor).toBe(first.messages[0]!.anchor)
    expect(second.messages.slice(-2).map(({ text }) => text)).toEqual(['so it is', 'last'])
  })

  it('tells what another persona said in the room from its own words', async () => {
    const { store } = opened
    const here = scene(opened, 'group')
    const other = { ...here.doorway, persona: personaId('crow') }
    await here.say('hello both')
    await here.answer('hello from Wren')
    await store.inbox.accept(other, here.message('and the other?', { sender: bob }), 0)
    const [turn] = await store.queue.claim(here.worker, [other.account], [other.persona], 1, 60_000)
    const { messages: history } = await store.history.read(turn!)
    expect(history.map(({ text }) => text)).toEqual(['hello both', 'hello from Wren', 'and the other?'])
    expect(history[1]!.author).toMatchObject({ kind: 'persona', id: here.doorway.persona })
    expect(history[2]!.author).toMatchObject({ displayName: 'Bob' })
  })

  it('follows a person’s new name', async () => {
    const here = scene(opened)
    const renamed = { ...ada, externalId: externalId(`ada-${here.doorway.account}`) }
    await here.say('one', { sender: renamed })
    await here.say('two', { sender: { ...renamed, displayName: 'Ada\u001b[2J\n of the  Lamp' } })
    const { messages: history } = await here.history(await here.claim())
    expect(history.map(({ author }) => 'displayName' in author && author.displayName)).toEqual([
      'Ada[2J of the Lamp',
      'Ada[2J of the Lamp',
    ])
  })

  it('keeps a slot for each message of a reply, and never uses one again', async () => {
    const { queue, deliveries } = opened.store
    const here = scene(opened)
    await here.say('one')
    const turn = await here.claim()
    const [first] = (await queue.show(turn))!
    const second = (await deliveries.reserve(turn))!
    expect([first!.slot, second.slot]).toEqual([0, 1])
    await deliveries.confirm(turn, 1, externalId('$posted-second'))
    expect(await deliveries.list(turn)).toEqual([
      { ...first, externalId: undefined },
      { ...second, externalId: '$posted-second' },
    ])
    await deliveries.remove(turn, 1)
    expect((await deliveries.list(turn)).map(({ slot }) => slot)).toEqual([0])
    expect((await deliveries.reserve(turn))!.slot).toBe(2)
    expect(await queue.show(turn)).toHaveLength(2)
  })

  it('has one first slot, also when a reply becomes durable in the moment in which it is first shown', async () => {
    const { queue, deliveries } = opened.store
    for (let round = 0; round < 15; round++) {
      const here = scene(opened)
      await here.say('one')
      const turn = await here.claim()
      await Promise.all([queue.show(turn), queue.answer(turn, reply('quickly said'))])
      expect((await deliveries.list(turn)).map(({ slot }) => slot)).toEqual([0])
    }
  })

  it('leaves nothing readable in any table', async () => {
    const here = scene(opened, 'group')
    const planted = {
      text: 'PLANTED-TEXT',
      edited: 'PLANTED-EDIT',
      reply: 'PLANTED-REPLY',
      name: 'PLANTED-NAME',
      sender: 'PLANTED-SENDER',
      message: 'PLANTED-MESSAGE',
      sent: 'PLANTED-SENT',
      edit: 'PLANTED-EDIT-ID',
      command: 'PLANTED-COMMAND',
      successor: 'PLANTED-SUCCESSOR',
    }
    const sender = { externalId: externalId(planted.sender), displayName: planted.name }
    await here.say(planted.text, { sender, id: planted.message })
    await here.edit(planted.message, planted.edited, sender, { id: planted.edit })
    const turn = await here.claim()
    await opened.store.queue.show(turn)
    await opened.store.deliveries.confirm(turn, 0, externalId(planted.sent))
    await opened.store.queue.answer(turn, reply(planted.reply))
    expect(await opened.store.history.readReply(turn)).toBe(planted.reply)
    await here.command('quiet', { id: planted.command })
    const successor = { ...here.room, externalId: externalId(planted.successor) }
    await here.say(planted.text, { sender, room: { ...successor, replaces: here.room.externalId } })
    const tables = await query(
      opened.database,
      sql`select table_schema as s, table_name as t from information_schema.tables where table_schema in ('public', 'keyring')`,
    )
    expect(tables.length).toBeGreaterThan(8)
    let dump = ''
    for (const { s, t } of tables) {
      const rows = await query(
        opened.database,
        sql`select * from ${sql.identifier(String(s))}.${sql.identifier(String(t))}`,
      )
      for (const value of rows.flatMap((row) => Object.values(row)))
        dump += value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : inspect(value)
    }
    for (const word of [...Object.values(planted), here.room.externalId, here.doorway.account])
      expect(dump.includes(word), word).toBe(false)
  })
})
