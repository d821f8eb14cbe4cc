import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { newRecoveryKey } from '../../../adapters/matrix/crypto/recovery-key.ts'
import type { MatrixNews } from '../../../adapters/matrix/news.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { signal, soon, startingAccounts } from '../../support/matrix/accounts.ts'
import { openBareAccount } from '../../support/matrix/bare-account.ts'
import { hasSynapse, makeBot, makePerson, makeSession } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'
import { memoryRecords } from '../../support/matrix/records.ts'
import { startWithholdingProxy } from '../../support/matrix/withholding-proxy.ts'

describe.runIf(hasSynapse())('an account in encrypted rooms on a real Synapse', () => {
  let ada: MatrixPerson
  beforeAll(async () => {
    ada = await makePerson('ada')
  })
  afterAll(() => {
    ada?.[Symbol.dispose]()
  })
  const { invited, start } = startingAccounts()

  it('believes nothing in an encrypted room that anybody could have put there', async () => {
    const bot = await makeBot('mira')
    await bot.prepare()
    const { account, room } = await invited(ada, bot, [], true)
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
    const { account, room } = await invited(ada, bot, [session.user], true)
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

  it('says once that it cannot read, and reads when the key comes, also after a restart', async () => {
    const bot = await makeBot('mira')
    await bot.prepare()
    const { account, room } = await invited(ada, bot, [], true)
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
    const { account, room } = await invited(ada, bot, [], true)
    await account.stop()
    await ada.redact(room, await ada.say(room, 'Never mind.'))
    const again = start(bot)
    await ada.say(room, 'Hello?')
    await vi.waitFor(() => expect(again.of('message').map(({ text }) => text)).toEqual(['Hello?']), soon)
    expect(again.news.filter(({ kind }) => kind === 'undecryptable')).toEqual([])
  })
})
