import { expect } from 'vitest'

/** The session and the place in its ratchet that a message was encrypted at, out of its envelope. */
export function ratchetPlace(content: Record<string, unknown>): string {
  const bytes = Buffer.from(String(content.ciphertext), 'base64')
  // A version, the tag of the index, and the index in groups of seven bits.
  expect(bytes[1]).toBe(0x08)
  let index = 0
  for (let at = 2, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] ?? 0
    index += (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return `${String(content.session_id)} ${index}`
}
