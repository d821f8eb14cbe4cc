import { readFile } from 'node:fs/promises'
import { password as askSecret, isCancel } from '@clack/prompts'
import type { Command } from 'commander'
import { forgetRecoveryKey, readRecoveryKey } from '../../adapters/matrix/identity.ts'
import { logInWithPassword, logInWithToken, registerAccount } from '../../adapters/matrix/login.ts'
import { approve, readKnocks } from '../../adapters/matrix/pairing.ts'
import {
  localpartOf,
  type MatrixSession,
  matrixAccountId,
  readSession,
  writeSession,
} from '../../adapters/matrix/session.ts'
import { configError, HearthError } from '../core/errors.ts'
import type { AccountRecords } from '../core/store.ts'
import type { Config, MatrixConfig } from '../ops/config.ts'
import { openStorage, type Storage } from '../storage.ts'
import { withMachine } from './matrix-machine.ts'

export interface MatrixContext {
  readonly config: () => Promise<Config>
  readonly write: (text: string) => void
  readonly input: NodeJS.ReadStream
  readonly signal: AbortSignal
}

interface Opened {
  readonly matrix: MatrixConfig
  readonly storage: Storage
  readonly records: AccountRecords
}

const secretOption = 'a file that holds it (default: HEARTH_MATRIX_SECRET, or it is asked for)'

/** Adds `matrix register|login|pending|approve|status|recover`. They throw `HearthError`. */
export function addMatrixCommand(program: Command, context: MatrixContext): void {
  const { write, signal } = context
  const matrix = program.command('matrix').description('look after the accounts on Matrix')
  const opened = async (work: (opened: Opened) => Promise<void>): Promise<void> => {
    const config = await context.config()
    if (config.matrix === undefined) throw noMatrix()
    await using storage = await openStorage(config, signal)
    await work({ matrix: config.matrix, storage, records: storage.store.records })
  }

  matrix
    .command('register [user]')
    .description('make the accounts of `matrix.accounts` on your own Synapse, by its registration secret')
    .option('--secret-file <file>', secretOption)
    .action((user: string | undefined, { secretFile }: { readonly secretFile?: string }) =>
      opened(async ({ matrix: { homeserver, accounts }, storage, records }) => {
        const wanted = []
        for (const account of chosen(accounts, user)) {
          if ((await readSession(records, account.user)) === undefined) wanted.push(account)
          else write(`${account.user} has signed in already.\n`)
        }
        if (wanted.length === 0) return
        const secret = await readSecret(
          context,
          'The registration secret of the homeserver',
          secretFile,
          'HEARTH_MATRIX_SECRET',
        )
        for (const { user: name } of wanted) {
          const { password } = await registerAccount(homeserver, name, secret, signal)
          const session = await logInWithPassword(homeserver, localpartOf(name), password, signal)
          await signIn(context, storage, session, password)
        }
      }),
    )

  matrix
    .command('login <user>')
    .description('sign in to an account that is there already, with its password')
    .option('--password-file <file>', 'a file that holds the password (default: it is asked for)')
    .option('--token-file <file>', 'a file that holds an access token, instead of the password')
    .action((user: string, files: { readonly passwordFile?: string; readonly tokenFile?: string }) =>
      opened(async ({ matrix: { homeserver, accounts }, storage }) => {
        chosen(accounts, user)
        if (files.tokenFile !== undefined) {
          const token = await readSecret(context, '', files.tokenFile, undefined)
          return await signIn(context, storage, await logInWithToken(homeserver, token, signal), undefined)
        }
        const password = await readSecret(context, `The password of ${user}`, files.passwordFile, undefined)
        await signIn(context, storage, await logInWithPassword(homeserver, user, password, signal), password)
      }),
    )

  matrix
    .command('pending')
    .description('list who has knocked and waits to be let in')
    .action(() =>
      opened(async ({ matrix: { accounts }, records }) => {
        let none = true
        for (const { user } of accounts) {
          for (const { user: who, code, until } of await readKnocks(matrixAccountId(user), records)) {
            none = false
            write(`${code}  ${who} wants to talk with ${user} (until ${until.toLocaleTimeString()})\n`)
          }
        }
        if (none) write('Nobody waits.\n')
      }),
    )

  matrix
    .command('approve <code>')
    .description('let in whoever was given this code')
    .action((code: string) =>
      opened(async ({ matrix: { accounts }, records }) => {
        for (const { user } of accounts) {
          const who = await approve(matrixAccountId(user), records, code)
          if (who !== undefined)
            return write(`${who} may talk with ${user} now. They should invite it again.\n`)
        }
        throw noSuchCode()
      }),
    )

  addCryptoCommands(matrix, context, opened)
}

