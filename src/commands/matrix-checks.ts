import { openHomeserver } from '../../adapters/matrix/homeserver.ts'
import { askAccount, askVersion } from '../../adapters/matrix/login.ts'
import { type MatrixSession, matrixAccountId, readSession } from '../../adapters/matrix/session.ts'
import { readPlace, syncWithoutRooms } from '../../adapters/matrix/sync.ts'
import { HearthError } from '../core/errors.ts'
import type { MatrixConfig } from '../ops/config.ts'
import type { Finding } from '../ops/doctor.ts'
import type { Storage } from '../storage.ts'
import { withMachine } from './matrix-machine.ts'

/** The homeserver and each account on it; the first thing that is wrong is told. */
export async function checkMatrix(
  { homeserver, accounts }: MatrixConfig,
  storage: Storage,
  signal: AbortSignal,
): Promise<Finding> {
  const version = await askVersion(homeserver, signal)
  const { records } = storage.store
  const well: string[] = []
  for (const { user } of accounts) {
    const session = await readSession(records, user, homeserver)
    if (session === undefined) {
      const mend = `Make it with: npx hearth matrix register ${user}, or sign in with: npx hearth matrix login ${user}`
      return { status: 'warn', detail: `${user} has not signed in yet`, mend }
    }
    await askAccount(session, signal)
    const request = openHomeserver(session.homeserver, session.accessToken)
    const place = await readPlace(records, matrixAccountId(session.userId))
    await syncWithoutRooms(request, place, 0, signal)
    const status = await statusOf(storage, session, signal)
    if (status === undefined) {
      well.push(`${session.userId} (in sync, served by a running Hearth)`)
      continue
    }
    const { identity, deviceSigned, backupVersion } = status
    if (identity !== 'ours' || !deviceSigned) {
      const mend = `Take its identity up again with: npx hearth matrix crypto recover ${user}, or begin anew with: npx hearth matrix crypto reset ${user}`
      return { status: 'fail', detail: `the device of ${user} is not signed: other clients warn of it`, mend }
    }
    if (backupVersion === undefined) {
      return { status: 'warn', detail: `${user} has no key backup`, mend: 'The next start makes one.' }
    }
    well.push(`${session.userId} (signed, backed up, in sync)`)
  }
  return { status: 'ok', detail: `${homeserver} (${version}): ${well.join(', ')}` }
}

/** Undefined while a running Hearth serves the account. */
async function statusOf(storage: Storage, session: MatrixSession, signal: AbortSignal) {
  try {
    return await withMachine(storage, session, (machine) => machine.call('status', undefined, signal))
  } catch (error) {
    if (error instanceof HearthError && error.code === 'account-in-use') return undefined
    throw error
  }
}
