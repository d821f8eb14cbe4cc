import { describe, expect, test } from 'vitest'
import { createClassifier, packWeights, readClassifier } from '../../src/care/classifier.ts'
import { createDetector, type Said } from '../../src/care/detector.ts'
import { bucketCount, readFeatures } from '../../src/care/features.ts'
import { learn } from '../../src/care/learn.ts'
import { normalise } from '../../src/care/normalise.ts'

const lesson = (text: string, crisis: boolean) => ({ features: readFeatures(normalise(text)), crisis })
const lessons = [
  lesson('the bridge at midnight', true),
  lesson('all my things are given away', true),
  lesson('the cake at noon', false),
  lesson('all the plants are watered', false),
]
const thresholds = { unsure: 0, crisis: 1 }
const trained = () => {
  const { weights, bias } = learn(lessons, 1)
  return createClassifier({ ...packWeights(weights), bias, thresholds })
}
const person = (text: string): Said => ({ from: 'person', text })

describe('the classifier', () => {
  test('learns the same from the same messages, and tells them apart', () => {
    expect(learn(lessons, 1)).toStrictEqual(learn(lessons, 1))
    expect(trained().score('the bridge at midnight')).toBeGreaterThan(1)
    expect(trained().score('the cake at noon')).toBeLessThan(-1)
  })

  test('keeps its weights in one byte each, nearly as they were', () => {
    const weights = new Float32Array(bucketCount)
    weights.set([1, -0.5, 0.001], 5)
    const { weights: packed, unit } = packWeights(weights)
    const bytes = new Int8Array(Buffer.from(packed, 'base64'))
    expect(bytes.length).toBe(bucketCount)
    expect([...bytes.slice(5, 8)].map((byte) => byte * unit)).toEqual([1, expect.closeTo(-0.5, 2), 0])
  })

  test('refuses weights of another number', () => {
    expect(() => createClassifier({ weights: 'AAAA', unit: 1, bias: 0, thresholds })).toThrow(TypeError)
  })

  test('that ships is whole, and scores hostile text without end or sense', () => {
    const classifier = readClassifier()
    expect(classifier.thresholds.unsure).toBeLessThan(classifier.thresholds.crisis)
    for (const text of [
      '',
      ' ',
      '\u0000\u001b',
      'é́'.repeat(300_000),
      '"'.repeat(1_000_000),
      '*a'.repeat(500_000),
    ]) {
      expect(Number.isFinite(classifier.score(text))).toBe(true)
    }
    expect(classifier.score("i don't want to be alive anymore")).toBeGreaterThan(classifier.thresholds.crisis)
    expect(classifier.score('see you at the station at six')).toBeLessThan(classifier.thresholds.crisis)
  })
})

describe('the detector', () => {
  const detector = createDetector(trained())

  test('tells a crisis, a doubt and nothing apart', () => {
    expect(detector.detect([person('the bridge at midnight')]).level).toBe('crisis')
    expect(detector.detect([person('the cake at noon')]).level).toBe('none')
    expect(detector.detect([]).level).toBe('none')
  })

  test('hears the rules where the classifier hears nothing, and then asks', () => {
    const deaf = createDetector({ thresholds, score: () => -9 })
    expect(deaf.detect([person('i want to die')])).toEqual({ level: 'unsure', heard: ['death-wish'] })
    expect(deaf.detect([person('i want to die lol')]).level).toBe('none')
  })

  test('reads the last messages of the person as one, and none of the persona', () => {
    const ear = createDetector({ thresholds, score: (text) => (/bridge\n.*midnight/s.test(text) ? 2 : -2) })
    expect(
      ear.detect([person('the bridge'), { from: 'persona', text: 'yes?' }, person('midnight')]).level,
    ).toBe('crisis')
    expect(ear.detect([{ from: 'persona', text: 'the bridge' }, person('midnight')]).level).toBe('none')
    expect(ear.detect([person('the bridge'), ...Array(4).fill(person('midnight'))]).level).toBe('none')
  })
})
