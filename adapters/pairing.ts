import { randomInt } from 'node:crypto'
import type { AccountId } from '../src/core/ids.ts'
import type { AccountRecordKey } from '../src/core/people.ts'
import type { AccountRecords } from '../src/core/store.ts'

/** Without look-alikes (0 O, 1 I L), so that it can be read out. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const codeCharacters = 8
const codeLivesMs = 60 * 60_000
/** Strangers may knock as often as they like; the oldest codes go. */
const codesMost = 50

const pending = 'pairing'
const approved = 'approved'

export interface Knock {
  readonly user: string
  readonly code: string
  readonly until: Date
}

/** Who may talk with the account, and what the others hear. */
export interface Doorman {
  mayTalk(user: string): Promise<boolean>
  /** Said to somebody who may not: why, and what they can do. */
  refusal(user: string): Promise<string>
}

/**
 * Lets in whom the configuration names, and whom the operator has approved by a code. Approvals are read
 * each time, so that one given by another process counts at once. `then`: what they do when they are let in.
 */
export function createDoorman(
  account: AccountId,
  records: AccountRecords,
  named: (user: string) => boolean,
  then: string,
): Doorman {
  return {
    mayTalk: async (user) => named(user) || (await records.read(account, approved)).has(user),
    async refusal(user) {
      const code = await codeFor(account, records, user)
      return `I do not know you yet. Give this code to whoever runs this companion, and ${then} when they have let you in: ${code}`
    },
  }
}

/** The code of somebody who knocked; the same one as long as it lives. */
async function codeFor(account: AccountId, records: AccountRecords, user: string): Promise<string> {
  const all = await readAllKnocks(account, records)
  const [over, knocks] = [all.filter(isOver), all.filter((knock) => !isOver(knock))]
  const mine = knocks.find((knock) => knock.user === user)
  if (mine !== undefined) return mine.code
  const code = Array.from({ length: codeCharacters }, () => alphabet[randomInt(alphabet.length)]).join('')
  const shown = `${code.slice(0, 4)}-${code.slice(4)}`
  const until = new Date(Date.now() + codeLivesMs)
  const value = Buffer.from(JSON.stringify({ user, until: until.toISOString() }))
  const old = knocks.slice(0, Math.max(0, knocks.length + 1 - codesMost))
  await records.write(account, [
    ...[...over, ...old].map((knock) => ({ collection: pending, key: knock.code, value: undefined })),
    { collection: pending, key: shown, value },
  ])
  return shown
}

/** Who waits to be let in, the oldest first. Codes that are over are left out. */
export const readKnocks = async (account: AccountId, records: AccountRecords): Promise<readonly Knock[]> =>
  (await readAllKnocks(account, records)).filter((knock) => !isOver(knock))

const isOver = ({ until }: Knock) => until.getTime() <= Date.now()

async function readAllKnocks(account: AccountId, records: AccountRecords): Promise<readonly Knock[]> {
  const found = [...(await records.read(account, pending))].map(([code, value]) => {
    const { user, until } = JSON.parse(Buffer.from(value).toString()) as { user: string; until: string }
    return { user, code, until: new Date(until) }
  })
  return found.sort((a, b) => a.until.getTime() - b.until.getTime())
}

/** What an account knows of somebody as one who was let in, or has knocked. */
export async function recordsOfPaired(
  account: AccountId,
  records: AccountRecords,
  user: string,
): Promise<readonly AccountRecordKey[]> {
  const knocks = (await readAllKnocks(account, records)).filter((knock) => knock.user === user)
  return [
    { account, collection: approved, key: user },
    ...knocks.map(({ code }) => ({ account, collection: pending, key: code })),
  ]
}

/** The same in words: since when they are let in, and which codes they were given. */
export async function letInBy(
  account: AccountId,
  records: AccountRecords,
  user: string,
): Promise<readonly string[]> {
  const since = (await records.read(account, approved)).get(user)
  const knocks = (await readAllKnocks(account, records)).filter((knock) => knock.user === user)
  return [
    ...(since === undefined ? [] : [`let in, ${Buffer.from(since).toString()}`]),
    ...knocks.map(({ code, until }) => `has knocked, and was given ${code} until ${until.toISOString()}`),
  ]
}

/** Lets in whoever was given this code; undefined when there is no such code, or not any more. */
export async function approve(
  account: AccountId,
  records: AccountRecords,
  typed: string,
): Promise<string | undefined> {
  const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const knock = (await readKnocks(account, records)).find(({ code }) => code.replace('-', '') === plain)
  if (knock === undefined) return undefined
  await records.write(account, [
    { collection: pending, key: knock.code, value: undefined },
    { collection: approved, key: knock.user, value: Buffer.from(new Date().toISOString()) },
  ])
  return knock.user
}
