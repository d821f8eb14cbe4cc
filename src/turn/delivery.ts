import { setTimeout as sleep } from 'node:timers/promises'
import type { Adapter, Outgoing } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import { HearthError, isAbort } from '../core/errors.ts'
import type { ExternalId } from '../core/ids.ts'
import type { Delivery } from '../core/store.ts'
import { Interruption, type TurnControl } from './control.ts'
import { split } from './split.ts'
import type { TurnTools } from './tools.ts'

const typingEveryMs = 4_000

/** One visible message of the reply. */
interface Part {
  readonly slot: number
  readonly firstTriedAt: Date
  externalId: ExternalId | undefined
  /** An earlier worker meant to send it; nobody knows whether it did, and with which text. */
  readonly uncertain: boolean
  shownText: string | undefined
  shownFinal: boolean
}

/** Shows one turn's reply: first as it grows, at the platform's pace, then whole. */
export interface DeliveryInProgress extends AsyncDisposable {
  /** True from the first visible sign of the reply. */
  readonly begun: boolean
  /** Takes the whole text so far. Returns at once. */
  grow(text: string): void
  /** Shows the whole reply. When it resolves, the platform has all of it. Throws `HearthError`. */
  finish(text: string): Promise<void>
}

export function startDelivery(
  turn: Turn,
  adapter: Adapter,
  tools: Pick<TurnTools, 'queue' | 'deliveries' | 'observer'>,
  control: TurnControl,
): DeliveryInProgress {
  const { signal } = control
  const log = tools.deliveries
  const edits = { count: 0 }
  const typing = new AbortController()
  /** The end of a reply does not wait for the pace at which it grew. */
  const pacing = new AbortController()
  const confirmations: Promise<void>[] = []
  let parts: Part[] | undefined
  let begun = false
  let latest = ''
  let streaming: Promise<void> | undefined
  let finishing = false

  if (turn.kind === 'reply' && turn.state === 'running')
    void keepTyping(adapter, turn, AbortSignal.any([typing.signal, signal]))

  /** A new swipe, or a turn that was taken over, goes into the messages that are there already. */
  function usableParts(slots: readonly Delivery[]): Part[] {
    const fresh = turn.swipe === 0 && turn.attempt === 1
    return slots
      .filter(({ swipe }) => adapter.limits.canEdit || swipe === turn.swipe)
      .map((delivery) => newPart(delivery, !fresh && delivery.externalId === undefined))
  }

  async function show(part: Part, content: Outgoing): Promise<void> {
    if (part.shownText === content.text && part.shownFinal === content.final) return
    // What is final has one key for all tries, so that a takeover does not show it again; an edit on
    // the way there must not be taken for an earlier one, by this worker or by another.
    const whole = `${turn.id}.${part.slot}.${turn.swipe}`
    if (part.externalId === undefined) {
      const key = { id: whole, firstTriedAt: part.firstTriedAt }
      part.externalId = await counted(adapter.send(turn.room, content, key, signal))
      confirm(part.slot, part.externalId)
      // The platform may have kept to the earlier worker's message, with the text that it had.
      if (part.uncertain) await show(part, content)
    } else if (adapter.limits.canEdit) {
      edits.count++
      const id = content.final ? whole : `${whole}.${turn.attempt}.${edits.count}`
      await adapter.edit(turn.room, part.externalId, content, { id, firstTriedAt: new Date() }, signal)
    }
    part.shownText = content.text
    part.shownFinal = content.final
  }

  /** Beside the stream: the next edit need not wait for it, but the turn's end must. */
  function confirm(slot: number, externalId: ExternalId): void {
    const confirmation = log.confirm(turn, slot, externalId)
    confirmation.catch(() => undefined)
    confirmations.push(confirmation)
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

  async function nextPart(): Promise<Part> {
    const delivery = await log.reserve(turn)
    if (delivery === undefined) throw new Interruption('lost')
    return newPart(delivery, false)
  }

  async function render(text: string, final: boolean): Promise<void> {
    parts ??= usableParts(await log.list(turn))
    const texts = split(text, adapter.limits.messageChars)
    for (const [index, partText] of texts.entries()) {
      const part = parts[index] ?? (await nextPart())
      parts[index] = part
      await show(part, { text: partText, kind: 'reply', final: final || index < texts.length - 1 })
    }
    if (!final) return
    for (const part of parts.splice(texts.length)) {
      if (part.externalId === undefined) continue
      const key = { id: `${turn.id}.${part.slot}.removal`, firstTriedAt: new Date() }
      await adapter.remove(turn.room, part.externalId, key, signal)
      await log.remove(turn, part.slot)
    }
  }

  async function stream(): Promise<void> {
    if (!begun) {
      const slots = await tools.queue.show(turn)
      if (slots === undefined) return control.interrupt('changed')
      begun = true
      typing.abort()
      parts = usableParts(slots)
    }
    let shown = ''
    while (!finishing && !signal.aborted) {
      if (latest !== shown) {
        shown = latest
        await render(shown, false)
      }
      await sleep(1_000 / adapter.limits.editsPerSecond, undefined, { signal: pacing.signal })
      if (latest === shown) return
    }
  }

  return {
    get begun() {
      return begun
    },
    grow(text) {
      latest = text
      if (!adapter.limits.canEdit || streaming !== undefined || text.trim() === '') return
      // A partial that could not be shown is no loss: the whole reply follows, with its own errors.
      streaming = stream()
        .catch(() => undefined)
        .finally(() => {
          streaming = undefined
        })
    },
    async finish(text) {
      finishing = true
      pacing.abort()
      await streaming
      begun = true
      typing.abort()
      await render(text, true)
      await Promise.all(confirmations)
    },
    async [Symbol.asyncDispose]() {
      finishing = true
      pacing.abort()
      typing.abort()
      await streaming
    },
  }
}

function newPart(delivery: Delivery, uncertain: boolean): Part {
  return { ...delivery, uncertain, shownText: undefined, shownFinal: false }
}

/** Typing is a courtesy: when it fails, the reply still comes. */
async function keepTyping(adapter: Adapter, turn: Turn, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted) {
      await adapter.signalTyping(turn.room, signal)
      await sleep(typingEveryMs, undefined, { signal })
    }
  } catch (error) {
    if (!isAbort(error)) return
  }
}
