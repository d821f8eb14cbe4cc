import type { CommandName } from '../../src/core/events.ts'

/** These concern the house and the person, and not one persona: it is enough that one of them says it. */
const ofTheHouse: ReadonlySet<CommandName> = new Set([
  'help',
  'whoami',
  'me-as',
  'memory',
  'privacy',
  'prompt',
])

export interface GivenCommand {
  readonly name: CommandName
  readonly mentions: readonly string[]
  /** Who has said what it answers. */
  readonly answers: 'self' | 'housemate' | undefined
}

/**
 * Whether a command in a group is for this account, for every persona of the house there, or for another one. Each
 * account hears it and decides for itself, in whichever process: so by what all of them see alike, the command and
 * `personas`, the house's accounts in the room.
 */
export function forWhom(
  { name, mentions, answers }: GivenCommand,
  self: string,
  personas: readonly string[],
): 'self' | 'all' | 'other' {
  const others = personas.filter((user) => user !== self)
  if (others.length === 0 || answers === 'self' || mentions.includes(self)) return 'self'
  if (answers === 'housemate' || others.some((user) => mentions.includes(user))) return 'other'
  if (!ofTheHouse.has(name)) return 'all'
  return others.some((user) => user < self) ? 'other' : 'self'
}
