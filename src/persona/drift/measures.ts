import { looksLikeRefusal } from './refusals.ts'

/** How a reply is written: counts, and whether it looks like a refusal. */
export interface ReplyMeasures {
  readonly characters: number
  readonly words: number
  readonly sentences: number
  readonly questions: number
  readonly emoji: number
  /** `*smiles*`. */
  readonly actions: number
  readonly refusal: boolean
}

const byWord = new Intl.Segmenter('en', { granularity: 'word' })
const bySentence = new Intl.Segmenter('en', { granularity: 'sentence' })

export function measureReply(text: string): ReplyMeasures {
  return {
    characters: Array.from(text).length,
    words: wordsOf(text).length,
    sentences: [...bySentence.segment(text)].filter(({ segment }) => /[\p{L}\p{N}]/u.test(segment)).length,
    questions: count(text, /[?？؟]+/g),
    emoji: count(text, /\p{RGI_Emoji}/gv),
    // Two asterisks are for bold text.
    actions: count(text, /(?<!\*)\*(?![\s*])[^*\n]*[^*\s]\*(?!\*)/g),
    refusal: looksLikeRefusal(text),
  }
}

/** Which share of all the different words of two texts both have, from 0 to 1; 1 of two that have none. */
export function sharedWords(one: string, other: string): number {
  const [a, b] = [new Set(wordsOf(one)), new Set(wordsOf(other))]
  const both = [...a].filter((word) => b.has(word)).length
  const all = a.size + b.size - both
  return all === 0 ? 1 : both / all
}

/** 0: the same direction; 1: nothing to do with each other; up to 2. */
export function cosineDistance(a: Float32Array, b: Float32Array): number {
  let dot = 0
  let [squareA, squareB] = [0, 0]
  for (const [index, x] of a.entries()) {
    const y = b[index] ?? 0
    dot += x * y
    squareA += x * x
    squareB += y * y
  }
  return squareA === 0 || squareB === 0 ? 1 : 1 - dot / Math.sqrt(squareA * squareB)
}

const wordsOf = (text: string): readonly string[] =>
  [...byWord.segment(text)].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment.toLowerCase())

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
