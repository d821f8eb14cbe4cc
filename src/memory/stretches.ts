import type { TalkMessage } from '../core/memory.ts'

/** Who pauses for so long has ended one stretch of talk. */
const pauseMs = 3 * 60 * 60_000
/** One that goes on and on is closed in parts: a small model loses the thread of more. */
export const messagesMost = 60
const charactersMost = 16_000

export interface Stretch {
  readonly messages: readonly TalkMessage[]
  /** Nothing more will be said in it. */
  readonly closed: boolean
}

/** What was said, in the order of the room, as stretches of talk. */
export function stretchesOf(messages: readonly TalkMessage[], now: Date): readonly Stretch[] {
  const stretches: { readonly messages: TalkMessage[]; characters: number }[] = []
  for (const message of messages) {
    const current = stretches.at(-1)
    const before = current?.messages.at(-1)
    const { length } = message.text
    if (
      current === undefined ||
      before === undefined ||
      message.saidAt.getTime() - before.saidAt.getTime() > pauseMs ||
      current.messages.length >= messagesMost ||
      current.characters + length > charactersMost
    ) {
      stretches.push({ messages: [message], characters: length })
    } else {
      current.messages.push(message)
      current.characters += length
    }
  }
  return stretches.map(({ messages: said }, index) => {
    const last = said.at(-1)
    const rested = last !== undefined && now.getTime() - last.saidAt.getTime() > pauseMs
    return { messages: said, closed: index < stretches.length - 1 || rested }
  })
}
