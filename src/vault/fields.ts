const lengthBytes = 4

/**
 * Strings one after the other, each with its length before it, so that no two lists of strings
 * give the same bytes: `['ab', 'c']` and `['a', 'bc']` must never be taken for each other.
 */
export function encodeFields(fields: readonly string[], prefix?: Uint8Array): Buffer {
  let size = prefix?.length ?? 0
  for (const field of fields) size += lengthBytes + Buffer.byteLength(field)
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  if (prefix) {
    bytes.set(prefix)
    at = prefix.length
  }
  for (const field of fields) {
    const length = bytes.write(field, at + lengthBytes)
    bytes.writeUInt32BE(length, at)
    at += lengthBytes + length
  }
  return bytes
}
