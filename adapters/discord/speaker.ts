import type { Adapter } from '../../src/core/adapter.ts'
import type { Account } from '../../src/core/conversation.ts'
import { externalId } from '../../src/core/ids.ts'
import type { AccountRecords, StandingMessages } from '../../src/core/store.ts'
import type { Life } from '../life.ts'
import type { Doorman } from '../pairing.ts'
import { createCourtesies } from './courtesies.ts'
import { messageChars } from './encode.ts'
import { accountClosed } from './errors.ts'
import type { Gateways } from './gateways.ts'
import { createInbound } from './inbound.ts'
import type { Interactions, Use } from './interactions.ts'
import { createLanes, type Lanes } from './lanes.ts'
import type { Listen } from './listeners.ts'
import type { TellNews } from './news.ts'
import { readPlaces } from './places.ts'
import type { CallDiscord } from './rest.ts'
import { createTakeSaid, type SaidOptions } from './said.ts'
import { createSender } from './sender.ts'
import type { Typing } from './typing.ts'
import type { Voice } from './voice.ts'

export interface SpeakerOptions extends Omit<SaidOptions, 'self' | 'refuse' | 'gateway'> {
  readonly account: Account
  /** The bot through which they speak. */
  readonly bot: string
  /** True for somebody else than the bot itself. */
  readonly guest: boolean
  readonly voice: Voice
  readonly call: CallDiscord
  readonly gateway: Omit<Gateways, 'open'>
  /** Until the signal comes, with all others who speak through the bot. */
  readonly listen: (listen: Listen, signal: AbortSignal) => Promise<void>
  /** False while other processes serve the bot too. */
  readonly isAlone: () => boolean
  readonly interactions: Interactions
  readonly typing: Typing
  readonly records: AccountRecords
  readonly standing: StandingMessages
  readonly doorman: Doorman
  readonly life: Life
  readonly tell: TellNews
  /** Whether a command or a button is for them. */
  readonly isMeant: (use: Use) => boolean
  /** Done at every beginning of a connection. */
  readonly onReady: (application: string, lanes: Lanes, signal: AbortSignal) => void
}

/** Requests are scarce: what is short is not sent in two. */
const graceMs = 250
/** Five edits in five seconds are one channel's share; with a little to spare for what else is changed there. */
const editPauseMs = () => 1_250

/** One persona's account: the bot itself, or a guest's. Nothing is read before `start`. */
export function createSpeaker(options: SpeakerOptions): Adapter {
  const { account, bot, guest, voice, call, interactions, typing, records, doorman, life, tell } = options
  const sender = createSender(voice, call, createCourtesies(life.signal), life.signal, options.isAlone)
  const said = createTakeSaid({
    ...options,
    self: guest ? undefined : bot,
    async refuse(channel, user, text, signal) {
      const key = { id: `refusal ${user} ${text}`, firstTriedAt: new Date() }
      await sender.send(channel, { text, kind: 'notice', final: true }, key, signal)
    },
  })

  return {
    account,
    limits: {
      messageChars,
      canEdit: true,
      graceMs,
      editPauseMs,
      bursts: true,
      operator: false,
      answersAlone: true,
    },

    async start(onEvent, callerSignal) {
      const signal = life.of(callerSignal)
      await options.listen(async (gateway, shard) => {
        const places = await readPlaces(account.id, records, shard)
        const ending = new AbortController()
        const running = AbortSignal.any([signal, ending.signal])
        const lanes = createLanes(tell, running)
        const parts = {
          ...options,
          self: bot,
          gateway,
          places,
          lanes,
          said,
          sender,
          onReady: (application: string) => options.onReady(application, lanes, running),
          refusal: (user: string) => doorman.refusal(user),
        }
        return {
          take: createInbound(parts, onEvent, running),
          async settled() {
            await lanes.settled()
            await places.settled()
          },
          async end() {
            ending.abort(accountClosed())
            await lanes.settled()
            await places.settled()
          },
        }
      }, signal)
    },

    async send(room, content, key, callerSignal) {
      const signal = life.of(callerSignal)
      if (content.answers !== undefined) {
        const answer = await interactions.answer(content.answers, content.text, signal)
        if (answer !== undefined) return answer
        // Who asked is told alone or not at all: the others have not asked.
        if (room.kind === 'group') return externalId(key.id)
      }
      // A webhook's message takes nobody's typing away.
      if (!guest) typing.over(room.externalId)
      return await sender.send(room.externalId, content, key, signal)
    },

    async edit(room, message, content, key, callerSignal) {
      await sender.edit(room.externalId, message, content, key, life.of(callerSignal))
    },

    async remove(room, message, _key, callerSignal) {
      await sender.remove(room.externalId, message, life.of(callerSignal))
    },

    async signalTyping(room, callerSignal) {
      await typing.show(room.externalId, life.of(callerSignal))
    },

    async [Symbol.asyncDispose]() {
      life.end()
    },
  }
}
