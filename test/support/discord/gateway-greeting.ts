import { GatewayIntentBits } from 'discord-api-types/v10'

import { guildCreate } from './guild-create.ts'
import type { Session, Sessions } from './sessions.ts'
import { fullMemberView, userView } from './views.ts'
import type { Guild, World } from './world.ts'

/** READY, and the guilds one by one after it, as Discord fills in what READY calls unavailable. */
export function greet(
  world: World,
  sessions: Sessions,
  session: Session,
  guilds: readonly Guild[],
  resumeUrl: string,
): void {
  const { bot, shard } = session
  sessions.dispatch(session, 'READY', {
    v: 10,
    user: { ...userView(bot.account), verified: true, mfa_enabled: true, email: null, flags: 0 },
    user_settings: {},
    guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
    session_id: session.id,
    session_type: 'normal',
    resume_gateway_url: resumeUrl,
    shard,
    application: { id: bot.applicationId, flags: bot.flags },
    private_channels: [],
    relationships: [],
    presences: [],
    geo_ordered_rtc_regions: [],
    guild_join_requests: [],
    auth: {},
    _trace: [],
  })
  if ((session.intents & GatewayIntentBits.Guilds) === 0) return
  for (const guild of guilds) sessions.dispatch(session, 'GUILD_CREATE', guildCreate(world, guild, session))
}

interface MemberRequest {
  readonly guild_id: string
  readonly query?: string
  readonly limit?: number
  readonly user_ids?: string | readonly string[]
  readonly nonce?: string
}

export function requestedMembers(world: World, sessions: Sessions, session: Session, d: unknown): void {
  const request = d as MemberRequest
  const guild = world.guilds.get(String(request?.guild_id))
  if (guild === undefined || !guild.members.has(session.bot.account.id)) return
  const ids = request.user_ids === undefined ? undefined : [request.user_ids].flat()
  // The whole list is for those with the intent alone.
  const listed = request.query === '' && (session.intents & GatewayIntentBits.GuildMembers) === 0
  const members = [...guild.members.values()].filter(({ account }) =>
    ids === undefined
      ? !listed && account.username.startsWith(request.query ?? '')
      : ids.includes(account.id),
  )
  const limit = request.limit === undefined || request.limit === 0 ? members.length : request.limit
  sessions.dispatch(session, 'GUILD_MEMBERS_CHUNK', {
    guild_id: guild.id,
    members: members.slice(0, limit).map(fullMemberView),
    chunk_index: 0,
    chunk_count: 1,
    not_found: ids?.filter((id) => !guild.members.has(id)) ?? [],
    ...(request.nonce !== undefined && { nonce: request.nonce }),
  })
}
