import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'

import { greet, requestedMembers } from './gateway-greeting.ts'
import { decode, type Identify, knownOpcodes, type Resume, tokenOf, unspeakable } from './gateway-payload.ts'
import { createSessions, type Session, type Sessions } from './sessions.ts'
import { shardOf } from './snowflake.ts'
import type { Bot, World } from './world.ts'

/**
 * The gateway's side of a connection. HELLO opens it; then it is nobody's until IDENTIFY (a new session) or
 * RESUME (an old one); from there on events flow. An invalidated session makes it nobody's again.
 */

export interface GatewayOptions {
  readonly heartbeatIntervalMs: number
  readonly identifySpacingMs: number
  readonly resumeWindowMs: number
  /** More guilds than so many in one shard close with 4011. */
  readonly maxGuildsPerShard: number
  /** How long everything is under way, in each direction. */
  readonly distanceMs: number
}

/** What a client sent. */
export interface Frame {
  readonly op: number
  readonly d: unknown
  readonly bot: Bot | undefined
}

export interface Connection {
  readonly socket: WebSocket
  session: Session | undefined
  /** Still there, but without a word: no acknowledgement, no event. */
  silent: boolean
  /** "If your app fails to send a heartbeat event in time, your connection will be closed." */
  readonly heartbeatDue: NodeJS.Timeout
}

export interface Gateway {
  readonly connections: Set<Connection>
  readonly sessions: Sessions
  readonly frames: Frame[]
  /** New connections are turned away. */
  refusing: boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): Promise<void>
}

const sendsPerMinute = 120
const knownIntents = Object.values(GatewayIntentBits).reduce((sum: number, bit) => sum | Number(bit), 0)
const privilegedIntents =
  GatewayIntentBits.MessageContent | GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences

