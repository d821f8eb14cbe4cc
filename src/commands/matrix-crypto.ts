import type { Command } from 'commander'
import { forgetRecoveryKey, readRecoveryKey } from '../../adapters/matrix/identity.ts'
import { matrixAccountId, readSession } from '../../adapters/matrix/session.ts'
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

/** Adds `crypto status|reveal|recover|reset` to `matrix`. They throw `HearthError`. */
export function addCryptoCommands(matrix: Command, context: MatrixContext, opened: WithAccounts): void {
  const { write, signal } = context
  const crypto = matrix.command('crypto').description("look after the accounts' encryption")

  crypto
    .command('status [user]')
    .description('show device, identity, key backup and secret storage')
    .action((user: string | undefined) =>
      opened(async ({ matrix: { accounts }, storage, records }) => {
        for (const account of chosen(accounts, user)) {
          const session = await readSession(records, account.user)
          if (session === undefined) {
            write(`${account.user} has not signed in yet.\n`)
            continue
          }
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
      opened(async ({ matrix: { accounts }, storage, records }) => {
        const [account] = chosen(accounts, user)
        const session = account && (await readSession(records, account.user))
        if (session === undefined) throw notSignedIn(user)
        const recoveryKey = await readSecret(context, 'The recovery key', keyFile, undefined)
        const { keys } = await withMachine(storage, session, (machine) =>
          machine.call('recover', { recoveryKey }, signal),
        )
        write(`${user} is itself again, and can read what ${keys} room keys open.\n`)
      }),
    )

  crypto
    .command('reset <user>')
    .description(
      'begin anew with another identity: people see that it has changed, and old messages stay closed',
    )
    .option('--password-file <file>', 'a file that holds the password (default: it is asked for)')
    .action((user: string, { passwordFile }: { readonly passwordFile?: string }) =>
      opened(async ({ matrix: { accounts }, storage, records }) => {
        const [account] = chosen(accounts, user)
        const session = account && (await readSession(records, account.user))
        if (session === undefined) throw notSignedIn(user)
        const known = await readPassword(records, user)
        const password =
          known ?? (await readSecret(context, `The password of ${user}`, passwordFile, undefined))
        const { recoveryKey } = await withMachine(storage, session, (machine) =>
          machine.call('reset', { password }, signal),
        )
        write(`${user} has another identity now.\n${recoveryAdvice(recoveryKey)}`)
      }),
    )
}

const identities = { none: 'none', locked: 'its keys are not here: recover it', ours: 'yes' } as const
