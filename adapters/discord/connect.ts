import type { Adapter } from '../../src/core/adapter.ts'
import type { Account } from '../../src/core/conversation.ts'
import type { Avatar } from '../../src/core/persona.ts'
import type { AccountRecords, StandingMessages } from '../../src/core/store.ts'
import { createLife } from '../life.ts'
import type { Doorman } from '../pairing.ts'
import type { Allowed } from './allowed.ts'
import { createApplicationId } from './application-id.ts'
import { slashCommands, whomOption } from './commands.ts'
import { accountClosed, wrongToken } from './errors.ts'
import { createGateways } from './gateways.ts'
import { createShowPicture } from './guest-picture.ts'
import { createGuestVoice } from './guest-voice.ts'
import { createInteractions, optionOf, type Use } from './interactions.ts'
import type { Lanes } from './lanes.ts'
import { followFor, gatherListeners, type Listen } from './listeners.ts'
import type { TellNews } from './news.ts'
import { offerCommands } from './offer.ts'
import { createPacer } from './pacer.ts'
import { openRest, type RestOptions } from './rest.ts'
import type { Shard, ShardShare } from './shards.ts'
import { createSpeaker } from './speaker.ts'
import { botIdOf } from './token.ts'
import { createTyping } from './typing.ts'
import { createBotVoice, type Voice } from './voice.ts'

/** A persona that speaks through another one's bot, in servers. */
export interface Guest {
  readonly account: Account
  readonly personaName: string
  readonly avatar: Avatar | undefined
}

export interface DiscordOptions extends RestOptions {
  readonly account: Account
  readonly records: AccountRecords
  readonly standing: StandingMessages
  readonly personaName: string
  /** No two have the same name, and none has the bot's persona's. */
  readonly guests: readonly Guest[]
  readonly doorman: Doorman
  readonly allowed: Allowed
  /** Channels in which everything is answered, by the bot's own persona. */
  readonly always: readonly string[]
  /** The personas answer in servers only where channels are age-restricted. */
  readonly adult: boolean
  /** What was said longer ago, while the account was away, is kept and not answered. */
  readonly catchUpMs: number
  /** Undefined: this process serves all shards, as many as Discord recommends. */
  readonly share: ShardShare | undefined
  /** Where attachments lie; undefined: at Discord. */
  readonly files: string | undefined
  readonly tell: TellNews
}

/**
 * One bot on Discord: its own account, and then those of its guests, in their order. Nothing is read before all
 * of them are started. Closing one closes all.
 */
export function connectDiscord(options: DiscordOptions): readonly [Adapter, ...Adapter[]] {
  const { token, allowed, guests, personaName, records, share, tell } = options
  const self = botIdOf(token)
  const life = createLife(accountClosed)
  /** Told by the first call that Discord refuses the token for. */
  const signedOut = new AbortController()
  const signOut = () => signedOut.abort(wrongToken())
  const processes = () => share?.processes() ?? 1
  const isAlone = () => processes() === 1
  const pacer = createPacer(processes)
  const call = openRest(options, life.signal, signOut, pacer)
  const callOnce = openRest({ ...options, retries: 0 }, life.signal, signOut, pacer)
  const application = createApplicationId(call)
  const servers = allowed.guilds.length > 0 || allowed.channels.length > 0
  const gateways = createGateways({ ...options, servers, awaitTurn: share?.awaitTurn, pacer })
  const common = {
    ...options,
    bot: self,
    call,
    gateway: gateways,
    listen: gatherListeners(1 + guests.length, serve),
    isAlone,
    interactions: createInteractions(call),
    typing: createTyping(call),
    life,
  }

  const voiceOf = ({ personaName: name, account, avatar }: Guest): Voice =>
    createGuestVoice({
      name,
      showPicture: createShowPicture({ account, avatar, records, call, tell, life: life.signal }),
      application,
      call,
      callOnce,
      gateway: gateways,
      isAlone,
      life: life.signal,
    })
  const cast = guests.map((guest) => {
    const voice = voiceOf(guest)
    return { guest, voice, isMeant: (use: Use) => isFor(use, guest.personaName, voice) }
  })

  let introduced = false
  function introduce(applicationId: string, lanes: Lanes, signal: AbortSignal): void {
    application.learn(applicationId)
    lanes.run('commands', async () => {
      if (introduced) return
      const personas = [personaName, ...guests.map((guest) => guest.personaName)]
      await offerCommands(call, applicationId, slashCommands(personas), signal)
      introduced = true
    })
  }

  /** Until the signal comes, or Discord does not know the token any more. */
  async function serve(all: readonly Listen[], signal: AbortSignal): Promise<void> {
    const wanted = AbortSignal.any([signal, signedOut.signal])
    async function serveOne(shard: Shard | undefined, held: AbortSignal): Promise<void> {
      using gateway = gateways.open(shard)
      await followFor(all, gateway, shard, tell, held, wanted)
    }
    await (share === undefined ? serveOne(undefined, wanted) : share.hold(serveOne, wanted))
    if (signedOut.signal.aborted && !signal.aborted) throw wrongToken()
  }

  return [
    createSpeaker({
      ...common,
      guest: false,
      voice: createBotVoice(self, call),
      // What nobody else is meant by, also where somebody is no guest any more.
      isMeant: (use) => !cast.some(({ isMeant }) => isMeant(use)),
      onReady: introduce,
    }),
    ...cast.map(({ guest, voice, isMeant }) =>
      createSpeaker({
        ...common,
        ...guest,
        guest: true,
        voice,
        always: [],
        isMeant,
        onReady: () => undefined,
      }),
    ),
  ]
}

const isFor = (use: Use, name: string, voice: Voice): boolean =>
  'message' in use ? voice.isOwn(use.message) : optionOf(use, whomOption) === name
