import { letInBy, recordsOfPaired } from '../adapters/pairing.ts'
import type { Platform } from './core/conversation.ts'
import type { AccountId } from './core/ids.ts'
import type { KeptPeople } from './core/people.ts'
import type { AccountRecords } from './core/store.ts'
import type { Config } from './ops/config.ts'

/** The same people, with what accounts know of them: who is erased has to be let in again by each. */
export function pairedPeople(
  people: KeptPeople,
  records: AccountRecords,
  config: Pick<Config, 'matrix' | 'discord'>,
): KeptPeople {
  return {
    ...people,
    async read(person, personas) {
      const data = await people.read(person, personas)
      if (data === undefined) return undefined
      const letIn = []
      for (const { platform, externalId } of data.identities)
        for (const account of await accountsOn(platform, config))
          letIn.push(...(await letInBy(account, records, externalId)).map((what) => ({ account, what })))
      return { ...data, letIn }
    },
    async erase(person) {
      const found = []
      for (const { platform, externalId } of await people.identities(person))
        for (const account of await accountsOn(platform, config))
          found.push(...(await recordsOfPaired(account, records, externalId)))
      return await people.erase(person, found)
    },
  }
}

/** Those that let people in. */
async function accountsOn(
  platform: Platform,
  { matrix, discord }: Pick<Config, 'matrix' | 'discord'>,
): Promise<readonly AccountId[]> {
  switch (platform) {
    case 'console':
      return []
    case 'matrix': {
      const { matrixAccountId } = await import('../adapters/matrix/session.ts')
      return (matrix?.accounts ?? []).map(({ user }) => matrixAccountId(user))
    }
    case 'discord': {
      const { discordAccountId, isToken } = await import('../adapters/discord/token.ts')
      return (discord?.accounts ?? [])
        .filter(({ token }) => isToken(token))
        .map(({ token }) => discordAccountId(token))
    }
  }
}
