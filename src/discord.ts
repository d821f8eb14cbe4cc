import { setTimeout as sleep } from 'node:timers/promises'
import { connectDiscord } from '../adapters/discord/connect.ts'
import { noToken } from '../adapters/discord/errors.ts'
import type { DiscordNews } from '../adapters/discord/news.ts'
import type { ShardShare } from '../adapters/discord/shards.ts'
import { botIdOf, discordAccountId, guestAccountId, isToken } from '../adapters/discord/token.ts'
import { createDoorman } from '../adapters/pairing.ts'
import { type AccountKeeper, claimAlone } from './accounts.ts'
import { configError } from './core/errors.ts'
import type { ModelInfo } from './core/model.ts'
import type { Persona } from './core/persona.ts'
import type { House } from './house.ts'
import type { DiscordConfig } from './ops/config.ts'
import { claimShards, type ShardRight, type TellShards } from './shards.ts'
import type { Engine } from './turn/engine.ts'

export interface DiscordCast {
  readonly token: string
  readonly adult: boolean
  readonly persona: Persona
  readonly guests: readonly Persona[]
}

const minuteMs = 60_000
/** The longest that a timer takes. */
const foreverMs = 2 ** 31 - 1

/** Serves the bots on Discord until the signal comes. Throws `HearthError` (`discord-no-token`) where none has a token. */
export async function serveDiscord(
  house: House,
  engine: Engine,
  keeper: AccountKeeper,
  config: DiscordConfig,
  casts: readonly DiscordCast[],
  say: (line: string) => void,
  model: ModelInfo,
  signal: AbortSignal,
): Promise<void> {
  const { log, storage, metrics } = house
  const { records, standing } = storage.store

  async function serveWhile(
    { token, adult, persona, guests }: DiscordCast,
    share: ShardShare | undefined,
    life: AbortSignal,
  ): Promise<void> {
    const account = { id: discordAccountId(token), platform: 'discord' } as const
    const name = nameOf(token, persona)
    const tell = (news: DiscordNews) => {
      metrics.discord(news.kind)
      keeper.tell({ id: account.id, name }, news, 'Discord')
    }
    const speakers = [persona, ...guests]
    const adapters = connectDiscord({
      account,
      token,
      api: config.api,
      files: config.files,
      records,
      standing,
      personaName: persona.name,
      guests: guests.map(({ id, name: personaName, avatar }) => ({
        account: { id: guestAccountId(token, id), platform: 'discord' },
        personaName,
        avatar,
      })),
      doorman: createDoorman(account.id, records, () => false, 'write to me again'),
      allowed: {
        users: config.allow,
        roles: config.roles,
        guilds: config.guilds,
        channels: config.channels,
      },
      always: config.always,
      adult,
      catchUpMs: config.catchUpMinutes * minuteMs,
      share,
      tell,
    })
    await using _ = adapters[0]
    say(`${persona.name} is a bot on Discord and speaks through ${model.name}.`)
    log.info('account started', { account: account.id, persona: persona.id })
    // What ends one of them ends all: they share a connection.
    await Promise.all(
      adapters.map((adapter, index) =>
        engine.serve(adapter, (speakers[index] ?? persona).id, { oneByOne: false }, life),
      ),
    )
    // What is being shown comes to its end while the account can still send it.
    if (signal.aborted) await engine[Symbol.asyncDispose]()
  }

  async function keep(cast: DiscordCast): Promise<void> {
    const id = discordAccountId(cast.token)
    const kept = {
      id,
      name: nameOf(cast.token, cast.persona),
      // A token that is refused can only be mended in the configuration, which is read at the next start.
      mended: (waitMs: number, life: AbortSignal) =>
        sleep(Math.min(waitMs, foreverMs), undefined, { signal: life }).catch(() => undefined),
    }
    const { shards } = config
    if (shards === undefined) {
      const serve = (life: AbortSignal) => serveWhile(cast, undefined, life)
      return await keeper.keep({ ...kept, claim: claimAlone(house, id), serve }, signal)
    }
    const tell: TellShards = (here, processes) =>
      log.info('the shards that are here', { account: id, here: here.join(', '), of: shards, processes })
    const claim = () => claimShards(storage.database, id, shards, tell)
    const serve = (life: AbortSignal, { share }: ShardRight) => serveWhile(cast, share, life)
    await keeper.keep({ ...kept, claim, serve }, signal)
  }

  for (const cast of casts) checkNames(cast)
  const ready = casts.filter(({ token }) => isToken(token))
  if (ready.length === 0) throw noToken()
  for (const { token, persona } of casts)
    if (!isToken(token)) keeper.refuse(`${persona.name} on Discord`, noToken())
  await Promise.all(ready.map(keep))
}

const nameOf = (token: string, { name }: Persona) => `${name} on Discord (bot ${botIdOf(token)})`

/** In a server they are told apart by their names, which Discord must take. Throws `HearthError`. */
function checkNames({ persona, guests }: DiscordCast): void {
  const names = [persona, ...guests].map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  const refused = guests.find(({ name }) => /clyde|discord/i.test(name))?.name
  if (twice === undefined && refused === undefined) return
  throw configError(
    twice === undefined
      ? `Discord lets nobody speak as ${refused} through another bot.`
      : `Two personas of one bot on Discord are called ${twice}.`,
    {
      code: 'discord-guest-name',
      mend: 'Change the name in one of the persona files, or take the persona out of `discord.accounts[].guests`.',
    },
  )
}
