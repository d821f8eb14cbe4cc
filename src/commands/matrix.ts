import type { Command } from 'commander'
import { forgetRecoveryKey, setUpIdentity } from '../../adapters/matrix/identity.ts'
import {
  logInWithPassword,
  logInWithToken,
  newPassword,
  registerAccount,
} from '../../adapters/matrix/login.ts'
import {
  localpartOf,
  type MatrixSession,
  matrixAccountId,
  readSession,
  writeSession,
} from '../../adapters/matrix/session.ts'
import { configError, HearthError } from '../core/errors.ts'
import type { Storage } from '../storage.ts'
import {
  chosen,
  type MatrixContext,
  readPassword,
  readSecret,
  recoveryAdvice,
  secretIn,
  type WithAccounts,
  writePassword,
} from './matrix-common.ts'
import { addCryptoCommands } from './matrix-crypto.ts'
import { withMachine } from './matrix-machine.ts'
import { addPairingCommands } from './pairing.ts'

const secretOption =
  'a file that holds it, such as homeserver.yaml (default: HEARTH_MATRIX_SECRET, or it is asked for)'

/** Adds `matrix register|login|pending|approve|crypto …`. They throw `HearthError`. */
export function addMatrixCommand(program: Command, context: MatrixContext): void {
  const { write, signal } = context
  const matrix = program.command('matrix').description('look after the accounts on Matrix')
  const opened: WithAccounts = async (work) => {
    const config = await context.config()
    if (config.matrix === undefined) throw noMatrix()
    const { openStorage } = await import('../storage.ts')
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
          if ((await readSession(records, account.user, homeserver)) === undefined) wanted.push(account)
          else write(`${account.user} has signed in already.\n`)
        }
        if (wanted.length === 0) return
        const found = await readSecret(
          context,
          'The registration secret of the homeserver',
          secretFile,
          'HEARTH_MATRIX_SECRET',
        )
        const secret = secretIn(found)
        for (const { user: name } of wanted) {
          // Kept before it is anybody's: whoever is cut off here signs in at the next try.
          const known = await readPassword(records, name)
          const password = known ?? newPassword()
          if (known === undefined) await writePassword(records, name, password)
          await registerAccount(homeserver, name, password, secret, signal).catch((error: unknown) => {
            if (known === undefined || !isThere(error)) throw error
          })
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

  addPairingCommands(
    matrix,
    write,
    (work) =>
      opened(({ matrix: { accounts }, records }) =>
        work({ records, accounts: accounts.map(({ user }) => ({ id: matrixAccountId(user), name: user })) }),
      ),
    'invite it again',
  )
  addCryptoCommands(matrix, context, opened)
}

/** Keeps the session, and gives the account the identity that other people's clients want to see. */
async function signIn(
  { write, signal }: MatrixContext,
  storage: Storage,
  session: MatrixSession,
  password: string | undefined,
): Promise<void> {
  const { records } = storage.store
  await writeSession(records, session)
  const written = (await readSession(records, session.userId, session.homeserver)) ?? session
  if (password !== undefined) await writePassword(records, session.userId, password)
  write(`${session.userId} has signed in, as device ${session.deviceId}.\n`)
  try {
    const account = matrixAccountId(session.userId)
    const recoveryKey = await withMachine(storage, written, (machine) =>
      setUpIdentity(account, machine, records, password, signal),
    )
    if (recoveryKey === undefined) return
    write(recoveryAdvice(recoveryKey))
    await forgetRecoveryKey(account, records)
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== 'identity-locked') throw error
    write(`${error.message}\n${error.mend ?? ''}\n`)
  }
}

const isThere = (error: unknown) => error instanceof HearthError && error.code === 'matrix-user-exists'

const noMatrix = (): HearthError =>
  configError('There is no `matrix` in hearth.yaml.', {
    code: 'matrix-not-configured',
    mend: 'Add it with: npx hearth init, or as docs/matrix.md shows.',
  })
