import type { Adapter, Outgoing } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import { HearthError } from '../core/errors.ts'
import type { ExternalId } from '../core/ids.ts'
import type { Delivery, SentPart } from '../core/store.ts'
import type { TurnTools } from './tools.ts'

/** One visible message of the reply. */
export interface Part {
  readonly slot: number
  /** The swipe and the turn's revision for which it was sent first. */
  readonly swipe: number
  readonly revision: number
  readonly firstTriedAt: Date
  externalId: ExternalId | undefined
  /** Somebody meant to send it; nobody knows whether it has arrived, and with which text. */
  uncertain: boolean
  shownText: string | undefined
  shownFinal: boolean
}

export function newPart(delivery: Delivery, uncertain: boolean): Part {
  return { ...delivery, uncertain, shownText: undefined, shownFinal: false }
}

/** Sends, edits and takes back the messages of one turn's reply, each so that it may be tried again. */
export interface PartShower {
  /** `durable`: the whole reply is, so that every other worker would show this text too. */
  show(part: Part, content: Outgoing, durable: boolean): Promise<void>
  takeBack(part: Part): Promise<void>
  /** What was sent of a durable reply, and not told to the log yet: it can be told with the turn's end. */
  takeUnconfirmed(): readonly SentPart[]
  /** Resolves when the log knows of everything that was sent; what it could not take is found again by its key. */
  confirmed(): Promise<void>
}

export function createPartShower(
  turn: Turn,
  adapter: Adapter,
  tools: Pick<TurnTools, 'deliveries' | 'observer'>,
  signal: AbortSignal,
): PartShower {
  const log = tools.deliveries
  const confirmations: Promise<void>[] = []
  let unconfirmed: SentPart[] = []
  const edits = { count: 0 }

  async function show(part: Part, content: Outgoing, durable: boolean): Promise<void> {
    if (part.shownText === content.text && part.shownFinal === content.final) return
    if (part.externalId === undefined) {
      const { uncertain } = part
      await send(part, content, durable)
      // The platform may have kept to what came with the key before, with the text that it had.
      if (uncertain) await show(part, content, durable)
    } else if (adapter.limits.canEdit) {
      // What is durable has one key for all tries, so that a takeover does not show it again. It holds the
      // revision, since the same swipe may be chosen again. An edit on the way there must not be taken for
      // an earlier one, by this worker or by another.
      edits.count++
      const whole = `${turn.id}.${part.slot}.${turn.swipe}.${turn.revision}`
      const id = durable ? whole : `${whole}.${turn.attempt}.${edits.count}`
      await adapter.edit(turn.room, part.externalId, content, { id, firstTriedAt: new Date() }, signal)
    }
    part.shownText = content.text
    part.shownFinal = content.final
  }

  async function send(part: Part, content: Outgoing, durable: boolean): Promise<ExternalId> {
    // As that of the edit which shows the whole of the same reply: it has been shown if either has.
    const id = `${turn.id}.${part.slot}.${part.swipe}.${part.revision}`
    const key = { id, firstTriedAt: part.firstTriedAt }
    const { uncertain } = part
    // An answer that gets lost on its way leaves a message behind.
    part.uncertain = true
    try {
      part.externalId = await counted(adapter.send(turn.room, content, key, signal))
    } catch (error) {
      if (content.outdated?.aborted && error === content.outdated.reason) part.uncertain = uncertain
      throw error
    }
    const sent = { slot: part.slot, externalId: part.externalId }
    if (durable) unconfirmed.push(sent)
    else confirm(sent)
    return sent.externalId
  }

  async function takeBack(part: Part): Promise<void> {
    // The same key finds the message of which nobody knows whether it stands there.
    const id = part.externalId ?? (await send(part, { text: '…', kind: 'reply', final: true }, false))
    const key = { id: `${turn.id}.${part.slot}.removal`, firstTriedAt: new Date() }
    await adapter.remove(turn.room, id, key, signal)
    await log.remove(turn, part.slot)
  }

  /** Beside the stream and the turn's end, which need not wait for it. */
  function confirm({ slot, externalId }: SentPart): void {
    confirmations.push(log.confirm(turn, slot, externalId).catch(() => undefined))
  }

  async function counted<T>(sending: Promise<T>): Promise<T> {
    try {
      const sent = await sending
      tools.observer.delivered(adapter.account.platform, 'ok')
      return sent
    } catch (error) {
      const result = error instanceof HearthError ? error.code : 'interrupted'
      tools.observer.delivered(adapter.account.platform, result)
      throw error
    }
  }

  return {
    show,
    takeBack,
    takeUnconfirmed() {
      const taken = unconfirmed
      unconfirmed = []
      return taken
    },
    async confirmed() {
      for (const sent of unconfirmed) confirm(sent)
      await Promise.all(confirmations)
    },
  }
}
