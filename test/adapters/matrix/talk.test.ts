import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { externalId } from '../../../src/core/ids.ts'
import { key, reply, signal, soon, startingAccounts } from '../../support/matrix/accounts.ts'
import { hasSynapse, makeBot, makePerson } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'

describe.runIf(hasSynapse())('an account on a real Synapse', () => {
  let ada: MatrixPerson
  let bob: MatrixPerson
  beforeAll(async () => {
    ada = await makePerson('ada')
    bob = await makePerson('bob')
  })
  afterAll(() => {
    ada?.[Symbol.dispose]()
    bob?.[Symbol.dispose]()
  })
  const { invited, start } = startingAccounts()

  it('joins when somebody invites it who may talk with it, and tells who that was', async () => {
    const { account, room } = await invited(ada, await makeBot('mira'))
    expect(account.of('membership')[0]).toMatchObject({
      change: 'joined',
      room: { externalId: room, kind: 'direct' },
      sender: { externalId: ada.id },
    })
  })

  it('does not join for anybody else, and says why in the room’s own words', async () => {
    const bot = await makeBot('mira')
    const doorman = {
      mayTalk: async (user: string) => user === bob.id,
      refusal: async () => 'The code is ABCD.',
    }
    const account = start(bot, { doorman })
    await vi.waitFor(() => expect(account.news).toContainEqual({ kind: 'answering' }), soon)
    const room = await ada.makeRoom([bot.session.userId])
    const refusal = await ada.until(
      () =>
        ada
          .events(room)
          .find((event) => event.getType() === 'm.room.member' && event.getContent().membership === 'leave'),
      'the refusal',
    )
    expect(refusal.getContent().reason).toBe('The code is ABCD.')
    expect(account.events).toEqual([])
  })

  it('streams by edits that clients without edits can read too, and pings nobody', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
    const here = { externalId: externalId(room), kind: 'direct' } as const
    const hello = `Hello ${ada.id} and @room`
    const message = await account.adapter.send(here, reply('Hel', false), key(), signal())
    await account.adapter.edit(here, message, reply(`${hello} **bold** <b>tag</b>`), key(), signal())
    const seen = await ada.until(
      () => ada.seen(room, bot.session.userId).find(({ text }) => text.startsWith(hello)),
      'the edit',
    )
    expect(seen.html).toBe(`<p>Hello ${ada.id} and @room <strong>bold</strong> &lt;b&gt;tag&lt;/b&gt;</p>`)
    const wire = ada.events(room).find((event) => event.getContent()['m.new_content'] !== undefined)!
    expect(wire.getContent()).toMatchObject({
      body: expect.stringMatching(/^\* Hello/),
      'm.mentions': {},
      'm.relates_to': { rel_type: 'm.replace', event_id: message },
    })
  })

  it('sends the longest message that it allows whole, in the script that takes most bytes', async () => {
    const bot = await makeBot('mira')
    await bot.prepare()
    const { account, room } = await invited(ada, bot, [], true)
    const here = { externalId: externalId(room), kind: 'direct' } as const
    const most = account.adapter.limits.messageChars
    for (const text of ['漢'.repeat(most), '&'.repeat(most), '*a* '.repeat(most / 4).trim()]) {
      const message = await account.adapter.send(here, reply(text.slice(0, 100), false), key(), signal())
      await account.adapter.edit(here, message, reply(text), key(), signal())
      await ada.until(
        () => ada.seen(room, bot.session.userId).find((each) => each.text === text),
        'the long text',
      )
    }
  })

  it('takes what was said while it was away, and answers what is recent', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
    await account.stop()
    for (let n = 0; n < 70; n++) await ada.say(room, `while away ${n}`)
    const again = start(bot)
    await vi.waitFor(() => expect(again.of('message')).toHaveLength(70), soon)
    expect(again.of('message').map(({ text }) => text)).toEqual(
      Array.from({ length: 70 }, (_, n) => `while away ${n}`),
    )
    expect(again.of('message').every(({ unanswered }) => unanswered === undefined)).toBe(true)
    await again.stop()
    await ada.say(room, 'and long ago')
    const strict = start(bot, { catchUpMs: -1 })
    await vi.waitFor(() => expect(strict.of('message')).toMatchObject([{ unanswered: true }]), soon)
  })

  it('begins anew where the homeserver does not know its place any more, and answers nothing twice', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
    await ada.say(room, 'before')
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(1), soon)
    const first = account.of('message')[0]!
    await account.stop()
    const { id } = account.adapter.account
    await bot.records.write(id, [{ collection: 'sync', key: 'token', value: Buffer.from('s0_nonsense') }])
    const again = start(bot)
    await ada.say(room, 'after')
    await vi.waitFor(() => expect(again.of('message').map(({ text }) => text)).toContain('after'), soon)
    // What comes again has the id that it had, by which the inbox knows it.
    expect(again.of('message')[0]!.externalId).toBe(first.externalId)
  })

  it('posts nothing twice when it was signed in anew between sending and hearing of it', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
    const here = { externalId: externalId(room), kind: 'direct' } as const
    const sent = key()
    const first = await account.adapter.send(here, reply('Only once.'), sent, signal())
    await account.stop()
    await new Promise((resolve) => setTimeout(resolve, 10))
    const again = start(bot, { session: await bot.signIn() })
    expect(await again.adapter.send(here, reply('Only once.'), sent, signal())).toBe(first)
    await again.adapter.send(here, reply('Then this.'), key(), signal())
    await ada.until(
      () => ada.seen(room, bot.session.userId).find(({ text }) => text === 'Then this.'),
      'the second message',
    )
    expect(ada.seen(room, bot.session.userId).map(({ text }) => text)).toEqual(['Only once.', 'Then this.'])
  })

  it('is not held up by a room that names no room as its successor', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
    const other = await ada.makeRoom([bot.session.userId])
    for (const replacement of ['@nobody:home.test', '!nowhere:home.test']) {
      const tombstone = { body: 'moved', replacement_room: replacement }
      await ada.client.sendStateEvent(room, 'm.room.tombstone' as never, tombstone as never, '')
    }
    await ada.say(other, 'Are you there?')
    await vi.waitFor(
      () => expect(account.of('message').map(({ text }) => text)).toEqual(['Are you there?']),
      soon,
    )
  })

  it('passes over an event at which something of its own fails again and again, and says so', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
    await account.stop()
    const failing = start(bot, {}, (event) => {
      if (event.kind === 'message' && event.text === 'poison') throw new TypeError('not foreseen')
    })
    await ada.say(room, 'poison')
    await ada.say(room, 'and after it')
    await vi.waitFor(
      () => expect(failing.of('message').map(({ text }) => text)).toEqual(['and after it']),
      soon,
    )
    expect(failing.news.filter(({ kind }) => kind === 'passed-over')).toHaveLength(1)
    expect(failing.news.filter(({ kind }) => kind === 'troubled')).toHaveLength(2)
  })

  it('tells that it has joined also where that was lost at first', async () => {
    const bot = await makeBot('mira')
    let lost = 0
    const account = start(bot, {}, ({ kind }) => {
      if (kind === 'membership' && lost++ === 0) throw new Error('the database is away')
    })
    await vi.waitFor(() => expect(account.news).toContainEqual({ kind: 'answering' }), soon)
    const room = await ada.makeRoom([bot.session.userId])
    await vi.waitFor(() => expect(account.of('membership')).toHaveLength(1), soon)
    expect(account.of('membership')[0]).toMatchObject({
      change: 'joined',
      room: { externalId: room },
      sender: { externalId: ada.id },
    })
  })

  it('follows a room to its successor', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
    const { replacement_room: successor } = await ada.client.upgradeRoom(room, '10')
    // What a client does after an upgrade.
    await ada.client.invite(successor, bot.session.userId)
    await vi.waitFor(
      () =>
        expect(account.of('membership')).toContainEqual(
          expect.objectContaining({
            change: 'joined',
            room: expect.objectContaining({ externalId: successor, replaces: room }),
          }),
        ),
      soon,
    )
  })

  it('stops with a clear error when its session has ended', async () => {
    const bot = await makeBot('mira')
    const { account } = await invited(ada, bot)
    await fetch(`${bot.session.homeserver}/_matrix/client/v3/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bot.session.accessToken}` },
    })
    await expect(account.done).rejects.toMatchObject({ code: 'matrix-signed-out', mend: expect.any(String) })
  })
})
