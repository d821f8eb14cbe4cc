import { HearthError, platformError } from '../../../src/core/errors.ts'

const login = 'Log in again with `npx hearth matrix login`; what the old session could read is kept.'
const recover =
  'Log in again with `npx hearth matrix login`, then run `npx hearth matrix crypto recover` with the recovery key.'

export const homeserverUnreachable = (status: number | undefined): HearthError =>
  platformError(
    status === undefined
      ? 'The homeserver does not answer.'
      : `The homeserver is out of order (HTTP ${status}).`,
    {
      code: 'homeserver-unreachable',
      mend: 'Check that it runs; Hearth goes on by itself.',
      retryable: true,
    },
  )

export const homeserverRefused = (what: string, status: number, errcode: string): HearthError =>
  platformError(`The homeserver refused ${what} (HTTP ${status}${errcode === '' ? '' : `, ${errcode}`}).`, {
    code: 'homeserver-refused',
  })

export const signedOut = (): HearthError =>
  platformError("The homeserver has ended the account's session: its device or its token was removed.", {
    code: 'matrix-signed-out',
    mend: login,
  })

export const olderCopy = (): HearthError =>
  platformError(
    "The account's keys here are older than the ones that the homeserver has: a copy was restored.",
    {
      code: 'crypto-older-copy',
      mend: login,
      // Until then everything that is to be said waits.
      retryable: true,
    },
  )

export const cryptoStopped = (): HearthError =>
  platformError('The encryption of this account was closed.', { code: 'crypto-closed' })

export const cryptoPanicked = (): HearthError =>
  platformError('The encryption of this account failed inside its library and is started anew.', {
    code: 'crypto-panicked',
    retryable: true,
  })

export const storeCorrupt = (detail: string, cause?: unknown): HearthError =>
  platformError(`The stored encryption keys of this account cannot be used: ${detail}.`, {
    code: 'crypto-store-corrupt',
    mend: recover,
    cause,
  })

export const roomStateUnreadable = (status: number): HearthError =>
  platformError(
    `The homeserver does not say whether a room is encrypted (HTTP ${status}), so nothing is sent there.`,
    { code: 'room-state-unreadable', mend: 'Check that the account is still in the room.', retryable: true },
  )

export const deviceUnknown = (user: string): HearthError =>
  platformError(
    `The homeserver does not know that device of ${user}, or ${user} has no cross-signing identity.`,
    {
      code: 'device-unknown',
      mend: 'Check the user id and the device id: a client shows them in its settings under "Sessions".',
    },
  )

export const recoveryKeyMalformed = (): HearthError =>
  platformError('That is not a recovery key: a character is missing, wrong or exchanged.', {
    code: 'recovery-key-malformed',
    mend: 'Type all groups of four as they were shown; upper and lower case are different.',
  })

export const recoveryKeyWrong = (): HearthError =>
  platformError("That is a recovery key, but not this account's latest one.", {
    code: 'recovery-key-wrong',
    mend: 'Look for a later one. Without it, `npx hearth matrix crypto reset` makes a new identity, and old messages stay unreadable.',
  })

export const secretStorageMissing = (): HearthError =>
  platformError(
    'The homeserver keeps no secrets for this account, so there is nothing that a recovery key could open.',
    {
      code: 'secret-storage-missing',
      mend: '`npx hearth matrix crypto reset` makes a new identity; old messages stay unreadable.',
    },
  )

export const identityLocked = (): HearthError =>
  platformError('This account has a cross-signing identity, and its keys are not here.', {
    code: 'identity-locked',
    mend: 'Run `npx hearth matrix crypto recover` with the recovery key; or, where that is lost, `npx hearth matrix crypto reset` for a new identity: people will be warned of it, and old messages stay unreadable.',
  })

export const identityMissing = (): HearthError =>
  platformError('This account has not been set up for encryption yet.', {
    code: 'identity-missing',
    mend: 'Run `npx hearth matrix login`, which does it.',
  })

export const passwordNeeded = (): HearthError =>
  platformError("The homeserver wants the account's password before it takes new identity keys.", {
    code: 'matrix-password-needed',
    mend: 'Give the password; where the account has none, let the administrator allow it once (Synapse: POST /_synapse/admin/v1/users/<user>/_allow_cross_signing_replacement_without_uia).',
  })

export const backupForeign = (): HearthError =>
  platformError(
    'The homeserver has a key backup of this account that another client made, and its key is not here.',
    {
      code: 'backup-foreign',
      mend: 'Run `npx hearth matrix crypto recover` with the recovery key, or `npx hearth matrix crypto new-backup` for a new backup.',
    },
  )

/** An error as it crosses to another thread. */
export interface PlainError {
  readonly who: HearthError['who']
  readonly message: string
  readonly code: string
  readonly mend: string | undefined
  readonly retryable: boolean
}

/** What the library says may name rooms and sessions, so only its class goes on. */
export function toPlainError(error: unknown): PlainError {
  if (error instanceof HearthError) {
    const { who, message, code, mend, retryable } = error
    return { who, message, code, mend, retryable }
  }
  const name = error instanceof Error ? error.constructor.name : typeof error
  return {
    who: 'platform',
    message: `The encryption library reported an error (${name}).`,
    code: 'crypto-failed',
    mend: undefined,
    retryable: false,
  }
}

export function fromPlainError({ who, message, code, mend, retryable }: PlainError): HearthError {
  return new HearthError(who, message, { code, retryable, ...(mend === undefined ? {} : { mend }) })
}
