import { GatewayOpcodes } from 'discord-api-types/v10'

import type { Connection, Frame, Gateway } from './gateway.ts'
import type { Session } from './sessions.ts'
import type { Bot } from './world.ts'

/** What Discord's side of the connection may do to a bot. Each reaches all of the bot's shards. */
export interface GatewayDriver {
  /** How many connections have a session. */
  connected(bot: Bot): number
  sessions(bot: Bot): readonly Session[]
  /** What clients sent, in order. */
  readonly frames: readonly Frame[]
  /** Breaks the connection without a close code. */
  drop(bot: Bot): void
  /** Some codes end the session too, as they do on Discord. */
  close(bot: Bot, code: number): void
  /** Op 7. */
  askToReconnect(bot: Bot): void
  /** Op 9. */
  invalidate(bot: Bot, resumable: boolean): void
  /** Op 1. */
  requestHeartbeat(bot: Bot): void
  /** The connection stands, but nothing comes any more: no acknowledgement, no event. */
  goSilent(bot: Bot): void
  /** Events are lost on the way until a resume, or `release`. */
  withhold(bot: Bot): void
  release(bot: Bot): void
  /** Sessions are forgotten; whoever resumes is told so. */
  expire(bot: Bot): void
  /** New connections are turned away. */
  refusing: boolean
}

/** "Or this session has been invalidated"; an invalid sequence; a time-out. */
const endingCodes = new Set([4003, 4007, 4009])

export function driveGateway(gateway: Gateway): GatewayDriver {
  const { connections, sessions } = gateway
  const of = (bot: Bot): Connection[] =>
    [...connections].filter((connection) => connection.session?.bot === bot)
  const sessionsOf = (bot: Bot): Session[] => [...sessions.all].filter((session) => session.bot === bot)
  const send = (bot: Bot, payload: object): void => {
    for (const { socket } of of(bot)) socket.send(JSON.stringify(payload))
  }
  const release = (session: Session): void => {
    if (!session.withheld) return
    session.withheld = false
    for (const { seq, payload } of session.told) if (seq > session.heldFrom) session.send?.(payload)
  }
  return {
    connected: (bot) => of(bot).length,
    sessions: sessionsOf,
    frames: gateway.frames,
    drop: (bot) => of(bot).forEach(({ socket }) => void socket.terminate()),
    close(bot, code) {
      for (const connection of of(bot)) {
        if (endingCodes.has(code) && connection.session !== undefined) sessions.all.delete(connection.session)
        connection.socket.close(code)
      }
    },
    askToReconnect: (bot) => send(bot, { op: GatewayOpcodes.Reconnect, d: null, s: null, t: null }),
    invalidate(bot, resumable) {
      for (const connection of of(bot)) {
        const { session, socket } = connection
        if (session !== undefined) {
          if (!resumable) sessions.all.delete(session)
          session.send = undefined
          session.abandonedAtMs = performance.now()
        }
        connection.session = undefined
        socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: resumable, s: null, t: null }))
      }
    },
    requestHeartbeat: (bot) => send(bot, { op: GatewayOpcodes.Heartbeat, d: null, s: null, t: null }),
    goSilent(bot) {
      for (const connection of of(bot)) connection.silent = true
    },
    withhold(bot) {
      for (const session of sessionsOf(bot)) {
        if (!session.withheld) session.heldFrom = session.seq
        session.withheld = true
      }
    },
    release: (bot) => sessionsOf(bot).forEach(release),
    expire(bot) {
      for (const session of sessionsOf(bot)) sessions.all.delete(session)
    },
    get refusing() {
      return gateway.refusing
    },
    set refusing(refusing) {
      gateway.refusing = refusing
    },
  }
}
