import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { readBytes } from './body.ts'
import { addBot, type BotOptions } from './bots.ts'
import { createFaults, type Faults, fail } from './faults.ts'
import { findFile } from './files.ts'
import { createGateway, type GatewayOptions } from './gateway.ts'
import { driveGateway, type GatewayDriver } from './gateway-driver.ts'
import { createPlace, type GuildOptions, type Place } from './guild-driver.ts'
import type { Interactions, InteractionTimes } from './interactions.ts'
import { addAccount, createPerson, type Person } from './person.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'
import { createRest, type ServedRequest } from './rest.ts'
import { compile } from './router.ts'
import { channelRoutes } from './routes/channels.ts'
import { commandRoutes } from './routes/commands.ts'
import { guildRoutes } from './routes/guilds.ts'
import { interactionRoutes, interactionWebhookRoutes } from './routes/interactions.ts'
import { messageRoutes } from './routes/messages.ts'
import { reactionRoutes } from './routes/reactions.ts'
import { threadRoutes } from './routes/threads.ts'
import { openRoutes, userRoutes } from './routes/users.ts'
import { openWebhookRoutes, webhookRoutes } from './routes/webhooks.ts'
import { type Seen, seenIn } from './seen.ts'
import { typingShownMs } from './typing.ts'
import { until } from './until.ts'
import { type Bot, type Channel, createWorld, type World } from './world.ts'

/**
 * Discord on loopback: the gateway and the REST API that discord.js speaks to, and the people on the other
 * side of it. `new Client({ rest: { api: discord.apiUrl, cdn: discord.cdnUrl } })` is all that a client needs.
 */
export interface Discord extends AsyncDisposable {
  /** For `rest.api`; the gateway's address is learned there. */
  readonly apiUrl: string
  /** For `rest.cdn` and `rest.mediaProxy`; attachments lie here. */
  readonly cdnUrl: string
  readonly gatewayUrl: string
  readonly world: World
  readonly gateway: GatewayDriver
  readonly limits: RateLimits
  readonly faults: Faults
  /** Every request so far, the refused ones too. */
  readonly requests: readonly ServedRequest[]
  addBot(name: string, options?: BotOptions): Bot
  addPerson(name: string): Person
  /** Another's bot, which can do what people do. */
  addStrangeBot(name: string): Person
  /** The owner, if none is named, is somebody who says nothing. */
  addGuild(name: string, options?: GuildOptions & { readonly owner?: Person }): Place
  /** The guilds that were added. */
  readonly places: readonly Place[]
  /** Oldest first, as people see them now. */
  messages(channel: Channel): readonly Seen[]
  /** The names of those who are shown as typing. */
  typing(channel: Channel): readonly string[]
  /** Resolves with the first thing that is there; something may change it only by a request or an event. */
  until<T>(look: () => T | undefined | false, timeoutMs?: number): Promise<T>
}

export interface DiscordOptions extends Partial<GatewayOptions> {
  readonly interactions?: Partial<InteractionTimes>
  /** How long a nonce is known: "a few minutes", says the documentation. */
  readonly nonceLivesMs?: number
  /** An earlier one's, to come back under the same address. */
  readonly port?: number
}

const defaults: GatewayOptions = {
  heartbeatIntervalMs: 41_250,
  identifySpacingMs: 5_000,
  resumeWindowMs: 90_000,
  maxGuildsPerShard: 2500,
  distanceMs: 0,
}

const fewMinutesMs = 5 * 60_000

export async function startDiscord(options: DiscordOptions = {}): Promise<Discord> {
  const world = createWorld()
  const limits = createRateLimits()
  const faults = createFaults()
  let address = ''
  const gatewayUrl = (): string => `ws://${address}/gateway`
  const gateway = createGateway(world, { ...defaults, ...options }, gatewayUrl)
  const { deadlineMs = 3_000, tokenMs = 15 * 60_000 } = options.interactions ?? {}
  const interactions: Interactions = { all: new Map(), times: { deadlineMs, tokenMs } }
  const routes = [
    ...compile(openRoutes(gatewayUrl), true),
    ...compile(userRoutes(world, gatewayUrl), false),
    ...compile(channelRoutes(world), false),
    ...compile(messageRoutes(world, options.nonceLivesMs ?? fewMinutesMs), false),
    ...compile(reactionRoutes(world), false),
    ...compile(guildRoutes(world), false),
    ...compile(threadRoutes(world), false),
    ...compile(webhookRoutes(world), false),
    ...compile(commandRoutes(world), false),
    ...compile(openWebhookRoutes(world, interactionWebhookRoutes(world, interactions)), true),
    ...compile(interactionRoutes(world, interactions), true),
  ]
  const rest = createRest({
    world,
    routes,
    limits,
    faults,
    distanceMs: options.distanceMs ?? defaults.distanceMs,
  })

  const http = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${address}`)
    // A caller that hangs up while it sends has nothing to be answered.
    const bytes = await readBytes(request).catch(() => undefined)
    if (bytes === undefined) return
    if (!url.pathname.startsWith('/cdn/')) return rest.serve(request, response, url, bytes)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const fault = faults.take('GET /attachments')
    if (fault !== undefined && (await fail(fault, response, gone.signal).catch(() => true))) return
    const file = findFile(world, url.pathname.slice('/cdn'.length), url.searchParams)
    if (file === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.')
      return
    }
    response.writeHead(200, { 'content-type': file.contentType, 'content-length': file.bytes.length })
    response.end(file.bytes)
  })
  http.on('upgrade', gateway.upgrade)
  // Those of the gateway are no longer the HTTP server's, which would wait for them all the same.
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  address = `127.0.0.1:${(http.address() as AddressInfo).port}`
  world.cdnUrl = `http://${address}/cdn`

  const places: Place[] = []
  const waiting = new Set<() => void>()
  world.changed = () => {
    for (const look of [...waiting]) look()
  }

  return {
    apiUrl: `http://${address}/api`,
    cdnUrl: world.cdnUrl,
    gatewayUrl: gatewayUrl(),
    world,
    gateway: driveGateway(gateway),
    limits,
    faults,
    requests: rest.requests,
    addBot: (name, botOptions) => addBot(world, name, botOptions),
    addPerson: (name) => createPerson(world, addAccount(world, name, false), interactions),
    addStrangeBot: (name) => createPerson(world, addAccount(world, name, true), interactions),
    addGuild(name, { owner, ...guildOptions } = {}) {
      const account = owner?.account ?? addAccount(world, `owner-of-${name}`, false)
      const place = createPlace(world, name, account, guildOptions)
      places.push(place)
      return place
    },
    places,
    messages: (channel) => seenIn(world, channel),
    typing: (channel) =>
      world.typing
        .filter((each) => each.channel === channel && Date.now() - each.at.getTime() < typingShownMs)
        .map(({ account }) => account.username),
    until: (look, timeoutMs = 5_000) => until(waiting, look, timeoutMs),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      const closed = new Promise((resolve) => http.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
      if (rest.failures.length > 0) throw new AggregateError(rest.failures, 'The double of Discord failed.')
    },
  }
}
