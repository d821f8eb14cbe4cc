import { matrixAccountId } from '../../adapters/matrix/session.ts'
import type { Platform } from '../core/conversation.ts'
import { configError, type HearthError } from '../core/errors.ts'
import type { AccountId, PersonaId } from '../core/ids.ts'
import type { Config } from '../ops/config.ts'
import { accountOfSeat } from '../seat.ts'

/** The account through which a persona and a person know each other, and what the persona is called there. */
export interface Door {
  readonly account: AccountId
  readonly platform: Platform
  readonly names: readonly string[]
}

const platformNames = { matrix: 'Matrix', discord: 'Discord', console: 'the terminal' } as const

/**
 * By the person's id: `@ada:home` is one of Matrix, a long number one of Discord, and everything else somebody
 * at a terminal. Throws `HearthError`: `import-account`, `import-person`.
 */
export async function findDoor(
  config: Config,
  persona: PersonaId,
  person: string,
  account: string | undefined,
): Promise<Door> {
  const platform = platformOf(person)
  const doors = await doorsOf(config, persona, person, platform)
  if (platform === 'console' && doors.length === 0) throw notAPerson()
  const named = account === undefined ? doors : doors.filter((door) => isCalled(door, account))
  const [door] = named
  if (door !== undefined && named.length === 1) return door
  throw chooseAccount(doors, persona, platformNames[platform])
}

/** Of which platform an id is. */
export function platformOf(person: string): Platform {
  if (/^@[^\s:]+:\S+$/.test(person)) return 'matrix'
  return /^\d{15,20}$/.test(person) ? 'discord' : 'console'
}

const isCalled = ({ account, names }: Door, name: string) => account === name || names.includes(name)

/** `person`: of whose server an account's whole name is made on Matrix. */
export async function doorsOf(
  config: Pick<Config, 'matrix' | 'discord'>,
  persona: PersonaId,
  person: string,
  platform: Platform,
): Promise<readonly Door[]> {
  switch (platform) {
    case 'matrix': {
      const server = person.slice(person.indexOf(':'))
      return (config.matrix?.accounts ?? [])
        .filter((account) => account.persona === persona)
        .map(({ user }) => ({
          account: matrixAccountId(user),
          platform,
          names: user.startsWith('@') ? [user] : [user, `@${user}${server}`],
        }))
    }
    case 'discord': {
      const { botIdOf, discordAccountId, guestAccountId } = await import('../../adapters/discord/token.ts')
      return (config.discord?.accounts ?? []).flatMap(({ token, persona: own, guests }) => [
        ...(own === persona ? [{ account: discordAccountId(token), platform, names: [botIdOf(token)] }] : []),
        ...(guests.includes(persona)
          ? [{ account: guestAccountId(token, persona), platform, names: [] }]
          : []),
      ])
    }
    case 'console': {
      const account = accountOfSeat(person)
      return account === undefined ? [] : [{ account, platform, names: [] }]
    }
  }
}

function chooseAccount(doors: readonly Door[], persona: PersonaId, platform: string): HearthError {
  if (doors.length === 0) {
    return configError(`No account on ${platform} speaks for ${persona}.`, {
      code: 'import-account',
      mend: 'Add one to hearth.yaml first, or give the --person of a platform where there is one.',
    })
  }
  return configError(`Which account of ${persona} on ${platform} is meant cannot be told.`, {
    code: 'import-account',
    mend: `Say it with --account; there are: ${doors.map(({ account }) => account).join(', ')}.`,
  })
}

const notAPerson = (): HearthError =>
  configError('--person is no id of anybody.', {
    code: 'import-person',
    mend: 'On Matrix it is like @ada:home, on Discord a number of 17 to 19 digits; in the terminal it is what /whoami shows.',
  })
