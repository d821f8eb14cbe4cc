import type { ChannelFacts } from './gateway.ts'

/** Who may talk with the account, and where. All are ids. */
export interface Allowed {
  /** `*`: everybody. */
  readonly users: readonly string[]
  readonly roles: readonly string[]
  /** Whole servers. */
  readonly guilds: readonly string[]
  /** Channels, with the threads in them. */
  readonly channels: readonly string[]
}

/** Whether the configuration names somebody: by their own id, or by a role that they have. */
export function isNamedPerson(
  { users, roles }: Allowed,
  user: string,
  theirRoles: readonly string[],
): boolean {
  return users.includes('*') || users.includes(user) || theirRoles.some((role) => roles.includes(role))
}

/** Whether the account listens in this channel of a server at all. */
export function isAllowedPlace(
  { guilds, channels }: Allowed,
  guild: string,
  channel: string,
  facts: ChannelFacts | undefined,
): boolean {
  if (guilds.includes(guild)) return true
  return channels.includes(channel) || (facts?.parent !== undefined && channels.includes(facts.parent))
}
