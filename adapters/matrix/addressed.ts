import { isNamedIn } from '../../src/core/named.ts'
import type { Decoded } from './decode.ts'

/**
 * Whether a message in a group names the persona: by a mention, or by its name as a word of its own.
 * Replies to it and threads that it takes part in are the caller's to find out.
 */
export function isNamed(
  message: Extract<Decoded, { kind: 'message' }>,
  self: string,
  names: readonly string[],
): boolean {
  if (message.mentions.includes(self)) return true
  if (message.text.includes(self)) return true
  return isNamedIn(message.text, names)
}
