import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import {
  CryptoEvent,
  type ShowSasCallbacks,
  type VerificationRequest,
  type Verifier,
  VerifierEvent,
} from 'matrix-js-sdk/lib/crypto-api/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMatrixCommand } from '../../../../src/commands/matrix.ts'
import type { Config } from '../../../../src/ops/config.ts'
import { postgresDatabase, type TestDatabase } from '../../../support/databases.ts'
import { freshName, hasSynapse, homeserver, makePerson, password } from '../../../support/matrix/house.ts'
import type { MatrixPerson } from '../../../support/matrix/person.ts'
import { registerBySecret } from '../../../support/matrix/register.ts'

/** Runs `hearth matrix …` and collects what it writes. */
function runner(config: Config) {
  return (words: readonly string[]) => {
    const input = new PassThrough() as unknown as NodeJS.ReadStream
    const output = { text: '', input }
    const program = new Command().exitOverride()
    addMatrixCommand(program, {
      config: async () => config,
      write: (text) => {
        output.text += text
      },
      input,
      signal: AbortSignal.timeout(60_000),
    })
    return { output, done: program.parseAsync(['node', 'hearth', 'matrix', ...words]) }
  }
}

describe.runIf(hasSynapse())('hearth matrix crypto', () => {
  let ada: MatrixPerson
  let database: TestDatabase
  let run: ReturnType<typeof runner>
  const user = freshName('mira')
  beforeAll(async () => {
    ada = await makePerson('ada')
    database = await postgresDatabase()
    const { url, secret } = homeserver()
    await registerBySecret(url, secret, user, password)
    const data = database.folder
    await writeFile(path.join(data, 'password'), password)
    run = runner({
      data,
      database: database.environment.DATABASE_URL,
      masterKey: { file: path.join(data, 'master.key') },
      matrix: {
        homeserver: url,
        accounts: [{ user, persona: 'mira' }],
        allow: [],
        operators: [],
        ignore: [],
      },
    } as unknown as Config)
    await run(['login', user, '--password-file', path.join(data, 'password')]).done
    // A client follows the devices of those to whom it writes, and passes over what comes from others.
    await ada.say(await ada.makeRoom([`@${user}:home.test`], { encrypted: true }), 'Come in.')
  })
  afterAll(async () => {
    ada?.[Symbol.dispose]()
    await database?.[Symbol.asyncDispose]()
  })

  const recoveryKeyIn = (text: string) => /^ {4}((?:\w{1,4} ?)+)$/m.exec(text)?.[1] ?? ''

  /** What the person's client shows, when the command has begun. */
  async function shownToAda(): Promise<ShowSasCallbacks> {
    const request = await new Promise<VerificationRequest>((resolve) =>
      ada.client.once(CryptoEvent.VerificationRequestReceived, resolve),
    )
    await request.accept()
    const verifier: Verifier = await ada.until(() => request.verifier, 'the start')
    const shown = new Promise<ShowSasCallbacks>((resolve) => verifier.once(VerifierEvent.ShowSas, resolve))
    verifier.verify().catch(() => undefined)
    return verifier.getShowSasCallbacks() ?? (await shown)
  }

  async function verify(answer: string) {
    const shown = shownToAda()
    const device = ada.client.getDeviceId() ?? ''
    const { output, done } = run(['crypto', 'verify', user, '--with', ada.id, '--device', device])
    const ended = done.then(
      () => undefined,
      (error: unknown) => error,
    )
    const callbacks = await Promise.race([shown, done.then(() => Promise.reject(new Error('it ended')))])
    await ada.until(() => output.text.includes('yes or no'), 'the question')
    const pictures = callbacks.sas.emoji?.map(([symbol]) => symbol) ?? []
    for (const picture of pictures) expect(output.text).toContain(picture)
    output.input.push(`${answer}\n`)
    if (answer === 'yes') await callbacks.confirm()
    return { error: await ended, text: output.text }
  }

  it('verify compares emoji with a device of the operator’s, and both trust each other after a yes', async () => {
    const { error, text } = await verify('yes')
    expect(error).toBeUndefined()
    expect(text).toContain('have verified each other')
    const status = await ada.crypto.getUserVerificationStatus(`@${user}:home.test`)
    expect(status.isCrossSigningVerified()).toBe(true)
  })

  it('verify says that it came to nothing after a no', async () => {
    expect((await verify('no')).error).toMatchObject({ code: 'matrix-not-verified' })
  })

  it('new-recovery-key and new-backup give another key, and the one before opens nothing', async () => {
    const first = run(['crypto', 'new-recovery-key', user])
    await first.done
    const second = run(['crypto', 'new-backup', user])
    await second.done
    const [old, latest] = [recoveryKeyIn(first.output.text), recoveryKeyIn(second.output.text)]
    expect(old).not.toBe('')
    expect(latest).not.toBe(old)
    const recover = async (key: string) => {
      const file = path.join(database.folder, 'recovery')
      await writeFile(file, key)
      return await run(['crypto', 'recover', user, '--key-file', file]).done
    }
    await expect(recover(old)).rejects.toMatchObject({ code: 'recovery-key-wrong' })
    await recover(latest)
    const status = run(['crypto', 'status', user])
    await status.done
    expect(status.output.text).toMatch(/device signed\s+yes/)
    expect(status.output.text).toMatch(/one-time keys\s+[1-9]\d* left/)
    expect(status.output.text).toMatch(/unreadable\s+0 messages wait/)
  })

  it('reset gives nothing up for a password that is wrong', async () => {
    const file = path.join(database.folder, 'mistyped')
    await writeFile(file, 'mistyped')
    await expect(run(['crypto', 'reset', user, '--password-file', file]).done).rejects.toMatchObject({
      code: 'matrix-wrong-password',
    })
    const status = run(['crypto', 'status', user])
    await status.done
    expect(status.output.text).toMatch(/identity\s+yes/)
  })

  it('recover takes the key from standard input', async () => {
    const renewed = run(['crypto', 'new-recovery-key', user])
    await renewed.done
    const recovering = run(['crypto', 'recover', user])
    recovering.output.input.push(`${recoveryKeyIn(renewed.output.text)}\n`)
    recovering.output.input.push(null)
    await recovering.done
    expect(recovering.output.text).toContain('is itself again')
  })
})
