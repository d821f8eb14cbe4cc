import { readFile } from 'node:fs/promises'
import { password as askSecret, isCancel } from '@clack/prompts'
import { localpartOf, matrixAccountId } from '../../adapters/matrix/session.ts'
import { configError, type HearthError } from '../core/errors.ts'
import type { AccountRecords } from '../core/store.ts'
import type { Config, MatrixConfig } from '../ops/config.ts'
import type { Storage } from '../storage.ts'

export interface MatrixContext {
  readonly config: () => Promise<Config>
  readonly write: (text: string) => void
  readonly input: NodeJS.ReadStream
  readonly signal: AbortSignal
}

export interface Opened {
  readonly matrix: MatrixConfig
  readonly storage: Storage
  readonly records: AccountRecords
}

/** Opens what a command works on. */
export type WithAccounts = (work: (opened: Opened) => Promise<void>) => Promise<void>

export const recoveryAdvice = (key: string): string =>
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

export async function writePassword(records: AccountRecords, user: string, password: string): Promise<void> {
  const value = Buffer.from(password)
  await records.write(matrixAccountId(user), [{ collection: passwordCollection, key: 'password', value }])
}

export async function readPassword(records: AccountRecords, user: string): Promise<string | undefined> {
  const value = (await records.read(matrixAccountId(user), passwordCollection)).get('password')
  return value === undefined ? undefined : Buffer.from(value).toString()
}

export function chosen(
  accounts: MatrixConfig['accounts'],
  user: string | undefined,
): MatrixConfig['accounts'] {
  if (user === undefined) return accounts
  const found = accounts.filter((account) => localpartOf(account.user) === localpartOf(user))
  if (found.length > 0) return found
  throw configError(`There is no account ${user} in \`matrix.accounts\`.`, {
    code: 'no-such-account',
    mend: `There are: ${accounts.map((account) => account.user).join(', ')}.`,
  })
}

/** From a file, a variable, a pipe, or the keyboard, and never from an argument: other users see those. */
export async function readSecret(
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

/** The file may be Synapse's whole homeserver.yaml. */
export const secretIn = (text: string): string =>
  /^registration_shared_secret:\s*["']?(.+?)["']?\s*$/m.exec(text)?.[1] ?? text

const noSecret = (where: string): HearthError =>
  configError(`Nothing could be read from ${where}.`, {
    code: 'no-secret',
    mend: 'Name a file that holds it, or type it when you are asked.',
  })

export const notSignedIn = (user: string): HearthError =>
  configError(`${user} has not signed in yet.`, {
    code: 'matrix-not-signed-in',
    mend: `Sign in with: npx hearth matrix login ${user}`,
  })
