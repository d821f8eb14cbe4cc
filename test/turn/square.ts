import { setTimeout as sleep } from 'node:timers/promises'
import type { Adapter, OnEvent, Outgoing } from '../../src/core/adapter.ts'
import type { MessageEvent, RoomReference, SenderReference } from '../../src/core/events.ts'
import { accountId, externalId } from '../../src/core/ids.ts'
import { isNamedIn } from '../../src/core/named.ts'
import type { Persona } from '../../src/core/persona.ts'

/** Somebody on the square who is no persona of the house. */
export interface Passer {
  readonly id: string
  readonly name: string
  /** The platform says so. */
  readonly isBot?: boolean
}

export interface Line {
  readonly id: string
  readonly by: string
  text: string
  readonly to: readonly string[]
}

/** To whom something is said, beside whoever is named in it. */
export interface SayOptions {
  readonly mentions?: readonly string[]
  readonly answers?: Line
}

/**
 * A platform in memory, with one room in which all are: it delivers what people say to each account by itself, some
 * later than others, and a bot's as a bot's. What personas say it shows, and tells no account of.
 */
export interface Square {
  /** In the order in which they appeared. */
  readonly lines: readonly Line[]
  /** Every text that ever stood there, also while it was written. */
  readonly shown: readonly string[]
  adapterOf(persona: Persona): Adapter
  /** Resolves when every account has taken it. */
  say(by: Passer, text: string, options?: SayOptions): Promise<Line>
}

interface Listening {
  readonly persona: Persona
  readonly onEvent: OnEvent
  last: Promise<void>
}

/** `delayMs`: how long an account's news are under way; without it one account hears after the other. `onLine`: a persona has said something. */
export function openSquare(
  name: string,
  delayMs: ((account: string, line: string) => number) | undefined,
  onLine: (line: Line) => void = () => undefined,
): Square {
  const room: RoomReference = { externalId: externalId(name), kind: 'group' }
  const lines: Line[] = []
  const shown: string[] = []
  const accounts = new Map<string, Listening>()
  const byKey = new Map<string, Line>()

  function post(by: string, text: string, to: readonly string[] = []): Line {
    const line = { id: `line ${lines.length}`, by, text, to }
    lines.push(line)
    return line
  }

  function eventFor(persona: Persona, by: Passer, line: Line, { mentions = [], answers }: SayOptions) {
    const sender: SenderReference = { externalId: externalId(by.id), displayName: by.name }
    const base = { kind: 'message', room, sender, at: new Date(), externalId: externalId(line.id) } as const
    const isMeant =
      mentions.includes(persona.id) || answers?.by === persona.id || isNamedIn(line.text, [persona.name])
    const event: MessageEvent = {
      ...base,
      text: line.text,
      ...((by.isBot === true || !isMeant) && { unanswered: true }),
      ...(by.isBot !== true && !isMeant && mentions.length === 0 && answers === undefined && { toAll: true }),
    }
    return event
  }

  return {
    lines,
    shown,
    adapterOf(persona) {
      const show = (line: Line, { text, final, kind }: Outgoing) => {
        if (kind === 'notice') throw new Error(`a notice: ${text}`)
        line.text = text
        shown.push(text)
        if (final) onLine(line)
      }
      return {
        account: { id: accountId(`${name}-${persona.id}`), platform: 'matrix' },
        limits: {
          messageChars: 4_000,
          canEdit: true,
          // One of them is seen to write, which costs more.
          graceMs: persona.manners.settleMs === 0 ? 0 : 1_000,
          editPauseMs: () => 5,
          bursts: true,
          operator: false,
          answersAlone: true,
        },
        start(onEvent, signal) {
          accounts.set(persona.id, { persona, onEvent, last: Promise.resolve() })
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
        },
        async send(_room, content, { id }) {
          const line = byKey.get(id) ?? post(persona.id, '')
          if (!byKey.has(id)) show(line, content)
          byKey.set(id, line)
          return externalId(line.id)
        },
        async edit(_room, message, content) {
          const line = lines.find(({ id }) => id === message)
          if (line !== undefined) show(line, content)
        },
        async remove() {
          throw new Error('nothing is taken back here')
        },
        async signalTyping() {},
        async [Symbol.asyncDispose]() {},
      }
    },
    async say(by, text, options = {}) {
      const line = post(by.id, text, [...(options.mentions ?? []), options.answers?.by ?? ''])
      const tell = ({ persona, onEvent }: Listening) => onEvent(eventFor(persona, by, line, options))
      if (delayMs === undefined) for (const each of accounts.values()) await tell(each)
      else
        await Promise.all(
          [...accounts.values()].map((each) => {
            const before = each.last
            each.last = sleep(delayMs(each.persona.id, line.id))
              .then(() => before)
              .then(() => tell(each))
            return each.last
          }),
        )
      return line
    },
  }
}
