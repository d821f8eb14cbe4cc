import { invalidForm } from './api-error.ts'
import { may, maySee } from './permissions.ts'
import type { Account, Channel, Mentions, Message, World } from './world.ts'

export interface AllowedMentions {
  readonly parse?: readonly string[] | null
  readonly users?: readonly string[] | null
  readonly roles?: readonly string[] | null
  readonly replied_user?: boolean | null
}

/** As Discord has it where a body says nothing: an answer rings whoever it answers. */
export const mentionsInMessages: AllowedMentions = {
  parse: ['users', 'roles', 'everyone'],
  replied_user: true,
}
export const mentionsInWebhooks: AllowedMentions = { parse: ['users'], replied_user: true }

export function readAllowedMentions(value: unknown): AllowedMentions | undefined {
  if (value === undefined || value === null) return undefined
  const at = 'allowed_mentions'
  if (typeof value !== 'object') {
    throw invalidForm({
      at,
      code: 'MODEL_TYPE_CONVERT',
      message: 'Only dictionaries may be used in a ModelType',
    })
  }
  const allowed = value as AllowedMentions
  for (const [index, kind] of (allowed.parse ?? []).entries()) {
    if (!['users', 'roles', 'everyone'].includes(kind)) {
      const message = "Value must be one of {'roles', 'users', 'everyone'}."
      throw invalidForm({ at: `${at}.parse.${index}`, code: 'BASE_TYPE_CHOICES', message })
    }
  }
  for (const key of ['users', 'roles'] as const) {
    const ids = allowed[key] ?? []
    if (ids.length > 100) {
      const message = 'Must be 100 or fewer in length.'
      throw invalidForm({ at: `${at}.${key}`, code: 'BASE_TYPE_MAX_LENGTH', message })
    }
    if (ids.length > 0 && allowed.parse?.includes(key)) {
      const message = `parse:["${key}"] and ${key}: [ids...] are mutually exclusive.`
      throw invalidForm({ at, code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', message })
    }
  }
  return allowed
}

/** Whom a text names, as far as it is allowed to and its author may. */
export function findMentions(
  world: World,
  channel: Channel,
  author: Account,
  content: string,
  allowed: AllowedMentions,
  replyTo: Message | undefined,
): Mentions {
  const mayName = (kind: 'users' | 'roles', id: string): boolean =>
    (allowed.parse?.includes(kind) ?? false) || (allowed[kind]?.includes(id) ?? false)
  const ids = (pattern: RegExp): string[] => [...content.matchAll(pattern)].map(([, id]) => id ?? '')
  const named = ids(/<@!?(\d{15,20})>/g).filter((id) => mayName('users', id))
  if (replyTo !== undefined && allowed.replied_user === true) named.push(replyTo.author.id)
  const users = [...new Set(named)].flatMap((id) => world.accounts.get(id) ?? [])
  const { guild } = channel
  if (guild === undefined) return { users, roles: [], everyone: false }
  const ringsAll = may(channel, author, 'MentionEveryone')
  const roles = [...new Set(ids(/<@&(\d{15,20})>/g))].filter((id) => {
    const role = guild.roles.get(id)
    return role !== undefined && mayName('roles', id) && (role.mentionable || ringsAll)
  })
  const everyone =
    ringsAll && allowed.parse?.includes('everyone') === true && /@(everyone|here)/.test(content)
  return { users, roles, everyone }
}

/** Whose telephones ring. */
export function whoIsRung(channel: Channel, author: Account, mentions: Mentions): ReadonlySet<string> {
  const rung = new Set(mentions.users.filter((account) => maySee(channel, account)).map(({ id }) => id))
  for (const { account, roles } of channel.guild?.members.values() ?? []) {
    const called = mentions.everyone || mentions.roles.some((role) => roles.has(role))
    if (called && maySee(channel, account)) rung.add(account.id)
  }
  rung.delete(author.id)
  return rung
}
