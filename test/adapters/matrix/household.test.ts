import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sql } from '../../../src/store/drizzle.ts'
import { postgresDatabase, type TestDatabase } from '../../support/databases.ts'
import { freePort } from '../../support/free-port.ts'
import { type HearthHome, makeHome } from '../../support/hearth-process.ts'
import { logIn } from '../../support/matrix/bare-account.ts'
import { freshName, hasSynapse, homeserver, makePerson, password } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'
import { ratchetPlace } from '../../support/matrix/ratchet-place.ts'
import { registerBySecret } from '../../support/matrix/register.ts'
import { startWithholdingProxy } from '../../support/matrix/withholding-proxy.ts'
import { type OllamaServer, startOllamaServer } from '../../support/ollama-server.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

describe.runIf(hasSynapse())('a house with accounts on Matrix', () => {
  const stack = new AsyncDisposableStack()
  let ollama: OllamaServer
  let ada: MatrixPerson
  beforeAll(async () => {
    const script: OllamaServer['script'] = ({ messages = [] }) => ({
      pieces: [`You said: ${messages.findLast(({ role }) => role === 'user')?.content}`],
    })
    ollama = stack.use(await startOllamaServer({ script }))
    ada = stack.use(await makePerson('ada'))
  })
  afterAll(() => stack.disposeAsync())

  async function makeHouse(
    users: readonly string[],
    database: TestDatabase,
    { allow = [ada.id] }: { readonly allow?: readonly string[] } = {},
  ) {
    const { url, secret } = homeserver()
    const home = stack.use(
      await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url, HEARTH_MATRIX_SECRET: secret }),
    )
    const port = await freePort()
    const personas = ['mira', 'pascoe']
    const accounts = users.map((user, index) => `    - user: ${user}\n      persona: ${personas[index]}\n`)
    const configure = (address: string) =>
      home.configure(
        `ops:\n  port: ${port}\nturns:\n  settleMs: 100\n  leaseMs: 2000\nmatrix:\n  homeserver: ${address}\n  accounts:\n${accounts.join('')}  allow: ${JSON.stringify(allow)}\n`,
      )
    await configure(url)
    await writeFile(path.join(home.folder, 'password'), password)
    const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then(async (answer) => answer.text())
    return { home, ready, configure }
  }

  const id = (user: string) => `@${user}:home.test`
  const answers = (room: string, user: string) =>
    ada
      .seen(room, id(user))
      .filter(({ text }) => text.startsWith('You said'))
      .map(({ text }) => text)
  const answered = (room: string, user: string, text: string) =>
    ada.until(() => answers(room, user).includes(`You said: ${text}`), text, 60_000)

  async function signedIn(home: HearthHome, users: readonly string[]): Promise<void> {
    const { url, secret } = homeserver()
    for (const user of users) {
      await registerBySecret(url, secret, user, password)
      const login = await home.run(['matrix', 'login', user, '--password-file', 'password'])
      expect(login).toMatchObject({ code: 0 })
    }
  }

  async function signOutEverywhere(user: string): Promise<void> {
    const { url } = homeserver()
    const { token } = await logIn(url, user, password)
    await fetch(`${url}/_matrix/client/v3/logout/all`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
  }

  /** Of one account on one database: the first serves it when the second begins. */
  async function twoProcesses() {
    const database = stack.use(await postgresDatabase())
    const user = freshName('mira')
    const [one, other] = [await makeHouse([user], database), await makeHouse([user], database)]
    await signedIn(one.home, [user])
    const first = one.home.start(['run'])
    const room = await ada.makeRoom([id(user)], { encrypted: true })
    await ada.until(() => ada.seen(room, id(user)).length > 0, 'the greeting', 60_000)
    const second = other.home.start(['run'])
    return { database, user, room, first, second }
  }

  it('goes on with one account when the session of another has ended, and says so', async () => {
    const database = stack.use(await postgresDatabase())
    const users = [freshName('mira'), freshName('pascoe')] as const
    const { home, ready } = await makeHouse(users, database)
    await signedIn(home, users)
    const hearth = home.start(['run'])
    const [first, second] = [
      await ada.makeRoom([id(users[0])], { encrypted: true }),
      await ada.makeRoom([id(users[1])], { encrypted: true }),
    ]
    await ada.until(() => ada.seen(first, id(users[0])).length > 0, 'a greeting', 60_000)
    await signOutEverywhere(users[0])
    await hearth.until(() => hearth.stdout.includes(`${users[0]} has stopped.`))
    expect(hearth.stdout).toContain('npx hearth matrix login')
    expect(await ready()).toContain('"accounts"')
    expect(await ready()).toContain('ended')
    await ada.say(second, 'Are you still there?')
    await answered(second, users[1], 'Are you still there?')
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)
  })

  it('talks with two people in an encrypted group, when it is spoken to, and with each by name', async () => {
    const database = stack.use(await postgresDatabase())
    const user = freshName('mira')
    using bea = await makePerson('bea')
    const { home } = await makeHouse([user], database, { allow: [ada.id, bea.id] })
    await signedIn(home, [user])
    await using hearth = home.start(['run'])
    const room = await ada.makeRoom([id(user), bea.id], { encrypted: true, direct: false })
    await bea.client.joinRoom(room)
    await ada.until(() => ada.seen(room, id(user)).length > 0, 'the greeting', 60_000)
    await ada.until(() => ada.client.getRoom(room)?.getMember(bea.id)?.membership === 'join', 'Bea')
    await bea.say(room, 'I brought plums.')
    await ada.until(() => ada.seen(room, bea.id).length > 0, 'what Bea said')
    await ada.say(room, 'What did Bea bring?', { mention: id(user) })
    await answered(room, user, `${ada.id.slice(1).split(':')[0]}: What did Bea bring?`)
    const prompt =
      ollama
        .chats()
        .at(-1)
        ?.body.messages?.map(({ content }) => content) ?? []
    expect(prompt).toContain(`${bea.id.slice(1).split(':')[0]}: I brought plums.`)
    expect(answers(room, user)).toHaveLength(1)
    const seen = await bea.until(
      () => bea.seen(room, id(user)).find(({ text }) => text.startsWith('You said')),
      'the answer, at Bea’s',
    )
    expect(seen.encrypted).toBe(true)
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)
  })

  it('serves an account by one process at a time; another one takes over when that dies', async () => {
    const { user, room, first, second } = await twoProcesses()
    await ada.say(room, 'one')
    await answered(room, user, 'one')
    expect(second.stdout).not.toContain('speaks through')
    first.kill('SIGKILL')
    await first.ended
    await ada.say(room, 'two')
    await answered(room, user, 'two')
    expect(second.stdout).toContain('speaks through')
    expect(answers(room, user)).toEqual(['You said: one', 'You said: two'])
    const ours = ada.events(room).filter((event) => event.getSender() === id(user))
    expect(ours.filter((event) => event.isDecryptionFailure())).toEqual([])
    second.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
  })

  it('is served by one process also when the lock on the account is lost with its connection', async () => {
    const { database, user, room, first, second } = await twoProcesses()
    await using db = await database.open()
    const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'hearth lock' and datname = current_database()`
    const words = Array.from({ length: 8 }, (_, n) => `word ${n}`)
    for (const [n, word] of words.entries()) {
      if (n % 2 === 0) await db.drizzle.execute(cut)
      await ada.say(room, word)
      await answered(room, user, word)
    }
    expect(answers(room, user)).toEqual(words.map((word) => `You said: ${word}`))
    const places = ada
      .events(room)
      .filter((event) => event.getSender() === id(user) && event.isEncrypted())
      .map((event) => ratchetPlace(event.getWireContent()))
    expect(places.length).toBeGreaterThan(words.length)
    expect(new Set(places).size).toBe(places.length)
    for (const hearth of [first, second]) {
      hearth.kill('SIGTERM')
      expect((await hearth.ended).code).toBe(0)
    }
  })

  it('stays up when its only account was signed out, and goes on when that has signed in again', async () => {
    const database = stack.use(await postgresDatabase())
    const user = freshName('mira')
    const { home, ready } = await makeHouse([user], database)
    await signedIn(home, [user])
    const hearth = home.start(['run'])
    const room = await ada.makeRoom([id(user)])
    await ada.until(() => ada.seen(room, id(user)).length > 0, 'the greeting', 60_000)
    await signOutEverywhere(user)
    await hearth.until(() => hearth.stdout.includes(`${user} has stopped.`))
    expect(await ready()).toContain('ended')
    await ada.say(room, 'Come back.')
    expect(await home.run(['matrix', 'login', user, '--password-file', 'password'])).toMatchObject({
      code: 0,
    })
    await answered(room, user, 'Come back.')
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)
  })

  it('signs in to an account that it was killed over, and finds its homeserver at another address', async () => {
    const user = freshName('mira')
    const { home, configure } = await makeHouse(
      [user],
      await postgresDatabase().then((made) => stack.use(made)),
    )
    const proxy = await startWithholdingProxy(homeserver().url)
    await configure(proxy.url)
    proxy.unanswered = '/_matrix/client/v3/login'
    const cut = home.start(['matrix', 'register'])
    await vi.waitFor(() => expect(proxy.ignored).toBe(1), { timeout: 30_000, interval: 20 })
    cut.kill('SIGKILL')
    await cut.ended
    proxy.unanswered = undefined
    const registered = await home.run(['matrix', 'register'])
    expect(registered.stdout).toContain(`${id(user)} has signed in`)
    expect(registered.stdout).toContain('Its recovery key')
    await proxy[Symbol.asyncDispose]()
    expect((await home.run(['doctor'])).stdout).toMatch(/matrix: .*does not answer/)
    await configure(homeserver().url)
    expect((await home.run(['doctor'])).stdout).toMatch(/matrix: .*signed, backed up, in sync/)
  })

  it('is set up by password or token, and lets in whom the operator approves', async () => {
    const database = stack.use(await postgresDatabase())
    const user = freshName('mira')
    const { home } = await makeHouse([user], database, { allow: [] })
    const { url, secret } = homeserver()
    await registerBySecret(url, secret, user, password)
    await writeFile(path.join(home.folder, 'wrong'), 'another')
    const refused = await home.run(['matrix', 'login', user, '--password-file', 'wrong'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`does not accept the password of ${user}`)
    expect((await home.run(['doctor'])).stdout).toContain(`${user} has not signed in yet`)
    const { token } = await logIn(url, user, password)
    await writeFile(path.join(home.folder, 'token'), token)
    const login = await home.run(['matrix', 'login', user, '--token-file', 'token'])
    expect(login).toMatchObject({ code: 0 })
    expect((await home.run(['doctor'])).stdout).toMatch(/matrix: .*signed, backed up, in sync/)

    const hearth = home.start(['run'])
    await hearth.until(() => hearth.stdout.includes('speaks through'))
    const closed = await ada.makeRoom([id(user)], { encrypted: true })
    const refusal = await ada.until(() => {
      const member = ada.client.getRoom(closed)?.getMember(id(user))
      return member?.membership === 'leave' && String(member.events.member?.getContent().reason)
    }, 'the refusal')
    const code = /[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(refusal)?.[0] ?? ''
    expect((await home.run(['matrix', 'pending'])).stdout).toContain(`${code}  ${ada.id}`)
    expect((await home.run(['matrix', 'approve', 'ZZZZ-ZZZZ'])).code).toBe(1)
    const approved = await home.run(['matrix', 'approve', code.toLowerCase()])
    expect(approved.stdout).toContain(`${ada.id} may talk with ${user} now`)
    expect((await home.run(['matrix', 'pending'])).stdout).toBe('Nobody waits.\n')
    const room = await ada.makeRoom([id(user)], { encrypted: true })
    await ada.until(() => ada.seen(room, id(user)).length > 0, 'the greeting', 60_000)
    await ada.say(room, 'Thank you.')
    await answered(room, user, 'Thank you.')
    expect((await home.run(['doctor'])).stdout).toMatch(/matrix: .*in sync, served by a running Hearth/)
  })
})
