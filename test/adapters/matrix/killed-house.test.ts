import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../../support/databases.ts'
import { type HearthHome, type HearthProcess, makeHome } from '../../support/hearth-process.ts'
import { freshName, hasSynapse, homeserver, makePerson } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'
import { type OllamaServer, startOllamaServer } from '../../support/ollama-server.ts'

/** 50 in the long form: HEARTH_KILLS=50. */
const kills = Number(process.env.HEARTH_KILLS ?? 8)
vi.setConfig({ testTimeout: 120_000 + kills * 15_000 })

/** Names what it answers: everything that was said since its last reply. */
const script: OllamaServer['script'] = ({ messages = [] }) => {
  const said = messages.filter(({ role }) => role !== 'system')
  const last = said.findLastIndex(({ role }) => role === 'assistant')
  const words = said.slice(last + 1).map(({ content }) => content)
  return { pieces: [`I heard `, ...words.map((word) => `${word} `), 'and that is all.'], paceMs: 60 }
}

describe.runIf(hasSynapse())('a house that is killed again and again, in an encrypted room', () => {
  let database: TestDatabase
  let ollama: OllamaServer
  let home: HearthHome
  let ada: MatrixPerson
  const user = freshName('mira')
  beforeAll(async () => {
    database = await postgresDatabase()
    ollama = await startOllamaServer({ script })
    ada = await makePerson('ada')
    const { url, secret } = homeserver()
    home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url, HEARTH_MATRIX_SECRET: secret })
    await home.configure(
      `ops:\n  port: 0\nturns:\n  settleMs: 100\n  leaseMs: 2000\nmatrix:\n  homeserver: ${url}\n  accounts:\n    - user: ${user}\n      persona: mira\n  allow: ['${ada.id}']\n`,
    )
    const registered = await home.run(['matrix', 'register'])
    expect(registered).toMatchObject({ code: 0 })
    expect(registered.stdout).toContain('recovery key')
  })
  afterAll(async () => {
    ada?.[Symbol.dispose]()
    await home?.[Symbol.asyncDispose]()
    await ollama?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  it(`answers each message once, shows no reply twice, sends nothing in the clear (${kills} kills)`, async () => {
    const self = `@${user}:home.test`
    let hearth: HearthProcess = home.start(['run'])
    const room = await ada.makeRoom([self], { encrypted: true })
    await ada.until(() => ada.seen(room, self).length > 0, 'the greeting', 60_000)
    const said: string[] = []
    for (let kill = 0; kill < kills; kill++) {
      const word = `word-${kill}`
      said.push(word)
      await ada.say(room, word)
      await sleep(Math.random() * 2_500)
      hearth.kill('SIGKILL')
      await hearth.ended
      hearth = home.start(['run'])
    }
    const replies = () =>
      ada.seen(room, self).filter(({ text, kind }) => kind === 'm.text' && text.startsWith('I heard'))
    const answered = () => replies().flatMap(({ text }) => text.match(/word-\d+/g) ?? [])
    await ada.until(
      () =>
        said.every((word) => answered().includes(word)) &&
        replies().every(({ text }) => text.endsWith('all.')),
      'the last answer',
      90_000,
    )
    // What would come twice needs a moment to come.
    await sleep(3_000)
    expect(answered().toSorted()).toEqual(said.toSorted())
    expect(new Set(replies().map(({ text }) => text)).size).toBe(replies().length)
    const ours = ada.events(room).filter((event) => event.getSender() === self)
    expect(ours.filter((event) => event.isDecryptionFailure())).toEqual([])
    const words = ours.filter((event) => event.getType().startsWith('m.room.message'))
    expect(words.filter((event) => !event.isEncrypted())).toEqual([])
    expect(ada.seen(room, self).filter(({ kind }) => kind === 'm.notice')).toEqual([])
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)
  })
})
