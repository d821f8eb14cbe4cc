import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { externalId } from '../../../src/core/ids.ts'
import { key, reply, signal, soon, startingAccounts } from '../../support/matrix/accounts.ts'
import { hasSynapse, makeBot, makePerson } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'

describe.runIf(hasSynapse())('an account in groups on a real Synapse', () => {
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

  it('tells in a group what is said to it from what is said beside it', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot, [bob.id])
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
    const { account, room } = await invited(ada, bot)
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

  it('follows the edits of those who may not talk with it any more, and does not answer them', async () => {
    let friends = true
    const doorman = { mayTalk: async () => friends, refusal: async () => 'Not here.' }
    const bot = await makeBot('mira')
    const account = start(bot, { doorman })
    await vi.waitFor(() => expect(account.news).toContainEqual({ kind: 'answering' }), soon)
    const room = await ada.makeRoom([bot.session.userId])
    await vi.waitFor(() => expect(account.of('membership')).toHaveLength(1), soon)
    const said = await ada.say(room, 'I live at 5 Elm Street.')
    await vi.waitFor(() => expect(account.of('message')).toHaveLength(1), soon)
    friends = false
    await ada.edit(room, said, 'Never mind.')
    await vi.waitFor(() => expect(account.of('edit')).toHaveLength(1), soon)
    expect(account.of('edit')[0]).toMatchObject({ target: said, text: 'Never mind.', unanswered: true })
  })

  it.each([false, true])(
    'hands over edits, redactions, reactions and commands (encrypted: %s)',
    async (encrypted) => {
      const bot = await makeBot('mira')
      await bot.prepare()
      const { account, room } = await invited(ada, bot, [], encrypted)
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

  it('leaves a room that everybody has left, and stops answering where it was thrown out', async () => {
    const bot = await makeBot('mira')
    const { account, room } = await invited(ada, bot)
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
})