function addCryptoCommands(
  matrix: Command,
  context: MatrixContext,
  opened: (work: (opened: Opened) => Promise<void>) => Promise<void>,
): void {
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
    .command('recovery-key [user]')
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

/** Keeps the session, and gives the account the identity that other people's clients want to see. */
async function signIn(
  { write, signal }: MatrixContext,
  storage: Storage,
  session: MatrixSession,
  password: string | undefined,
): Promise<void> {
  const { records } = storage.store
  await writeSession(records, session)
  if (password !== undefined) await writePassword(records, session.userId, password)
  write(`${session.userId} has signed in, as device ${session.deviceId}.\n`)
  try {
    const { recoveryKey } = await withMachine(storage, session, (machine) =>
      machine.call('setUp', { password }, signal),
    )
    if (recoveryKey !== undefined) write(recoveryAdvice(recoveryKey))
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== 'identity-locked') throw error
    write(`${error.message}\n${error.mend ?? ''}\n`)
  }
}

const recoveryAdvice = (key: string): string =>
  [
    'Its recovery key, which is shown this once:',
    '',
    `    ${key}`,
    '',
    'Write it down and keep it away from this machine: with it alone, a new machine is the same account and',
    'reads the old messages. Without it, losing the database loses both.',
    '',
  ].join('\n')

const passwordCollection = 'password'

async function writePassword(records: AccountRecords, user: string, password: string): Promise<void> {
  const value = Buffer.from(password)
  await records.write(matrixAccountId(user), [{ collection: passwordCollection, key: 'password', value }])
}

async function readPassword(records: AccountRecords, user: string): Promise<string | undefined> {
  const value = (await records.read(matrixAccountId(user), passwordCollection)).get('password')
  return value === undefined ? undefined : Buffer.from(value).toString()
}

function chosen(accounts: MatrixConfig['accounts'], user: string | undefined): MatrixConfig['accounts'] {
  if (user === undefined) return accounts
  const found = accounts.filter((account) => localpartOf(account.user) === localpartOf(user))
  if (found.length > 0) return found
  throw configError(`There is no account ${user} in \`matrix.accounts\`.`, {
    code: 'no-such-account',
    mend: `There are: ${accounts.map((account) => account.user).join(', ')}.`,
  })
}

/** From a file, a variable, a pipe, or the keyboard, and never from an argument: other users see those. */
async function readSecret(
  { input, signal }: MatrixContext,
  question: string,
  file: string | undefined,
  variable: string | undefined,
): Promise<string> {
  const fromVariable = variable === undefined ? undefined : process.env[variable]
  if (file !== undefined)
    return (await readFile(file, 'utf8').catch(() => Promise.reject(noSecret(file)))).trim()
  if (fromVariable !== undefined && fromVariable !== '') return fromVariable
  if (input.isTTY !== true) {
    let text = ''
    for await (const chunk of input) text += String(chunk)
    if (text.trim() === '') throw noSecret('standard input')
    return text.trim()
  }
  const typed = await askSecret({ message: question, signal })
  if (isCancel(typed) || typed === undefined || typed === '') throw noSecret('the keyboard')
  return typed.trim()
}

const noSecret = (where: string): HearthError =>
  configError(`Nothing could be read from ${where}.`, {
    code: 'no-secret',
    mend: 'Name a file that holds it, or type it when you are asked.',
  })

const noMatrix = (): HearthError =>
  configError('There is no `matrix` in hearth.yaml.', {
    code: 'matrix-not-configured',
    mend: 'Add it with: npx hearth init, or as docs/matrix.md shows.',
  })

const notSignedIn = (user: string): HearthError =>
  configError(`${user} has not signed in yet.`, {
    code: 'matrix-not-signed-in',
    mend: `Sign in with: npx hearth matrix login ${user}`,
  })

const noSuchCode = (): HearthError =>
  configError('Nobody was given that code, or it is over.', {
    code: 'no-such-code',
    mend: 'Who waits is listed by: npx hearth matrix pending',
  })
