import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from './core/conversation.ts'
import { configError, type HearthError } from './core/errors.ts'
import { type AccountId, accountId, type ExternalId, externalId, newUuid } from './core/ids.ts'
import type { Persona } from './core/persona.ts'
import type { Database } from './store/database.ts'

/** A person's place opposite a persona: no other terminal has it at the same time. */
export interface Seat extends AsyncDisposable {
  /** Of the person's own, so that no other terminal on the database is shown what they are told. */
  readonly account: Account
  readonly person: ExternalId
  /** Aborted when the place was lost with its connection, and another terminal may have it now. */
  readonly contested: AbortSignal
}

/** In a database of one's own everybody at the keyboard is the same one. */
const onlyPerson = 'keyboard'
const personPattern = /^[a-z0-9][a-z0-9_-]{0,49}$/

/** Throws `HearthError`: `terminal-in-use`, `console-person`. */
export async function takeSeat(database: Database, dataFolder: string, persona: Persona): Promise<Seat> {
  const person = personAt(database, dataFolder)
  const account = consoleAccountId(person)
  const lock = await database.lock(`terminal ${account} ${persona.id}`)
  if (lock === undefined) throw seatTaken(persona)
  return {
    account: { id: account, platform: 'console' },
    person: externalId(person),
    contested: lock.contested,
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  }
}

const personAt = (database: Pick<Database, 'kind'>, dataFolder: string): string =>
  database.kind === 'pglite' ? onlyPerson : readPerson(join(dataFolder, 'console'))

/** The account of whoever sits here. Throws `HearthError`: `console-person`. */
export const seatAccount = (database: Pick<Database, 'kind'>, dataFolder: string): AccountId =>
  consoleAccountId(personAt(database, dataFolder))

/** The account of somebody's own; undefined where nobody at a terminal is called so. */
export const accountOfSeat = (person: string): AccountId | undefined =>
  personPattern.test(person) ? consoleAccountId(person) : undefined

const consoleAccountId = (person: string): AccountId =>
  accountId(person === onlyPerson ? 'console' : `console-${person}`)

/**
 * Who sits here, by a name that the data folder got at its first use. User and host name would not do:
 * a container has another host name each time.
 */
function readPerson(folder: string): string {
  const file = join(folder, 'person')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!existsSync(file)) makePerson(file)
    const person = readFileSync(file, 'utf8').trim()
    if (personPattern.test(person)) return person
  } catch (cause) {
    throw personUnusable(file, cause)
  }
  throw personUnusable(file)
}

/** Whole or not at all: of two terminals that start at once both find the same name. */
function makePerson(file: string): void {
  const made = `${file}.${newUuid()}`
  try {
    writeFileSync(made, `${newUuid()}\n`, { mode: 0o600 })
    linkSync(made, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(made, { force: true })
  }
}

/** Two terminals in one room would take each other's replies. */
function seatTaken({ id, name }: Persona): HearthError {
  return configError(`${name} is already talking with you in another terminal.`, {
    code: 'terminal-in-use',
    mend: `Leave that one first, or talk to another persona: npx hearth chat <name> (not ${id}).`,
  })
}

function personUnusable(file: string, cause?: unknown): HearthError {
  return configError(`${file} does not say who sits at this terminal.`, {
    code: 'console-person',
    mend: 'It holds one word of small letters, digits and hyphens. See that its folder may be written to; if the word is lost, take the file away, and a new conversation begins.',
    cause,
  })
}
