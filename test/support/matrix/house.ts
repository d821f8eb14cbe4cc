import { inject } from 'vitest'
import { connectMatrix, type MatrixOptions } from '../../../adapters/matrix/connect.ts'
import type { MatrixSession } from '../../../adapters/matrix/session.ts'
import type { Adapter } from '../../../src/core/adapter.ts'
import { accountId, newUuid } from '../../../src/core/ids.ts'
import type { AccountRecords } from '../../../src/core/store.ts'
import { logIn as logInBare, type Session } from './bare-account.ts'
import { type MatrixPerson, openPerson } from './person.ts'
import { memoryRecords } from './records.ts'
import { registerBySecret } from './register.ts'

export const homeserver = (): { readonly url: string; readonly secret: string } => ({
  url: inject('homeserverUrl'),
  secret: inject('registrationSecret'),
})

/** False where there is no Python: the reason was printed. */
export const hasSynapse = (): boolean => inject('homeserverUrl') !== ''

/** A name that no other test has, so that tests may share a homeserver. */
export const freshName = (name: string): string => `${name}-${newUuid().slice(-12)}`

/** Of every account and person here. */
export const password = 'correct horse battery'

export async function makePerson(name: string, at = homeserver()): Promise<MatrixPerson> {
  const user = freshName(name)
  await registerBySecret(at.url, at.secret, user, password)
  return await openPerson(at.url, user, password)
}

/** A new account for the tests of encryption alone. */
export async function makeSession(name: string): Promise<Session> {
  const { url, secret } = homeserver()
  const user = freshName(name)
  await registerBySecret(url, secret, user, password)
  return await logInBare(url, user, password)
}

/** Another device of the same account. */
export const signInAgain = ({ url, user }: Session): Promise<Session> => logInBare(url, user, password)

export interface BotAccount {
  readonly session: MatrixSession
  readonly records: AccountRecords
  /** Logs in anew, as another device. */
  signIn(): Promise<MatrixSession>
  connect(options?: Partial<MatrixOptions>): Adapter
  /** Lets it sign in once and publish its keys, as setting it up does: before that nobody can encrypt for it. */
  prepare(): Promise<void>
}

/** An account for a persona, which everybody may talk to unless the options say otherwise. */
export async function makeBot(name: string, at = homeserver()): Promise<BotAccount> {
  const user = freshName(name)
  await registerBySecret(at.url, at.secret, user, password)
  const signIn = () => logIn(at.url, user)
  const session = await signIn()
  const records = memoryRecords()
  const connect: BotAccount['connect'] = (options = {}) =>
    connectMatrix({
      account: { id: accountId(user.slice(0, 60)), platform: 'matrix' },
      session,
      records,
      personaName: 'Mira',
      doorman: { mayTalk: async () => true, refusal: async () => 'Not here.' },
      isHousemate: () => false,
      ignores: () => false,
      verifies: () => false,
      catchUpMs: 3_600_000,
      tell: () => undefined,
      ...options,
    })
  return {
    session,
    records,
    signIn,
    connect,
    async prepare() {
      const ready = new AbortController()
      await using adapter = connect({ tell: ({ kind }) => kind === 'answering' && ready.abort() })
      await adapter.start(async () => {}, ready.signal)
    },
  }
}

async function logIn(url: string, user: string): Promise<MatrixSession> {
  const response = await fetch(`${url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password,
      initial_device_display_name: 'Hearth',
    }),
  })
  const { user_id, device_id, access_token } = (await response.json()) as Record<string, string>
  return {
    homeserver: url,
    userId: user_id ?? '',
    deviceId: device_id ?? '',
    accessToken: access_token ?? '',
    loggedInAt: new Date().toISOString(),
  }
}
