import { afterAll, describe } from 'vitest'
import { toReference } from '../../../adapters/matrix/address.ts'
import { type AdapterHarness, adapterContract } from '../../contract/adapter.ts'
import { hasSynapse, makeBot, makePerson } from '../../support/matrix/house.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'

/** One person for all of them: each test has a room and an account of its own. */
let ada: Promise<MatrixPerson> | undefined
afterAll(async () => (await ada)?.[Symbol.dispose]())

for (const encrypted of [false, true]) {
  const harness: AdapterHarness = {
    name: encrypted ? 'Matrix, encrypted' : 'Matrix',
    refused: 'delivered again',
    async start() {
      const bot = await makeBot('mira')
      if (encrypted) await bot.prepare()
      ada ??= makePerson('ada')
      const person = await ada
      const self = bot.session.userId
      const room = await person.makeRoom([self], { encrypted })
      // An adapter that has not started joins nothing: as an account that was in the room before.
      const joined = await fetch(
        `${bot.session.homeserver}/_matrix/client/v3/join/${encodeURIComponent(room)}`,
        { method: 'POST', headers: { authorization: `Bearer ${bot.session.accessToken}` }, body: '{}' },
      )
      if (!joined.ok) throw new Error('the account could not join')
      const first = bot.connect()
      return {
        adapter: first,
        room: toReference({ room, kind: 'direct', thread: undefined }),
        person: {
          async say(text) {
            await person.say(room, text)
          },
          seen: () =>
            person.seen(room, self).map(({ id, text, kind }) => ({
              id,
              text,
              kind: kind === 'm.notice' ? 'notice' : 'reply',
            })),
        },
        async restart() {
          return bot.connect()
        },
        held: () => [],
        async release() {},
      }
    },
  }
  describe.runIf(hasSynapse())('over a real Synapse', () => adapterContract(harness))
}
