import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createPool } from '../../../src/model/pool.ts'
import { sql } from '../../../src/store/drizzle.ts'
import { startEngine } from '../../../src/turn/engine.ts'
import { type OpenedStore, openTestStore, query } from '../../store/harness.ts'
import { databases } from '../../support/databases.ts'
import { sendAttachment } from '../../support/matrix/attachments.ts'
import { hasSynapse, makeBot, makePerson } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'
import { type OllamaServer, startOllamaServer } from '../../support/ollama-server.ts'
import { quietObserver, testPersona } from '../../support/persona.ts'
import { wordsRecall } from '../../support/recall.ts'

const soon = { timeout: 40_000, interval: 20 }
const picture = (): Buffer => Buffer.concat([Buffer.from('GIF89a'), randomBytes(50_000)])

describe.runIf(hasSynapse())('a picture that somebody sends', () => {
  let ada: MatrixPerson
  let opened: OpenedStore
  beforeAll(async () => {
    ada = await makePerson('ada')
    opened = await openTestStore(databases.find(({ name }) => name === 'Postgres') ?? databases[0]!)
  })
  afterAll(async () => {
    ada?.[Symbol.dispose]()
    await opened?.[Symbol.asyncDispose]()
  })

  /** A house with one model, and a room in which its companion has greeted. */
  async function moveIn(capabilities: readonly string[], encrypted: boolean) {
    await using stack = new AsyncDisposableStack()
    const models = [{ name: 'eye:latest', capabilities }]
    const ollama: OllamaServer = stack.use(
      await startOllamaServer({ models, script: () => 'A cat, I think.' }),
    )
    const pool = stack.use(createPool({ hosts: [{ url: ollama.url }] }))
    const bot = await makeBot('mira')
    await bot.prepare()
    const engine = stack.use(
      startEngine({
        store: opened.store,
        generator: pool,
        recall: wordsRecall(opened.store),
        personas: new Map([[testPersona.id, testPersona]]),
        observer: quietObserver,
        settleMs: 0,
        personaTurnsMost: 3,
        leaseMs: 30_000,
      }),
    )
    const adapter = stack.use(bot.connect())
    const stop = new AbortController()
    const served = engine.serve(adapter, testPersona.id, { oneByOne: false }, stop.signal)
    stack.defer(async () => {
      stop.abort()
      await served.catch(() => undefined)
    })
    const self = bot.session.userId
    const room = await ada.makeRoom([self], { encrypted })
    await ada.until(() => ada.client.getRoom(room)?.getMember(self)?.membership === 'join', 'the companion')
    const replies = () => ada.seen(room, self).filter(({ text }) => text.startsWith('A cat'))
    const owned = stack.move()
    return {
      room,
      replies,
      chats: () =>
        ollama.chats().map(({ body }) => body.messages?.filter(({ role }) => role === 'user') ?? []),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }

  it.each([true, false])('reaches a model that sees, as it was sent (encrypted: %s)', async (encrypted) => {
    await using house = await moveIn(['completion', 'vision'], encrypted)
    const bytes = picture()
    await sendAttachment(ada, house.room, { bytes, encrypted, caption: 'Who is this?' })
    await ada.until(() => house.replies().length === 1, 'the reply')
    await ada.say(house.room, 'And how old?')
    await ada.until(() => house.replies().length === 2, 'the second reply')
    const content = '[an image: cat.gif]\nWho is this?'
    expect(house.chats()).toEqual([
      [{ role: 'user', content, images: [bytes.toString('base64')] }],
      [
        { role: 'user', content },
        { role: 'user', content: 'And how old?' },
      ],
    ])
  })

  it('is told in words to a model that does not see', async () => {
    await using house = await moveIn(['completion'], true)
    await sendAttachment(ada, house.room, { bytes: picture(), encrypted: true })
    await ada.until(() => house.replies().length === 1, 'the reply')
    expect(house.chats()).toEqual([[{ role: 'user', content: '[an image: cat.gif]' }]])
  })

  it('goes with the message when that is removed, and the answer with both', async () => {
    await using house = await moveIn(['completion', 'vision'], true)
    const kept = async () => (await query(opened.database, sql`select kind from attachments`)).length
    const before = await kept()
    const sent = await sendAttachment(ada, house.room, { bytes: picture(), encrypted: true })
    await ada.until(() => house.replies().length === 1, 'the reply')
    expect(await kept()).toBe(before + 1)
    await ada.redact(house.room, sent)
    await ada.until(() => house.replies().length === 0, 'the removal')
    await vi.waitFor(async () => expect(await kept()).toBe(before), soon)
  })
})