export function createGateway(world: World, options: GatewayOptions, url: () => string): Gateway {
  const server = new WebSocketServer({ noServer: true })
  const sessions = createSessions(world, options.resumeWindowMs)
  const connections = new Set<Connection>()
  const frames: Frame[] = []
  /** By bot, and by which of the sessions that may begin at once. */
  const identifiedAtMs = new Map<string, number>()

  /** In the same order: all have the same way. */
  const afterAWhile = (work: () => void): void => {
    if (options.distanceMs > 0) setTimeout(work, options.distanceMs)
    else work()
  }

  const send = (connection: Connection, payload: unknown): void => {
    if (!connection.silent) afterAWhile(() => connection.socket.send(JSON.stringify(payload)))
  }

  /** Each gives the code that the connection is closed with, or nothing. */
  function identify(connection: Connection, d: Identify): GatewayCloseCodes | undefined {
    const bot = world.bots.find(({ token }) => token === d?.token)
    if (bot === undefined) return GatewayCloseCodes.AuthenticationFailed
    const shard = d.shard ?? ([0, 1] as const)
    const [id, count] = shard
    if (shard.length !== 2 || !Number.isInteger(id) || !Number.isInteger(count) || id < 0 || id >= count) {
      return GatewayCloseCodes.InvalidShard
    }
    const guilds = [...world.guilds.values()].filter(
      (guild) => guild.members.has(bot.account.id) && shardOf(guild.id, count) === id,
    )
    if (guilds.length > options.maxGuildsPerShard) return GatewayCloseCodes.ShardingRequired
    const { intents } = d
    if (!Number.isInteger(intents) || intents < 0 || (intents & ~knownIntents) !== 0) {
      return GatewayCloseCodes.InvalidIntents
    }
    if ((intents & privilegedIntents & ~bot.privileged) !== 0) return GatewayCloseCodes.DisallowedIntents
    const bucket = `${bot.account.id} ${id % bot.maxConcurrency}`
    const last = identifiedAtMs.get(bucket)
    const now = performance.now()
    // "If you hit this limit, the Gateway will respond with an Invalid Session", says the documentation.
    if (last !== undefined && now - last < options.identifySpacingMs) {
      send(connection, { op: GatewayOpcodes.InvalidSession, d: false })
      return undefined
    }
    identifiedAtMs.set(bucket, now)
    bot.sessionStarts.remaining--
    const session = sessions.open(bot, intents, [id, count], (payload) => transmit(connection, payload))
    connection.session = session
    greet(world, sessions, session, guilds, url())
    return undefined
  }

  function resume(connection: Connection, d: Resume): GatewayCloseCodes | undefined {
    const bot = world.bots.find(({ token }) => token === d?.token)
    if (bot === undefined) return GatewayCloseCodes.AuthenticationFailed
    const session = sessions.find(String(d.session_id))
    if (session === undefined || session.bot !== bot) {
      send(connection, { op: GatewayOpcodes.InvalidSession, d: false })
      return undefined
    }
    // Whoever holds it still is put out: a session has one connection.
    for (const other of connections) {
      if (other.session !== session || other === connection) continue
      other.session = undefined
      other.socket.terminate()
    }
    connection.session = session
    session.abandonedAtMs = undefined
    session.send = (payload) => transmit(connection, payload)
    if (sessions.replay(session, d.seq)) return undefined
    sessions.all.delete(session)
    connection.session = undefined
    return GatewayCloseCodes.InvalidSeq
  }

  const transmit = (connection: Connection, payload: string): void => {
    if (!connection.silent && connection.socket.readyState === connection.socket.OPEN) {
      afterAWhile(() => connection.socket.send(payload))
    }
  }

  function receive(connection: Connection, op: number, d: unknown): GatewayCloseCodes | undefined {
    const { session } = connection
    if (op === GatewayOpcodes.Heartbeat) {
      connection.heartbeatDue.refresh()
      send(connection, { op: GatewayOpcodes.HeartbeatAck })
      return undefined
    }
    if (op === GatewayOpcodes.Identify || op === GatewayOpcodes.Resume) {
      if (session !== undefined) return GatewayCloseCodes.AlreadyAuthenticated
      return op === GatewayOpcodes.Identify
        ? identify(connection, d as Identify)
        : resume(connection, d as Resume)
    }
    if (!knownOpcodes.has(op)) return GatewayCloseCodes.UnknownOpcode
    if (session === undefined) return GatewayCloseCodes.NotAuthenticated
    if (op === GatewayOpcodes.RequestGuildMembers) requestedMembers(world, sessions, session, d)
    return undefined
  }

  function readFrame(
    connection: Connection,
    data: RawData,
    sentAtMs: number[],
  ): GatewayCloseCodes | undefined {
    const payload = decode(data)
    if (payload === undefined) return GatewayCloseCodes.DecodeError
    const bot = connection.session?.bot ?? world.bots.find(({ token }) => token === tokenOf(payload.d))
    frames.push({ op: payload.op, d: payload.d, bot })
    const now = performance.now()
    while (sentAtMs[0] !== undefined && sentAtMs[0] < now - 60_000) sentAtMs.shift()
    sentAtMs.push(now)
    if (sentAtMs.length > sendsPerMinute) return GatewayCloseCodes.RateLimited
    return receive(connection, payload.op, payload.d)
  }

  function serve(socket: WebSocket, request: IncomingMessage): void {
    const overdue = (): void => socket.close(GatewayCloseCodes.UnknownError, 'No heartbeat')
    const heartbeatDue = setTimeout(overdue, 2 * options.heartbeatIntervalMs).unref()
    const connection: Connection = { socket, session: undefined, silent: false, heartbeatDue }
    connections.add(connection)
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams
    const sentAtMs: number[] = []
    socket.on('message', (data: RawData) => {
      const code = readFrame(connection, data, sentAtMs)
      if (code !== undefined) socket.close(code, GatewayCloseCodes[code])
      world.changed()
    })
    socket.on('close', (code) => {
      clearTimeout(heartbeatDue)
      connections.delete(connection)
      const { session } = connection
      if (session !== undefined) {
        session.send = undefined
        session.abandonedAtMs = performance.now()
        // Whoever says goodbye means it; with any other code, or none, the session waits.
        if (code === 1000 || code === 1001) sessions.all.delete(session)
      }
      world.changed()
    })
    socket.on('error', () => socket.terminate())
    const code = unspeakable(query)
    if (code !== undefined) {
      socket.close(code, GatewayCloseCodes[code])
      return
    }
    send(connection, {
      op: GatewayOpcodes.Hello,
      s: null,
      t: null,
      d: { heartbeat_interval: options.heartbeatIntervalMs, _trace: [] },
    })
    world.changed()
  }

  const gateway: Gateway = {
    connections,
    sessions,
    frames,
    refusing: false,
    upgrade(request, socket, head) {
      if (gateway.refusing) socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n')
      else server.handleUpgrade(request, socket, head, (accepted) => serve(accepted, request))
    },
    async close() {
      gateway.refusing = true
      for (const { socket } of connections) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return gateway
}
