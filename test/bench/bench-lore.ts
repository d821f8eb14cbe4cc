import type { Lorebook } from '../../src/core/lore.ts'
import { readBook } from '../../src/persona/lore/read-book.ts'

const topics = [
  'mill',
  'harbour',
  'lighthouse',
  'orchard',
  'library',
  'ferry',
  'bakery',
  'chapel',
  'quarry',
  'inn',
]

/** What one of the bench's messages is about: another thing each time, so that lore comes and goes. */
export const topicOf = (turn: number): string => topics[(turn * 7) % topics.length] ?? ''

/**
 * A book as authors write them: an eighth stands always, at each of the places; of the rest two are brought by
 * each topic at most, one of them at a depth, and the others wait for words that nobody says.
 */
export function benchBook(entries: number): Lorebook {
  const positions = [0, 1, 4, 5]
  return readBook(
    {
      name: 'Bench',
      scan_depth: 2,
      recursive_scanning: false,
      extensions: {},
      entries: Array.from({ length: entries }, (_, index) => {
        const topic = topics[index % topics.length] ?? ''
        const constant = index % 8 === 0
        const wanted = index < 2 * topics.length
        return {
          id: index,
          keys: constant ? [] : [wanted ? topic : `word${index}`, `${topic} number ${index}`],
          content: `[${topic} ${index}: it was here before anybody can remember, and {{char}} has heard at least three stories about it, of which no two agree.]`,
          enabled: true,
          constant,
          insertion_order: index,
          selective: true,
          secondary_keys: [],
          use_regex: true,
          position: 'after_char',
          extensions: {
            position: positions[Math.floor(index / 8) % positions.length] ?? 1,
            depth: 4,
            role: 0,
            probability: 100,
          },
        }
      }),
    },
    'bench',
  )
}
