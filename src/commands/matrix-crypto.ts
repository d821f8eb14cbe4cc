import type { Command } from 'commander'
import { forgetRecoveryKey, readRecoveryKey } from '../../adapters/matrix/identity.ts'
import { checkPassword } from '../../adapters/matrix/login.ts'
import { type MatrixSession, matrixAccountId, readSession } from '../../adapters/matrix/session.ts'
import { countUnreadable } from '../../adapters/matrix/unreadable.ts'
import { type HearthError, platformError } from '../core/errors.ts'
import type { AccountRecords } from '../core/store.ts'
import type { MatrixConfig } from '../ops/config.ts'
import {
  chosen,
  type MatrixContext,
  notSignedIn,
  readPassword,
  readSecret,
  recoveryAdvice,
  type WithAccounts,
} from './matrix-common.ts'
import { withMachine } from './matrix-machine.ts'
import { verifyByEmoji } from './matrix-verify.ts'

/** Adds `crypto status|reveal|verify|recover|new-recovery-key|new-backup|reset` to `matrix`. They throw `HearthError`. */
export function addCryptoCommands(parent: Command, context: MatrixContext, opened: WithAccounts): void {
  const { write, signal } = context
  const crypto = parent.command('crypto').description("look after the accounts' encryption")

  crypto
    .command('status [user]')
    .description('show device, identity, key backup, secret storage, and what waits for a key')
    .action((user: string | undefined) =>
      opened(async ({ matrix: { homeserver, accounts }, storage, records }) => {
        for (const account of chosen(accounts, user)) {
          const session = await readSession(records, account.user, homeserver)
          if (session === undefined) {
            write(`${account.user} has not signed in yet.\n`)
            continue
          }
          const waiting = await countUnreadable(matrixAccountId(account.user), records)
          const status = await withMachine(storage, session, (machine) =>
            machine.call('status', undefined, signal),
          )
          write(
            [
              `${status.user}, device ${status.device}`,
              `  fingerprint     ${status.fingerprint}`,
              `  identity        ${identities[status.identity]}`,
              `  device signed   ${status.deviceSigned ? 'yes' : 'no: other clients warn of it'}`,
              `  secret storage  ${status.secretStorage ? 'yes' : 'no'}`,
              `  key backup      ${status.backupVersion === undefined ? 'none' : `version ${status.backupVersion}`}, ${status.roomKeysBackedUp} of ${status.roomKeys} room keys`,
              `  one-time keys   ${status.oneTimeKeys} left`,
              `  unreadable      ${waiting === 1 ? '1 message waits' : `${waiting} messages wait`} for a key`,
              '',
            ].join('\n'),
          )
        }
      }),
    )

  crypto
    .command('reveal [user]')
    .description('show the recovery key that was made while nobody looked, this once')
    .action((user: string | undefined) =>
      opened(async ({ matrix: { accounts }, records }) => {
        for (const account of chosen(accounts, user)) {
          const id = matrixAccountId(account.user)
          const key = await readRecoveryKey(id, records)
          if (key === undefined) write(`${account.user} has no recovery key here: it was shown already.\n`)
          else write(`${account.user}\n${recoveryAdvice(key)}`)
          await forgetRecoveryKey(id, records)
        }
      }),
    )

  crypto
    .command('recover <user>')
    .description('take up an identity and its room keys again, on a new device, with the recovery key')
    .option('--key-file <file>', 'a file that holds the recovery key (default: it is asked for)')
    .action((user: string, { keyFile }: { readonly keyFile?: string }) =>
      opened(async ({ matrix, storage, records }) => {
        const session = await signedIn(matrix, user, records)
        const recoveryKey = await readSecret(context, 'The recovery key', keyFile, undefined)
        const { keys } = await withMachine(storage, session, (machine) =>
          machine.call('recover', { recoveryKey }, signal),
        )
        write(`${user} is itself again, and can read what ${keys} room keys open.\n`)
      }),
    )

  crypto
    .command('verify <user>')
    .description('compare emoji with a device of yours, so that it trusts the account')
    .requiredOption('--with <id>', 'your own user id')
    .option('--device <id>', 'the device to ask (default: it waits for one that asks)')
    .action((user: string, { with: other, device }: { readonly with: string; readonly device?: string }) =>
      opened(async ({ matrix, storage, records }) => {
        const session = await signedIn(matrix, user, records)
        const same = await verifyByEmoji(context, storage, session, { user: other, device })
        if (!same) throw notVerified(other)
        write(`${other} and ${session.userId} have verified each other.\n`)
      }),
    )

  const renewals = [
    ['new-recovery-key', 'renewRecoveryKey', 'make another recovery key; the old one opens nothing any more'],
    [
      'new-backup',
      'resetBackup',
      'begin another key backup, with all keys that are here, and another recovery key',
    ],
  ] as const
  for (const [name, method, description] of renewals) {
    crypto
      .command(`${name} <user>`)
      .description(description)
      .action((user: string) =>
        opened(async ({ matrix, storage, records }) => {
          const session = await signedIn(matrix, user, records)
          const { recoveryKey } = await withMachine(storage, session, (machine) =>
            machine.call(method, undefined, signal),
          )
          await forgetRecoveryKey(matrixAccountId(user), records)
          write(recoveryAdvice(recoveryKey))
        }),
      )
  }

  crypto
    .command('reset <user>')
    .description(
      'begin anew with another identity: people see that it has changed, and old messages stay closed',
    )
    .option('--password-file <file>', 'a file that holds the password (default: it is asked for)')
    .action((user: string, { passwordFile }: { readonly passwordFile?: string }) =>
      opened(async ({ matrix, storage, records }) => {
        const session = await signedIn(matrix, user, records)
        const known = passwordFile === undefined ? await readPassword(records, user) : undefined
        const password =
          known ?? (await readSecret(context, `The password of ${user}`, passwordFile, undefined))
        // Before anything is given up for it.
        await checkPassword(session, password, signal)
        const { recoveryKey } = await withMachine(storage, session, (machine) =>
          machine.call('reset', { password }, signal),
        )
        await forgetRecoveryKey(matrixAccountId(user), records)
        write(`${user} has another identity now.\n${recoveryAdvice(recoveryKey)}`)
      }),
    )
}

const identities = { none: 'none', locked: 'its keys are not here: recover it', ours: 'yes' } as const

async function signedIn(
  { homeserver, accounts }: MatrixConfig,
  user: string,
  records: AccountRecords,
): Promise<MatrixSession> {
  const [account] = chosen(accounts, user)
  const session = account && (await readSession(records, account.user, homeserver))
  if (session === undefined) throw notSignedIn(user)
  return session
}

const notVerified = (user: string): HearthError =>
  platformError(`${user} was not verified.`, {
    code: 'matrix-not-verified',
    mend: 'Where the emoji were not the same, somebody stands in between: verify it again from another network.',
  })
