import { isAlarm, readSigns } from './rules/read-signs.ts'
import type { Sign } from './rules/signs.ts'

/** A power of two. With half as many, recall at the same false alarms was four points lower. */
export const bucketCount = 1 << 17

const shortestGram = 2
const longestGram = 5
const mostWords = 400

/**
 * What a message has, as the numbers of buckets, each once: its words alone, in twos and in threes, what its words are
 * spelt of, and the signs of the rules alone and in twos. `normalised` is what `normalise` makes.
 */
export function readFeatures(normalised: string): Uint32Array {
  const found = new Set<number>()
  const words = (normalised.match(/[\p{L}\p{N}']+|[^\s\p{L}\p{N}']/gu) ?? []).slice(0, mostWords)
  for (const [at, word] of words.entries()) {
    const next = words[at + 1]
    const afterNext = words[at + 2]
    found.add(bucketOf(`1${word}`))
    if (next !== undefined) found.add(bucketOf(`2${word} ${next}`))
    if (next !== undefined && afterNext !== undefined) found.add(bucketOf(`3${word} ${next} ${afterNext}`))
    const framed = ` ${word.slice(0, 40)} `
    for (let size = shortestGram; size <= longestGram; size++) {
      for (let from = 0; from + size <= framed.length; from++) {
        found.add(bucketOf(`c${framed.slice(from, from + size)}`))
      }
    }
  }
  for (const feature of signFeatures(readSigns(normalised))) found.add(bucketOf(feature))
  return Uint32Array.from(found)
}

function signFeatures(signs: readonly Sign[]): readonly string[] {
  const loud = signs.filter(isAlarm)
  const quiet = signs.filter((sign) => !isAlarm(sign))
  return [
    ...signs.map((sign) => `s${sign}`),
    ...loud.flatMap((alarm) =>
      quiet.length === 0 ? [`s${alarm} alone`] : quiet.map((sign) => `s${alarm} ${sign}`),
    ),
  ]
}

/** FNV-1a, folded into the buckets. */
function bucketOf(feature: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < feature.length; at++) {
    hash = Math.imul(hash ^ feature.charCodeAt(at), 0x01000193)
  }
  return (hash ^ (hash >>> 15)) & (bucketCount - 1)
}
