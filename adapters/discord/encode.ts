import { createHash } from 'node:crypto'
import { MessageFlags } from 'discord.js'
import type { Outgoing } from '../../src/core/adapter.ts'
import { cleanText } from '../../src/core/text.ts'
import type { Buttons } from './buttons.ts'

export const messageChars = 2000

/** What is sent with every message: whatever it says, it rings nobody. */
const ringsNobody = { parse: [], replied_user: false } as const

/**
 * By which Discord shows one message for two sends, for some minutes; it takes 25 characters. Made of ids that
 * are ours alone, and hashed all the same.
 */
export const keyMark = (key: string): string =>
  createHash('sha256').update(key).digest('base64url').slice(0, 24)

export interface MessageBody {
  readonly content: string
  readonly allowed_mentions: typeof ringsNobody
  readonly flags: number
  readonly components?: Buttons
}

export function encodeMessage(content: Outgoing, components: Buttons | undefined): MessageBody {
  return {
    content: textOf(content),
    allowed_mentions: ringsNobody,
    // Discord would look up every address in it: what a model was talked into writing leaves nobody's house so.
    flags: MessageFlags.SuppressEmbeds,
    ...(components !== undefined && { components }),
  }
}

/** No longer than it was: what is split for the limit stays below it. */
function textOf({ text, kind }: Outgoing): string {
  const plain = cleanText(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
  // A model knows no ids: what looks like one would light somebody up who was not spoken to.
  const inert = plain.replace(/<(@[!&]?|#)\d{15,20}>/g, (_, sign: string) => (sign === '#' ? '#…' : '@…'))
  const small = inSmallPrint(inert)
  // Its marks may not cost it its end.
  const shown = kind === 'notice' && small.length <= messageChars ? small : inert
  return shown.slice(0, messageChars).toWellFormed()
}

/** Discord's mark for what is said beside the conversation. */
const inSmallPrint = (text: string): string => text.replace(/^(?=.)/gm, '-# ')
