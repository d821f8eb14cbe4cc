import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { postgresDatabase } from '../../../support/databases.ts'
import { type HearthProcess, makeHome } from '../../../support/hearth-process.ts'
import { freshName, homeserver, makePerson } from '../../../support/matrix/house.ts'
import type { MatrixPerson } from '../../../support/matrix/person.ts'
import type { Script } from '../../../support/ollama-script.ts'
import { startOllamaServer } from '../../../support/ollama-server.ts'
import type { Interruption } from './operations.ts'
import { greetings } from './oracle.ts'

const answersAtOnce = 8
const logLines = 40

/** Hearth as a process, over Postgres and a scripted model, and the person that it may talk with. */
export interface House extends AsyncDisposable {
  readonly ada: MatrixPerson
  /** The companion's id. */
  readonly self: string
  interrupt(interruption: Interruption): Promise<void>
  /** Of the process that runs now, and of the log: for whoever looks into what went wrong. */
  lastWords(): Promise<string>
}

export async function openHouse(script: Script): Promise<House> {
  await using opening = new AsyncDisposableStack()
  const database = opening.use(await postgresDatabase())
  const ollama = opening.use(await startOllamaServer({ script, record: false }))
  const ada = opening.use(await makePerson('ada'))
  const user = freshName('echo')
  const { url, secret } = homeserver()
  const home = opening.use(await makeHome({ ...database.environment, HEARTH_MATRIX_SECRET: secret }))
  await writePersona(home.folder)
  await home.configure(
    `persona: echo\nops:\n  port: 0\nmodels:\n  hosts:\n    - url: ${ollama.url}\n      parallel: ${answersAtOnce}\nturns:\n  settleMs: 100\n  leaseMs: 2000\nmatrix:\n  homeserver: ${url}\n  accounts:\n    - user: ${user}\n      persona: echo\n  allow: ['${ada.id}']\n`,
  )
  expect(await home.run(['matrix', 'register'])).toMatchObject({ code: 0 })
  let hearth: HearthProcess = home.start(['run'])
  const resources = opening.move()
  return {
    ada,
    self: `@${user}:home.test`,
    async interrupt({ kind, afterMs }) {
      await sleep(afterMs)
      if (kind === 'restart') {
        // Before that nobody listens to signals.
        await hearth.until(() => hearth.stdout.includes('speaks through'))
        hearth.kill('SIGTERM')
        expect(await hearth.ended).toMatchObject({ code: 0 })
      } else {
        hearth.kill('SIGKILL')
        await hearth.ended
      }
      hearth = home.start(['run'])
    },
    async lastWords() {
      const log = await readFile(path.join(home.data, 'hearth.log'), 'utf8').catch(() => '')
      return [hearth.stdout, hearth.stderr, ...log.split('\n').slice(-logLines)].join('\n')
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function writePersona(folder: string): Promise<void> {
  const own = path.join(folder, 'personas/echo')
  await mkdir(own)
  const firstWords = greetings.map((each) => `  - ${each}\n`).join('')
  await writeFile(
    path.join(own, 'persona.yaml'),
    `name: Echo\ndescription: You are Echo.\ngreetings:\n${firstWords}`,
  )
}
