import { Routes } from 'discord.js'
import type { Adapter } from '../../src/core/adapter.ts'
import type { Account } from '../../src/core/conversation.ts'
import { externalId } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { createLife } from '../life.ts'
import type { Doorman } from '../pairing.ts'
import type { Allowed } from './allowed.ts'
import { slashCommands } from './commands.ts'
import { createCourtesies } from './courtesies.ts'
import { messageChars } from './encode.ts'
import { accountClosed, wrongToken } from './errors.ts'
import { createGateway } from './gateway.ts'
import { createInbound } from './inbound.ts'
import { createInteractions } from './interactions.ts'
import { createLanes } from './lanes.ts'
import type { TellNews } from './news.ts'
import { readPlaces } from './places.ts'
import { openRest, type RestOptions } from './rest.ts'
import { createTakeSaid } from './said.ts'
import { createSender } from './sender.ts'
import { botIdOf } from './token.ts'
import { createTyping } from './typing.ts'

export interface DiscordOptions extends RestOptions {
  readonly account: Account
  readonly records: AccountRecords
  readonly personaName: string
  readonly doorman: Doorman
  readonly allowed: Allowed
  /** Channels in which everything is answered. */
  readonly always: readonly string[]
  /** The persona answers in servers only where channels are age-restricted. */
  readonly adult: boolean
  /** What was said longer ago, while the account was away, is kept and not answered. */
  readonly catchUpMs: number
  /** Undefined: as many as Discord recommends. */
  readonly shards: number | undefined
  /** Where attachments lie; undefined: at Discord. */
  readonly files: string | undefined
  readonly tell: TellNews
}

/** Requests are scarce: what is short is not sent in two. */
const graceMs = 250
/** Five edits in five seconds are one channel's share; with a little to spare for what else is changed there. */
const editPauseMs = () => 1_250

/** One bot on Discord. Nothing is read before `start`. */
export function connectDiscord(options: DiscordOptions): Adapter {
  const { account, token, records, allowed, doorman, catchUpMs, tell } = options
  const self = botIdOf(token)
  const life = createLife(accountClosed)
  /** Told by the first call that Discord refuses the token for. */
  const signedOut = new AbortController()
  const call = openRest(options, () => signedOut.abort(wrongToken()))
  const servers = allowed.guilds.length > 0 || allowed.channels.length > 0
  const gateway = createGateway({ ...options, servers })
  const sender = createSender(self, call, createCourtesies(life.signal), life.signal)
  const interactions = createInteractions(call)
  const typing = createTyping(call)
  const said = createTakeSaid({
    ...options,
    self,
    gateway,
    async refuse(channel, user, text, signal) {
      const key = { id: `refusal ${user} ${text}`, firstTriedAt: new Date() }
      await sender.send(channel, { text, kind: 'notice', final: true }, key, signal)
    },
  })

  return {
    account,
    limits: { messageChars, canEdit: true, graceMs, editPauseMs, bursts: true, operator: false },

    async start(onEvent, callerSignal) {
      const signal = life.of(callerSignal)
      const places = await readPlaces(account.id, records)
      const ending = new AbortController()
      const running = AbortSignal.any([signal, ending.signal])
      const lanes = createLanes(tell, running)
      let introduced = false
      const introduce = async () => {
        const route = Routes.applicationCommands(await applicationId(running))
        await call('put', route, 'offer commands', running, { body: slashCommands })
      }
      const onReady = () => {
        if (!introduced) lanes.run('commands', introduce)
        introduced = true
      }
      const refusal = (user: string) => doorman.refusal(user)
      const parts = {
        self,
        call,
        places,
        lanes,
        said,
        sender,
        interactions,
        onReady,
        refusal,
        gateway,
        catchUpMs,
      }
      try {
        const take = createInbound(parts, onEvent, running)
        await gateway.follow(take, AbortSignal.any([running, signedOut.signal]))
        if (signedOut.signal.aborted && !signal.aborted) throw wrongToken()
      } finally {
        ending.abort(accountClosed())
        await lanes.settled()
      }
    },

    async send(room, content, key, callerSignal) {
      const signal = life.of(callerSignal)
      if (content.answers !== undefined) {
        const answer = await interactions.answer(content.answers, content.text, signal)
        if (answer !== undefined) return answer
        // Who asked is told alone or not at all: the others have not asked.
        if (room.kind === 'group') return externalId(key.id)
      }
      typing.over(room.externalId)
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

  async function applicationId(signal: AbortSignal): Promise<string> {
    const { id } = await call<{ readonly id: string }>(
      'get',
      Routes.currentApplication(),
      'look itself up',
      signal,
    )
    return id
  }
}
