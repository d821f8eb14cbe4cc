import { setTimeout as sleep } from 'node:timers/promises'
import { connectDiscord } from '../adapters/discord/connect.ts'
import type { DiscordNews } from '../adapters/discord/news.ts'
import { botIdOf, discordAccountId } from '../adapters/discord/token.ts'
import { createDoorman } from '../adapters/pairing.ts'
import type { AccountKeeper } from './accounts.ts'
import type { ModelInfo } from './core/model.ts'
import type { Persona } from './core/persona.ts'
import type { House } from './house.ts'
import type { DiscordConfig } from './ops/config.ts'
import type { Engine } from './turn/engine.ts'

export interface DiscordCast {
  readonly token: string
  readonly adult: boolean
  readonly persona: Persona
}

const minuteMs = 60_000
/** The longest that a timer takes. */
const foreverMs = 2 ** 31 - 1

/** Serves the bots on Discord until the signal comes. */
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
  const { records } = storage.store

  async function serveWhile({ token, adult, persona }: DiscordCast, life: AbortSignal): Promise<void> {
    const account = { id: discordAccountId(token), platform: 'discord' } as const
    const name = nameOf(token, persona)
    const tell = (news: DiscordNews) => {
      metrics.discord(news.kind)
      keeper.tell({ id: account.id, name }, news, 'Discord')
    }
    await using adapter = connectDiscord({
      account,
      token,
      api: config.api,
      files: config.files,
      records,
      personaName: persona.name,
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
      shards: config.shards,
      tell,
    })
    say(`${persona.name} is a bot on Discord and speaks through ${model.name}.`)
    log.info('account started', { account: account.id, persona: persona.id })
    await engine.serve(adapter, persona.id, { oneByOne: false }, life)
    // What is being shown comes to its end while the account can still send it.
    if (signal.aborted) await engine[Symbol.asyncDispose]()
  }

  await Promise.all(
    casts.map((cast) =>
      keeper.keep(
        {
          id: discordAccountId(cast.token),
          name: nameOf(cast.token, cast.persona),
          serve: (life) => serveWhile(cast, life),
          // A token that is refused can only be mended in the configuration, which is read at the next start.
          mended: (waitMs, life) =>
            sleep(Math.min(waitMs, foreverMs), undefined, { signal: life }).catch(() => undefined),
        },
        signal,
      ),
    ),
  )
}

const nameOf = (token: string, { name }: Persona) => `${name} on Discord (bot ${botIdOf(token)})`
