import { bucketCount } from './features.ts'

export interface Lesson {
  readonly features: Uint32Array
  readonly crisis: boolean
}

export interface Learned {
  readonly weights: Float32Array
  readonly bias: number
}

const rounds = 12
const step = 0.35
/** How much of a weight is lost at each lesson that has it: what is seen once shall not decide. */
const shrinkage = 2e-4

/** Numbers between 0 and 1, the same for the same seed (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const mixed = [...all]
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const kept = mixed[at] as T
    mixed[at] = mixed[other] as T
    mixed[other] = kept
  }
  return mixed
}

/** What the weights make of a message, before the threshold; 0 is undecided. */
export function weigh(features: Uint32Array, weights: Float32Array | Int8Array, bias: number): number {
  let sum = 0
  for (const feature of features) sum += weights[feature] ?? 0
  return bias + sum / Math.sqrt(Math.max(1, features.length))
}

/** Logistic regression by AdaGrad; both sides weigh the same, however many there are of each. */
export function learn(lessons: readonly Lesson[], seed: number): Learned {
  const random = randomFrom(seed)
  const weights = new Float32Array(bucketCount)
  const squares = new Float32Array(bucketCount)
  let bias = 0
  const crises = lessons.filter(({ crisis }) => crisis).length
  const weightOf = (crisis: boolean) => lessons.length / 2 / (crisis ? crises : lessons.length - crises)
  for (let round = 0; round < rounds; round++) {
    for (const { features, crisis } of shuffled(lessons, random)) {
      const scale = 1 / Math.sqrt(Math.max(1, features.length))
      const guess = 1 / (1 + Math.exp(-weigh(features, weights, bias)))
      const slope = (guess - Number(crisis)) * weightOf(crisis)
      for (const feature of features) {
        const weight = weights[feature] as number
        const pull = slope * scale + shrinkage * weight
        const square = (squares[feature] as number) + pull * pull
        squares[feature] = square
        weights[feature] = weight - (step * pull) / Math.sqrt(square + 1e-8)
      }
      bias -= 0.01 * slope
    }
  }
  return { weights, bias }
}
