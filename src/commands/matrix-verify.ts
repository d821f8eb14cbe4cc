import { createInterface } from 'node:readline'
import type { CryptoNews } from '../../adapters/matrix/crypto/protocol.ts'
import { openHomeserver } from '../../adapters/matrix/homeserver.ts'
import { type MatrixSession, matrixAccountId } from '../../adapters/matrix/session.ts'
import { readPlace, syncWithoutRooms } from '../../adapters/matrix/sync.ts'
import { syncChanges } from '../../adapters/matrix/sync-changes.ts'
import type { Storage } from '../storage.ts'
import type { MatrixContext } from './matrix-common.ts'
import { withMachine } from './matrix-machine.ts'

type Emoji = Extract<CryptoNews, { kind: 'emoji' }>

/** Matrix gives a verification ten minutes. */
const waitMostMs = 600_000
const pollMs = 5_000

/**
 * Compares emoji with one of the operator's devices, and asks before it says that they are the same.
 * Where no device is named, it waits for one that begins. True: they were the same, here and there.
 */
export async function verifyByEmoji(
  { write, input, signal }: MatrixContext,
  storage: Storage,
  session: MatrixSession,
  { user, device }: { readonly user: string; readonly device: string | undefined },
): Promise<boolean> {
  const request = openHomeserver(session.homeserver, session.accessToken)
  const news: CryptoNews[] = []
  const options = {
    verifies: (who: string) => who === user,
    tell: (each: CryptoNews) => void news.push(each),
  }
  const lines = createInterface({ input, signal })
  /** Keeps what a pipe hands over before it is asked for. */
  const answers = lines[Symbol.asyncIterator]()
  using _closing = { [Symbol.dispose]: () => lines.close() }
  return await withMachine(
    storage,
    session,
    async (machine) => {
      if (device === undefined)
        write(`Now begin the verification of ${session.userId} in the client of ${user}.\n`)
      else await machine.call('startVerification', { user, device }, signal)
      const endMs = performance.now() + waitMostMs
      let since = await readPlace(storage.store.records, matrixAccountId(session.userId))
      while (performance.now() < endMs) {
        const sync = await syncWithoutRooms(request, since, pollMs, signal)
        await machine.receiveSync(syncChanges(sync), signal)
        // Not stored: what happened in the rooms meanwhile is still to be read.
        since = String(sync.next_batch)
        for (let each = news.shift(); each !== undefined; each = news.shift()) {
          if (each.kind === 'verification-ended') return each.outcome === 'done'
          if (each.kind !== 'emoji') continue
          const match = await areTheSame(each, write, answers)
          await machine.call('decideVerification', { user: each.user, flow: each.flow, match }, signal)
        }
      }
      return false
    },
    options,
  )
}

async function areTheSame(
  { user, device, emoji }: Emoji,
  write: (text: string) => void,
  answers: AsyncIterator<string>,
): Promise<boolean> {
  write(`${user}, device ${device}, should show these, in this order:\n\n`)
  write(`    ${emoji.map(({ symbol, description }) => `${symbol} ${description}`).join('   ')}\n\n`)
  write('Are they the same? Type yes or no: ')
  const { value } = await answers.next()
  return /^y(es)?$/i.test(String(value).trim())
}
