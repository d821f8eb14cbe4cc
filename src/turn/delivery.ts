import { setTimeout as sleep } from 'node:timers/promises'
import type { Adapter, Outgoing } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import { HearthError, isAbort } from '../core/errors.ts'
import type { ExternalId } from '../core/ids.ts'
import type { Delivery } from '../core/store.ts'
import type { TurnControl } from './control.ts'
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
  let parts: Part[] | undefined
  let begun = false
  let latest = ''
  let streaming: Promise<void> | undefined
  let finishing = false

  if (turn.kind === 'reply' && turn.state === 'running')
    void keepTyping(adapter, turn, AbortSignal.any([typing.signal, signal]))

  /** A new swipe, or a turn that was taken over, goes into the messages that are there already. */
  async function knownParts(): Promise<Part[]> {
    const fresh = turn.swipe === 0 && turn.attempt === 1
    const known: readonly Delivery[] = fresh ? [] : await log.list(turn)
    const usable = known.filter(({ swipe }) => adapter.limits.canEdit || swipe === turn.swipe)
    return usable.map((delivery) => newPart(delivery, delivery.externalId === undefined))
  }

  async function show(part: Part, content: Outgoing): Promise<void> {
    if (part.shownText === content.text && part.shownFinal === content.final) return
    // What is final has one key for all tries, so that a takeover does not show it again; an edit on
    // the way there must not be taken for an earlier one, by this worker or by another.
    const whole = `${turn.id}.${part.slot}.${turn.swipe}`
    if (part.externalId === undefined) {
      const key = { id: whole, firstTriedAt: part.firstTriedAt }
      part.externalId = await counted(adapter.send(turn.room, content, key, signal))
      await log.confirm(turn, part.slot, part.externalId)
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

  async function render(text: string, final: boolean): Promise<void> {
    parts ??= await knownParts()
    const texts = split(text, adapter.limits.messageChars)
    for (const [index, partText] of texts.entries()) {
      const part = parts[index] ?? newPart(await log.reserve(turn), false)
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
      if (!(await tools.queue.show(turn))) return control.interrupt('changed')
      begun = true
      typing.abort()
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
