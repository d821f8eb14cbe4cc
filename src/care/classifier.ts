import { readFileSync } from 'node:fs'
import { bucketCount, readFeatures } from './features.ts'
import { weigh } from './learn.ts'
import { normalise } from './normalise.ts'

/** `train:care` writes it. Whole numbers of one byte, in base64; most of them are 0. */
export interface TrainedFile {
  readonly weights: string
  /** What the weight 1 stands for. */
  readonly unit: number
  readonly bias: number
  readonly thresholds: Thresholds
}

/** From where on a score counts. */
export interface Thresholds {
  readonly unsure: number
  readonly crisis: number
}

export interface Classifier {
  readonly thresholds: Thresholds
  /** How much a message looks like a crisis: 0 is undecided, and there is no end on either side. */
  score(text: string): number
}

/** Throws `TypeError` where the file is not one that `train:care` has written. */
export function createClassifier({ weights, unit, bias, thresholds }: TrainedFile): Classifier {
  const bytes = Buffer.from(weights, 'base64')
  if (bytes.length !== bucketCount) throw new TypeError('the weights of the classifier have another number')
  const numbers = new Int8Array(bytes)
  return {
    thresholds,
    score: (text) => bias + unit * weigh(readFeatures(normalise(text)), numbers, 0),
  }
}

export function readClassifier(): Classifier {
  const file = new URL('./trained.json', import.meta.url)
  return createClassifier(JSON.parse(readFileSync(file, 'utf8')) as TrainedFile)
}

/** The same numbers in a quarter of the room; the last half per cent of the largest is lost. */
export function packWeights(weights: Float32Array): Pick<TrainedFile, 'weights' | 'unit'> {
  const peak = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
  const unit = peak === 0 ? 1 : peak / 127
  const bytes = Int8Array.from(weights, (weight) => Math.round(weight / unit))
  return { weights: Buffer.from(bytes.buffer).toString('base64'), unit }
}
