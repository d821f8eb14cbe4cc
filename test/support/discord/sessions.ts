import { randomBytes } from 'node:crypto'

import { GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10'

import { maySee } from './permissions.ts'
import { shardOf } from './snowflake.ts'
import type { Bot, Happening, Viewer, World } from './world.ts'

/**
 * What a bot has been told, one shard a session. A session outlives its connection: what happens meanwhile is
 * kept, and replayed to whoever resumes it in time.
 */
export interface Session {
  readonly id: string
  readonly bot: Bot
  readonly intents: number
  readonly shard: readonly [id: number, count: number]
  seq: number
  /** Everything since READY, for a resume. */
  readonly told: { readonly seq: number; readonly payload: string }[]
  /** Undefined while nobody is connected. */
  send: ((payload: string) => void) | undefined
  /** Events are kept back, as if the network had lost them; a resume brings them. */
  withheld: boolean
  /** The last number before that. */
  heldFrom: number
  abandonedAtMs: number | undefined
}

export interface Sessions {
  readonly all: Set<Session>
  open(bot: Bot, intents: number, shard: Session['shard'], send: NonNullable<Session['send']>): Session
  /** Undefined where it never was, has ended, or was left alone too long. */
  find(id: string): Session | undefined
  dispatch(session: Session, t: string, data: unknown): void
  /** Replays what came after `seq`; false: there was never such a number. */
  replay(session: Session, seq: number): boolean
}

export function createSessions(world: World, resumeWindowMs: number): Sessions {
  const all = new Set<Session>()

  function dispatch(session: Session, t: string, data: unknown): void {
    const seq = ++session.seq
    const payload = JSON.stringify({ op: GatewayOpcodes.Dispatch, s: seq, t, d: data })
    session.told.push({ seq, payload })
    if (!session.withheld) session.send?.(payload)
  }

  world.publish = (happening) => {
    for (const session of all) {
      if (hears(world, session, happening)) dispatch(session, happening.t, happening.data(viewerOf(session)))
    }
  }

  return {
    all,
    dispatch,
    open(bot, intents, shard, send) {
      const id = randomBytes(16).toString('hex')
      const session: Session = {
        id,
        bot,
        intents,
        shard,
        seq: 0,
        told: [],
        send,
        withheld: false,
        heldFrom: 0,
        abandonedAtMs: undefined,
      }
      all.add(session)
      return session
    },
    find(id) {
      const session = [...all].find((each) => each.id === id)
      if (session === undefined) return undefined
      const { abandonedAtMs } = session
      if (abandonedAtMs === undefined || performance.now() - abandonedAtMs < resumeWindowMs) return session
      all.delete(session)
      return undefined
    },
    replay(session, seq) {
      if (!Number.isInteger(seq) || seq < 0 || seq > session.seq) return false
      session.withheld = false
      for (const event of session.told) if (event.seq > seq) session.send?.(event.payload)
      dispatch(session, 'RESUMED', { _trace: [] })
      // A later resume is not told that there was an earlier one.
      session.told.pop()
      return true
    },
  }
}

export const viewerOf = ({ bot, intents }: Session): Viewer => ({
  bot,
  intents,
  seesContent: (intents & GatewayIntentBits.MessageContent) !== 0,
})

function hears(world: World, session: Session, happening: Happening): boolean {
  const { intents, guildId, channel, only } = happening
  const { bot, shard } = session
  if (intents !== 0 && (session.intents & intents) === 0) return false
  if (only !== undefined && only !== bot) return false
  if (guildId === undefined) {
    // Whatever happens in no guild is the first shard's.
    if (shard[0] !== 0) return false
  } else {
    if (shardOf(guildId, shard[1]) !== shard[0]) return false
    const inGuild = world.guilds.get(guildId)?.members.has(bot.account.id) ?? false
    if (!inGuild && only !== bot) return false
  }
  return channel === undefined || only === bot || maySee(channel, bot.account)
}
