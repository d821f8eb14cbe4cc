import { setTimeout as sleep } from 'node:timers/promises'
import type { Adapter } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import { isAbort } from '../core/errors.ts'
import type { Delivery, SentPart } from '../core/store.ts'
import { isBlank } from '../core/text.ts'
import { Interruption, type TurnControl } from './control.ts'
import { createPartShower, newPart, type Part } from './part.ts'
import { split } from './split.ts'
import type { TurnTools } from './tools.ts'

const typingEveryMs = 4_000
/** Before that nobody misses it. */
const typingAfterMs = 40

/** Shows one turn's reply: first as it grows, at the platform's pace, then whole. */
export interface DeliveryInProgress extends AsyncDisposable {
  /** True from the first visible sign of the reply. */
  readonly begun: boolean
  /** There is more of the reply. `read` gives the whole text so far, and is asked only when it is shown. */
  grow(read: () => string): void
  /**
   * Shows the whole reply. When it resolves, the platform has all of it; what the delivery log was not
   * told of yet is to be told with the turn's end. Throws `HearthError`.
   */
  finish(text: string): Promise<readonly SentPart[]>
  /** Takes back whatever is shown of the turn. Throws `HearthError`. */
  takeDown(): Promise<void>
}

export function startDelivery(
  turn: Turn,
  adapter: Adapter,
  tools: Pick<TurnTools, 'queue' | 'deliveries' | 'observer'>,
  control: TurnControl,
): DeliveryInProgress {
  const { signal } = control
  const { editPauseMs, graceMs } = adapter.limits
  const log = tools.deliveries
  const shower = createPartShower(turn, adapter, tools, signal)
  const typing = new AbortController()
  /** The whole reply makes what is on show before it a waste. */
  const outdated = new AbortController()
  /** The end of a reply does not wait for the pace at which it grew. */
  const pace = createPace()
  const fresh = turn.swipe === 0 && turn.attempt === 1
  let parts: Part[] | undefined
  let begun = false
  let latest = () => ''
  let streaming: Promise<void> | undefined
  let finishing = false

  if (turn.kind === 'reply' && turn.state === 'running') void keepTyping(adapter, turn, typing.signal, signal)

  /** A new swipe, or a turn that was taken over, goes into the messages that are there already. */
  function usableParts(slots: readonly Delivery[]): Part[] {
    return slots
      .filter(({ revision }) => adapter.limits.canEdit || revision === turn.revision)
      .map((delivery) => newPart(delivery, !fresh && delivery.externalId === undefined))
  }

  async function nextPart(): Promise<Part> {
    const delivery = await log.reserve(turn)
    if (delivery === undefined) throw new Interruption('lost')
    return newPart(delivery, false)
  }

  async function render(text: string, final: boolean): Promise<void> {
    // A new turn's first slot was reserved with its reply.
    parts ??= fresh ? [newPart(firstSlot(turn), false)] : usableParts(await log.list(turn))
    const texts = split(text, adapter.limits.messageChars)
    for (const [index, partText] of texts.entries()) {
      const part = parts[index] ?? (await nextPart())
      parts[index] = part
      const growing = !final && index === texts.length - 1
      const content = { text: partText, kind: 'reply', final: !growing } as const
      await shower.show(part, growing ? { ...content, outdated: outdated.signal } : content, final)
    }
    if (!final || !adapter.limits.canEdit) return
    for (const part of parts.splice(texts.length)) await shower.takeBack(part)
  }

  async function stream(): Promise<void> {
    if (!begun) {
      await pace.pause(graceMs)
      if (finishing || isBlank(latest())) return
      const slots = await tools.queue.show(turn)
      if (slots === undefined) return control.interrupt('changed')
      begun = true
      typing.abort(enough)
      parts = usableParts(slots)
    }
    let shown = ''
    while (!finishing && !signal.aborted) {
      const text = latest()
      if (text === shown) return
      shown = text
      await render(shown, false)
      await pace.pause(editPauseMs(shown.length))
    }
  }

  /** What was begun comes to its end, and nothing more is shown of a reply that grows. */
  async function settle(): Promise<void> {
    finishing = true
    pace.end()
    typing.abort(enough)
    outdated.abort(enough)
    await streaming
  }

  return {
    get begun() {
      return begun
    },
    grow(read) {
      latest = read
      if (!adapter.limits.canEdit || streaming !== undefined) return
      // A partial that could not be shown is no loss: the whole reply follows, with its own errors.
      streaming = stream()
        .catch(() => pace.pause(editPauseMs(0)))
        .finally(() => {
          streaming = undefined
        })
    },
    async finish(text) {
      await settle()
      begun = true
      await render(text, true)
      return shower.takeUnconfirmed()
    },
    async takeDown() {
      await settle()
      for (const delivery of await log.list(turn)) {
        if (adapter.limits.canEdit) await shower.takeBack(newPart(delivery, true))
        // It stays where it is, and nothing is done about it again.
        else await log.remove(turn, delivery.slot)
      }
    },
    async [Symbol.asyncDispose]() {
      await settle()
      await shower.confirmed()
    },
  }
}

/** Waits until the time is over, or the end comes first; after the end not at all. */
function createPace(): { pause(ms: number): Promise<void>; end(): void } {
  let ended = false
  let end = () => {}
  return {
    pause(ms) {
      if (ended) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        end = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    },
    end() {
      ended = true
      end()
    },
  }
}

/** Without a reason each `abort` would make one, with a stack trace: 0.1 ms. */
const enough = new Interruption('changed')

const firstSlot = ({ revision }: Turn): Delivery => ({
  slot: 0,
  swipe: 0,
  revision,
  firstTriedAt: new Date(),
  externalId: undefined,
})

/**
 * Typing is a courtesy: it must not delay the model's work, and when it fails, the reply still comes.
 * `signal` is linked after the wait, since that costs more than most short turns have to spare.
 */
async function keepTyping(
  adapter: Adapter,
  turn: Turn,
  enough: AbortSignal,
  everything: AbortSignal,
): Promise<void> {
  try {
    await sleep(typingAfterMs, undefined, { signal: enough })
    const signal = AbortSignal.any([enough, everything])
    while (!signal.aborted) {
      await adapter.signalTyping(turn.room, signal)
      await sleep(typingEveryMs, undefined, { signal })
    }
  } catch (error) {
    if (!isAbort(error)) return
  }
}
