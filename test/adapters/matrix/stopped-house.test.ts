import { expect, it, vi } from 'vitest'
import { postgresDatabase } from '../../support/databases.ts'
import { makeHome } from '../../support/hearth-process.ts'
import { freshName, hasSynapse, homeserver, makePerson } from '../../support/matrix/house.ts'
import { startOllamaServer } from '../../support/ollama-server.ts'

vi.setConfig({ testTimeout: 180_000 })

it.runIf(hasSynapse())(
  'a reply that is nearly done when Hearth is stopped is finished and shown',
  async () => {
    await using database = await postgresDatabase()
    const words = Array.from({ length: 30 }, (_, index) => ` word${index}`)
    await using ollama = await startOllamaServer({ script: () => ({ pieces: words, paceMs: 100 }) })
    using ada = await makePerson('ada')
    const user = freshName('mira')
    const self = `@${user}:home.test`
    const { url, secret } = homeserver()
    await using home = await makeHome({
      ...database.environment,
      OLLAMA_HOST: ollama.url,
      HEARTH_MATRIX_SECRET: secret,
    })
    await home.configure(
      `ops:\n  port: 0\nturns:\n  settleMs: 100\n  leaseMs: 2000\nmatrix:\n  homeserver: ${url}\n  accounts:\n    - user: ${user}\n      persona: mira\n  allow: ['${ada.id}']\n`,
    )
    expect(await home.run(['matrix', 'register'])).toMatchObject({ code: 0 })
    const hearth = home.start(['run'])
    const room = await ada.makeRoom([self], { encrypted: true })
    await ada.until(() => ada.seen(room, self).length > 0, 'the greeting', 60_000)
    await ada.say(room, 'Count, please.')
    const counted = () => ada.seen(room, self).at(-1)?.text ?? ''
    await ada.until(() => counted().startsWith('word0'), 'the beginning of the reply')
    hearth.kill('SIGTERM')
    expect(await hearth.ended).toMatchObject({ code: 0 })
    await ada.until(() => counted().endsWith('word29'), 'its end')
  },
)
