/**
 * A number from 0 up to and without 1 that is the same for the same words, and spread evenly over different
 * ones: FNV-1a, with the finaliser of MurmurHash3. For choices that can be replayed, never for secrets.
 */
export function diceFor(...words: readonly string[]): number {
  return hashOf(words.join('\u0000')) / 2 ** 32
}

/** 32 bits, unsigned. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
