import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { MatrixOptions } from '../../../adapters/matrix/connect.ts'
import { newRecoveryKey } from '../../../adapters/matrix/crypto/recovery-key.ts'
import type { MatrixNews } from '../../../adapters/matrix/news.ts'
import type { Adapter } from '../../../src/core/adapter.ts'
import type { InboundEvent } from '../../../src/core/events.ts'
import { externalId, newUuid } from '../../../src/core/ids.ts'
import { openBareAccount } from '../../support/matrix/bare-account.ts'
import { type BotAccount, hasSynapse, makeBot, makePerson, makeSession } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'
import { memoryRecords } from '../../support/matrix/records.ts'
import { startWithholdingProxy } from '../../support/matrix/withholding-proxy.ts'

const soon = { timeout: 20_000, interval: 20 }
const signal = () => AbortSignal.timeout(20_000)
const key = (id = `${newUuid()}.0.0`) => ({ id, firstTriedAt: new Date() })
const reply = (text: string, final = true) => ({ text, kind: 'reply', final }) as const

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

  async function invited(bot: BotAccount, invite: readonly string[] = [], encrypted = false) {
    const account = start(bot)
    await vi.waitFor(() => expect(account.news).toContainEqual({ kind: 'answering' }), soon)
    const room = await ada.makeRoom([bot.session.userId, ...invite], { encrypted })
    await vi.waitFor(() => expect(account.of('membership')).toHaveLength(1), soon)
    return { account, room }
  }

  it('joins when somebody invites it who may talk with it, and tells who that was', async () => {
    const { account, room } = await invited(await makeBot('mira'))
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

  it('tells in a group what is said to it from what is said beside it', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(bot, [bob.id])
    await bob.client.joinRoom(room)
    const ours = await account.adapter.send(
      { externalId: externalId(`${room} group`), kind: 'group' },
      reply('I am here.'),
      key(),
      signal(),
    )
    await ada.until(() => ada.seen(room, bot.session.userId)[0], 'the reply')
    await ada.say(room, 'Bob, did you see the tram?')
    await ada.say(room, 'Mira, what do you think?')
    await ada.say(room, 'Hello there', { mention: bot.session.userId })
    await ada.say(room, 'And this?', { replyTo: ours })
    await ada.say(room, 'A mirage, miraculous.')
    await ada.say(room, 'From a machine', { kind: 'm.notice' })
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(5), soon)
    await ada.say(room, 'You decide', { mention: bob.id })
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(6), soon)
    const told = account.of('message').map(({ text, unanswered, toAll }) => [text, { unanswered, toAll }])
    expect(told).toEqual([
      ['Bob, did you see the tram?', { unanswered: true, toAll: true }],
      ['Mira, what do you think?', {}],
      ['Hello there', {}],
      ['And this?', {}],
      ['A mirage, miraculous.', { unanswered: true, toAll: true }],
      ['You decide', { unanswered: true }],
    ])
    expect(account.of('message')[0]!.room).toEqual({ externalId: `${room} group`, kind: 'group' })
  })

  it('hears no other persona of the house there, and counts none among the people', async () => {
    const [bot, other] = [await makeBot('mira'), await makeBot('pascoe')]
    const ours = [bot.session.userId, other.session.userId]
    const isHousemate = (user: string) => ours.includes(user)
    const [account, pascoe] = [
      start(bot, { isHousemate }),
      start(other, { isHousemate, personaName: 'Pascoe' }),
    ]
    for (const { news } of [account, pascoe])
      await vi.waitFor(() => expect(news).toContainEqual({ kind: 'answering' }), soon)
    const room = await ada.makeRoom([bot.session.userId, other.session.userId])
    for (const { of } of [account, pascoe])
      await vi.waitFor(() => expect(of('membership')).toHaveLength(1), soon)
    const group = { externalId: externalId(`${room} group`), kind: 'group' } as const
    const said = await pascoe.adapter.send(group, reply('Mira, it is Pascoe.'), key(), signal())
    await ada.until(() => ada.seen(room, other.session.userId)[0], 'what Pascoe said')
    await ada.say(room, 'Mira, it is Ada.')
    await vi.waitFor(() => expect(account.of('message')).not.toEqual([]), soon)
    expect(account.of('message').map(({ text, present }) => [text, present])).toEqual([
      ['Mira, it is Ada.', [ada.id]],
    ])
    // Commands are for one of them, or for all.
    await ada.say(room, '!help')
    await ada.say(room, '!retry')
    await ada.say(room, '!whoami', { replyTo: said })
    await ada.say(room, '!stop', { mention: bot.session.userId })
    await ada.say(room, 'That is all.')
    for (const { of } of [account, pascoe])
      await vi.waitFor(() => expect(of('message').at(-1)?.text).toBe('That is all.'), soon)
    const commands = ({ of }: typeof account) =>
      of('command').map(({ name, toAll }) => [name, toAll === true])
    const help = ours[0]! < ours[1]! ? [account, pascoe] : [pascoe, account]
    expect(commands(help[0]!)[0]).toEqual(['help', false])
    expect(commands(account).filter(([name]) => name !== 'help')).toEqual([
      ['retry', true],
      ['stop', false],
    ])
    expect(commands(pascoe).filter(([name]) => name !== 'help')).toEqual([
      ['retry', true],
      ['whoami', false],
    ])
    expect(commands(help[1]!).map(([name]) => name)).not.toContain('help')
  })

  it('answers in the thread in which it was asked, also after a restart', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(bot)
    const root = await ada.say(room, 'A thread begins')
    await ada.say(room, 'In the thread', { thread: root })
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(2), soon)
    const thread = account.of('message')[1]!
    expect(thread.room).toEqual({ externalId: `${room} ${root}`, kind: 'direct' })
    await account.adapter.send(thread.room, reply('Yes, here.'), key(), signal())
    const seen = await ada.until(
      () => ada.seen(room, bot.session.userId).find(({ text }) => text === 'Yes, here.'),
      'the answer in the thread',
    )
    expect(seen.thread).toBe(root)
    await account.stop()
    const again = start(bot)
    await ada.edit(room, thread.externalId, 'In the thread, corrected')
    await vi.waitFor(() => expect(again.of('edit')).toHaveLength(1), soon)
    expect(again.of('edit')[0]).toMatchObject({ room: thread.room, text: 'In the thread, corrected' })
    await ada.redact(room, thread.externalId)
    await vi.waitFor(() => expect(again.of('redaction')).toHaveLength(1), soon)
    expect(again.of('redaction')[0]).toMatchObject({ room: thread.room, target: thread.externalId })
  })

  it.each([false, true])(
    'hands over edits, redactions, reactions and commands (encrypted: %s)',
    async (encrypted) => {
      const bot = await makeBot('mira')
      await bot.prepare()
      const { account, room } = await invited(bot, [], encrypted)
      const here = { externalId: externalId(room), kind: 'direct' } as const
      const ours = await account.adapter.send(here, reply('An answer.'), key(), signal())
      await ada.until(() => ada.seen(room, bot.session.userId)[0], 'the answer')
      const said = await ada.say(room, 'First words')
      await ada.edit(room, said, 'Better words')
      await ada.react(room, ours, '🔁')
      await ada.react(room, said, '🔁')
      await ada.say(room, '!help')
      await ada.redact(room, said)
      await vi.waitFor(() => expect(account.of('redaction')).toHaveLength(1), soon)
      expect(account.of('message').map(({ text }) => text)).toEqual(['First words'])
      expect(account.of('edit')).toMatchObject([{ target: said, text: 'Better words' }])
      // A reaction to somebody else's message is none of ours.
      expect(account.of('reaction')).toMatchObject([{ target: ours, emoji: '🔁' }])
      expect(account.of('command')).toMatchObject([{ name: 'help' }])
      expect(account.of('redaction')).toMatchObject([{ target: said }])
    },
  )

  it('streams by edits that clients without edits can read too, and pings nobody', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(bot)
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
    const { account, room } = await invited(bot, [], true)
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
    const { account, room } = await invited(bot)
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
    const { account, room } = await invited(bot)
    await ada.say(room, 'before')
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(1), soon)
    const first = account.of('message')[0]!
    await account.stop()
    const id = running.at(-1)!.adapter.account.id
    await bot.records.write(id, [{ collection: 'sync', key: 'token', value: Buffer.from('s0_nonsense') }])
    const again = start(bot)
    await ada.say(room, 'after')
    await vi.waitFor(() => expect(again.of('message').map(({ text }) => text)).toContain('after'), soon)
    // What comes again has the id that it had, by which the inbox knows it.
    expect(again.of('message')[0]!.externalId).toBe(first.externalId)
  })

  it('posts nothing twice when it was signed in anew between sending and hearing of it', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(bot)
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

  it('believes nothing in an encrypted room that anybody could have put there', async () => {
    const bot = await makeBot('mira')
    await bot.prepare()
    const { account, room } = await invited(bot, [], true)
    const said = await ada.say(room, 'Encrypted')
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(1), soon)
    const put = (type: string, content: object) =>
      fetch(
        `${ada.client.getHomeserverUrl()}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/${type}/${newUuid()}`,
        {
          method: 'PUT',
          headers: { authorization: `Bearer ${ada.client.getAccessToken()}` },
          body: JSON.stringify(content),
        },
      )
    await put('m.room.message', { msgtype: 'm.text', body: 'In the clear' })
    await put('m.room.message', { msgtype: 'm.text', body: '!takeback' })
    await put('m.room.message', {
      msgtype: 'm.text',
      body: '* Forged',
      'm.new_content': { msgtype: 'm.text', body: 'Forged' },
      'm.relates_to': { rel_type: 'm.replace', event_id: said },
    })
    await ada.say(room, 'Encrypted again')
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(2), soon)
    expect(account.of('message').map(({ text }) => text)).toEqual(['Encrypted', 'Encrypted again'])
    expect([...account.of('edit'), ...account.of('redaction'), ...account.of('command')]).toEqual([])
  })

  it('takes nothing away because of an encrypted event, which the homeserver cannot check', async () => {
    const bot = await makeBot('mira')
    await bot.prepare()
    const session = await makeSession('eve')
    await using eve = openBareAccount(session, memoryRecords())
    await eve.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal())
    const { account, room } = await invited(bot, [session.user], true)
    await eve.sync()
    await eve.sync()
    await ada.until(() => ada.client.getRoom(room)?.getMember(session.user)?.membership === 'join', 'Eve')
    const said = await ada.say(room, 'Mira, keep this.', { mention: bot.session.userId })
    const members = await eve.members(room)
    const sealed = await eve.crypto.encrypt(room, 'm.room.redaction', { redacts: said }, members, signal())
    await eve.api('PUT', `/rooms/${encodeURIComponent(room)}/send/m.room.encrypted/${newUuid()}`, sealed)
    await ada.say(room, 'Mira, and this.', { mention: bot.session.userId })
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(2), soon)
    expect(account.of('redaction')).toEqual([])
    expect(account.news.filter(({ kind }) => kind === 'decrypted').length).toBeGreaterThan(2)
  })

  it('is not held up by a room that names no room as its successor', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(bot)
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
    const { account, room } = await invited(bot)
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

  it('leaves a room that everybody has left, and stops answering where it was thrown out', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(bot)
    await ada.client.leave(room)
    await vi.waitFor(
      () => expect(account.of('membership').map(({ change }) => change)).toContain('left'),
      soon,
    )
    const other = await ada.makeRoom([bot.session.userId])
    await vi.waitFor(
      () => expect(account.of('membership').filter(({ change }) => change === 'joined')).toHaveLength(2),
      soon,
    )
    await ada.client.kick(other, bot.session.userId, 'enough')
    await vi.waitFor(
      () =>
        expect(
          account
            .of('membership')
            .filter(({ change, room: { externalId: id } }) => change === 'left' && id === other),
        ).toHaveLength(1),
      soon,
    )
    // Thrown out is not shut out: a new invitation counts.
    await ada.client.invite(other, bot.session.userId)
    await vi.waitFor(
      () => expect(account.of('membership').filter(({ change }) => change === 'joined')).toHaveLength(3),
      soon,
    )
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
    const { account, room } = await invited(bot)
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

  it('says once that it cannot read, and reads when the key comes, also after a restart', async () => {
    const bot = await makeBot('mira')
    await bot.prepare()
    const { account, room } = await invited(bot, [], true)
    await account.stop()
    await using proxy = await startWithholdingProxy(bot.session.homeserver)
    const session = { ...bot.session, homeserver: proxy.url }
    proxy.withholding = true
    const deaf = start(bot, { session })
    await vi.waitFor(() => expect(deaf.news).toContainEqual({ kind: 'answering' }), soon)
    await ada.say(room, 'Can you read this?')
    await ada.say(room, 'And this?')
    const notices = () => ada.seen(room, bot.session.userId).filter(({ kind }) => kind === 'm.notice')
    await ada.until(() => notices()[0], 'the notice')
    await vi.waitFor(
      () => expect(deaf.news.filter(({ kind }) => kind === 'undecryptable')).toHaveLength(2),
      soon,
    )
    expect(deaf.of('message')).toEqual([])
    await deaf.stop()
    proxy.withholding = false
    const hearing = start(bot, { session })
    await ada.react(room, notices()[0]!.id, '👍')
    // What was not acknowledged before the restart comes again under its id.
    const heard = () => new Map(hearing.of('message').map(({ externalId, text }) => [externalId, text]))
    await vi.waitFor(() => expect(heard().size).toBe(2), soon)
    expect([...heard().values()]).toEqual(['Can you read this?', 'And this?'])
    expect(notices()).toHaveLength(1)
    const waiting = (news: readonly MatrixNews[]) =>
      news.flatMap((each) => (each.kind === 'keys' ? [each.waiting] : []))
    expect(Math.max(...waiting(deaf.news))).toBe(2)
    await vi.waitFor(() => expect(waiting(hearing.news).at(-1)).toBe(0), soon)
    expect(hearing.news.some((each) => each.kind === 'keys' && (each.oneTimeKeys ?? 0) > 0)).toBe(true)
  })

  it('says nothing of what was taken back before it could be read', async () => {
    const bot = await makeBot('mira')
    await bot.prepare()
    const { account, room } = await invited(bot, [], true)
    await account.stop()
    await ada.redact(room, await ada.say(room, 'Never mind.'))
    const again = start(bot)
    await ada.say(room, 'Hello?')
    await vi.waitFor(() => expect(again.of('message').map(({ text }) => text)).toEqual(['Hello?']), soon)
    expect(again.news.filter(({ kind }) => kind === 'undecryptable')).toEqual([])
  })

  it('stops with a clear error when its session has ended', async () => {
    const bot = await makeBot('mira')
    const { account } = await invited(bot)
    await fetch(`${bot.session.homeserver}/_matrix/client/v3/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bot.session.accessToken}` },
    })
    await expect(account.done).rejects.toMatchObject({ code: 'matrix-signed-out', mend: expect.any(String) })
  })
})
