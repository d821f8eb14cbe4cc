import { LruMap } from '../core/lru-map.ts'
import { digest } from './fields.ts'

/** Enough for everything that was said within the same few minutes; bounds what a hostile file can make us keep. */
const momentsKept = 1_000
const numberedMost = 1_000

/**
 * Names for messages of a format that has none. They are made of what a later export of the same conversation
 * still has, also where the words were edited: who spoke, when, and as the how-manieth in that moment. The same
 * words by the same speaker in the same moment are the same message, written twice.
 */
export function createNumbering(): (speaker: string, moment: string, text: string) => string {
  const said = new LruMap<string, Map<string, number>>(momentsKept)
  return (speaker, moment, text) => {
    const words = digest(text)
    // Without a moment the words are all that there is.
    if (moment === '') return digest(speaker, words)
    const key = digest(speaker, moment)
    const numbers = said.get(key) ?? new Map<string, number>()
    const known = numbers.get(words)
    if (known === undefined && numbers.size === numberedMost) return `${key}.${words}`
    const number = known ?? numbers.size
    numbers.set(words, number)
    said.set(key, numbers)
    return `${key}.${number}`
  }
}
