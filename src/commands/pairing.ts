import type { Command } from 'commander'
import { approve, readKnocks } from '../../adapters/pairing.ts'
import { configError, type HearthError } from '../core/errors.ts'
import type { AccountId } from '../core/ids.ts'
import type { AccountRecords } from '../core/store.ts'

export interface Pairing {
  readonly records: AccountRecords
  readonly accounts: readonly { readonly id: AccountId; readonly name: string }[]
}

/** Adds `pending` and `approve <code>` to a platform's command. They throw `HearthError`. */
export function addPairingCommands(
  parent: Command,
  write: (text: string) => void,
  opened: (work: (pairing: Pairing) => Promise<void>) => Promise<void>,
  /** What they do when they are let in. */
  then: string,
): void {
  parent
    .command('pending')
    .description('list who has knocked and waits to be let in')
    .action(() =>
      opened(async ({ records, accounts }) => {
        let none = true
        for (const { id, name } of accounts) {
          for (const { user, code, until } of await readKnocks(id, records)) {
            none = false
            write(`${code}  ${user} wants to talk with ${name} (until ${until.toLocaleTimeString()})\n`)
          }
        }
        if (none) write('Nobody waits.\n')
      }),
    )

  parent
    .command('approve <code>')
    .description('let in whoever was given this code')
    .action((code: string) =>
      opened(async ({ records, accounts }) => {
        for (const { id, name } of accounts) {
          const who = await approve(id, records, code)
          if (who !== undefined) return write(`${who} may talk with ${name} now. They should ${then}.\n`)
        }
        throw noSuchCode(parent.name())
      }),
    )
}

const noSuchCode = (platform: string): HearthError =>
  configError('Nobody was given that code, or it is over.', {
    code: 'no-such-code',
    mend: `Who waits is listed by: npx hearth ${platform} pending`,
  })
