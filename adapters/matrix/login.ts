import { createHmac, randomBytes } from 'node:crypto'
import { type HearthError, platformError } from '../../src/core/errors.ts'
import { isId } from './address.ts'
import { homeserverUnreachable } from './crypto/errors.ts'
import { type Answer, patiently, recordOf, refusalOf, type SendRequest } from './crypto/homeserver.ts'
import { openHomeserver } from './homeserver.ts'
import { localpartOf, type MatrixSession } from './session.ts'

const deviceName = 'Hearth'

/** One that nobody needs to know. */
export const newPassword = (): string => randomBytes(24).toString('base64url')

/**
 * Makes an account by the `registration_shared_secret` of Synapse.
 * Throws `HearthError`: `matrix-user-exists`, `matrix-wrong-secret`, `homeserver-unreachable`, `not-a-homeserver`.
 */
export async function registerAccount(
  homeserver: string,
  user: string,
  password: string,
  sharedSecret: string,
  signal: AbortSignal,
): Promise<void> {
  const request = patiently(openHomeserver(homeserver, ''))
  const path = '/_synapse/admin/v1/register'
  const { nonce } = recordOf(expect(await request('GET', path, undefined, signal), homeserver))
  if (typeof nonce !== 'string') throw notAHomeserver(homeserver)
  const username = localpartOf(user)
  const mac = createHmac('sha1', sharedSecret)
    .update([nonce, username, password, 'notadmin'].join('\0'))
    .digest('hex')
  const answer = await request('POST', path, { nonce, username, password, admin: false, mac }, signal)
  if (answer.status === 200) return
  if (refusalOf(answer).errcode === 'M_USER_IN_USE') throw userExists(user)
  if (answer.status === 403) throw wrongSecret()
  throw refusedLogin(answer)
}

/** Throws `HearthError`: `matrix-wrong-password`, `homeserver-unreachable`, `not-a-homeserver`. */
export async function logInWithPassword(
  homeserver: string,
  user: string,
  password: string,
  signal: AbortSignal,
): Promise<MatrixSession> {
  const request = patiently(openHomeserver(homeserver, ''))
  const order = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user },
    password,
    initial_device_display_name: deviceName,
  }
  const answer = await request('POST', '/_matrix/client/v3/login', order, signal)
  if (answer.status === 403) throw wrongPassword(user)
  const {
    user_id: userId,
    device_id: deviceId,
    access_token: accessToken,
  } = recordOf(expect(answer, homeserver))
  return sessionOf(homeserver, userId, deviceId, accessToken)
}

/** Throws as `logInWithPassword`. What is signed in for that is signed out again. */
export async function checkPassword(
  { homeserver, userId }: MatrixSession,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  const { accessToken } = await logInWithPassword(homeserver, userId, password, signal)
  const request = patiently(openHomeserver(homeserver, accessToken))
  await request('POST', '/_matrix/client/v3/logout', {}, signal)
}

/** With a token that another program has got. Throws as `logInWithPassword`, and `matrix-signed-out`. */
export async function logInWithToken(
  homeserver: string,
  accessToken: string,
  signal: AbortSignal,
): Promise<MatrixSession> {
  const request = patiently(openHomeserver(homeserver, accessToken))
  const answer = await request('GET', '/_matrix/client/v3/account/whoami', undefined, signal)
  const { user_id: userId, device_id: deviceId } = recordOf(expect(answer, homeserver))
  return sessionOf(homeserver, userId, deviceId, accessToken)
}

/** Whether the homeserver still knows the session. Throws `HearthError`: `matrix-signed-out` where it does not. */
export async function askAccount(session: MatrixSession, signal: AbortSignal): Promise<void> {
  await logInWithToken(session.homeserver, session.accessToken, signal)
}

/** What the homeserver says of itself: the newest version of the specification that it speaks. */
export async function askVersion(homeserver: string, signal: AbortSignal): Promise<string> {
  const request: SendRequest = patiently(openHomeserver(homeserver, ''))
  const answer = await request('GET', '/_matrix/client/versions', undefined, signal)
  const { versions } = recordOf(expect(answer, homeserver))
  const newest = Array.isArray(versions) ? versions.at(-1) : undefined
  if (typeof newest !== 'string') throw notAHomeserver(homeserver)
  return newest.slice(0, 20)
}

function sessionOf(
  homeserver: string,
  userId: unknown,
  deviceId: unknown,
  accessToken: unknown,
): MatrixSession {
  if (!isId(userId) || typeof deviceId !== 'string' || typeof accessToken !== 'string')
    throw notAHomeserver(homeserver)
  return { homeserver, userId, deviceId, accessToken, loggedInAt: new Date().toISOString() }
}

function expect(answer: Answer, homeserver: string): unknown {
  if (answer.status === 200) return answer.body
  if (answer.status === 404 && refusalOf(answer).errcode === '') throw notAHomeserver(homeserver)
  throw refusedLogin(answer)
}

function refusedLogin(answer: Answer): HearthError {
  if (answer.status >= 500) return homeserverUnreachable(answer.status)
  return platformError(
    `The homeserver does not let the account in (HTTP ${answer.status}${refusalOf(answer).errcode === '' ? '' : `, ${refusalOf(answer).errcode}`}).`,
    { code: 'matrix-login-refused', mend: "Look into the homeserver's own log." },
  )
}

const notAHomeserver = (address: string): HearthError =>
  platformError(`What answers at ${address} is no Matrix homeserver, or lacks what is needed here.`, {
    code: 'not-a-homeserver',
    mend: 'Check `matrix.homeserver`. Making accounts by a shared secret needs Synapse; elsewhere use: npx hearth matrix login',
  })

const userExists = (user: string): HearthError =>
  platformError(`There is an account ${user} on the homeserver already.`, {
    code: 'matrix-user-exists',
    mend: 'Sign in to it with: npx hearth matrix login, or choose another name in `matrix.accounts`.',
  })

const wrongSecret = (): HearthError =>
  platformError("That is not the homeserver's registration secret.", {
    code: 'matrix-wrong-secret',
    mend: 'It stands in homeserver.yaml, as `registration_shared_secret`.',
  })

const wrongPassword = (user: string): HearthError =>
  platformError(`The homeserver does not accept the password of ${user}.`, {
    code: 'matrix-wrong-password',
    mend: 'Type it again, or give the account a new one on the homeserver.',
  })
