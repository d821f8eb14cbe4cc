/**
 * Trains the classifier of crises on `src/care/labelled/`, and writes `src/care/trained.json`: the same file each
 * time. The thresholds come from five rounds in which a fifth of the messages, by blocks of twenty lines, is
 * left out of the training and then judged. No message of the tests has a part in it.
 *
 *     npm run train:care
 */
import { writeFile } from 'node:fs/promises'
import { packWeights, type Thresholds } from '../../src/care/classifier.ts'
import { readFeatures } from '../../src/care/features.ts'
import { type Lesson, learn, randomFrom, weigh } from '../../src/care/learn.ts'
import { normalise } from '../../src/care/normalise.ts'
import { isNear, type Labelled, readLessons } from './care-messages.ts'

const seed = 1
const parts = 5
const blockLines = 20
/** Of the near-misses, this share may look like a crisis; and of the crises, this share may look like nothing. */
const falseAlarms = 0.05
const missed = 0.1

const messages = await readLessons()
const lessons: readonly Lesson[] = messages.map(({ text, crisis }) => ({
  features: readFeatures(normalise(text)),
  crisis,
}))

/** In blocks, since messages that were written one after the other are like each other. */
function partsOf(all: readonly Labelled[]): readonly number[] {
  const random = randomFrom(seed)
  const blocks = new Map<string, number>()
  const lines = new Map<string, number>()
  return all.map(({ lang }) => {
    const line = lines.get(lang) ?? 0
    lines.set(lang, line + 1)
    const block = `${lang} ${Math.floor(line / blockLines)}`
    const part = blocks.get(block) ?? Math.floor(random() * parts)
    blocks.set(block, part)
    return part
  })
}

function judgeUnseen(): readonly number[] {
  const partOf = partsOf(messages)
  const scores: number[] = new Array(messages.length).fill(0)
  for (let part = 0; part < parts; part++) {
    const { weights, bias } = learn(
      lessons.filter((_, at) => partOf[at] !== part),
      seed,
    )
    for (const [at, { features }] of lessons.entries()) {
      if (partOf[at] === part) scores[at] = weigh(features, weights, bias)
    }
  }
  return scores
}

function chooseThresholds(scores: readonly number[]): Thresholds {
  const sorted = (wanted: (message: Labelled) => boolean) =>
    scores.filter((_, at) => wanted(messages[at] as Labelled)).sort((one, other) => one - other)
  const near = sorted(isNear)
  const crises = sorted(({ crisis }) => crisis)
  const crisis = near[Math.ceil(near.length * (1 - falseAlarms))] ?? 0
  const unsure = crises[Math.floor(crises.length * missed)] ?? 0
  const share = (all: readonly number[], from: number) =>
    (all.filter((score) => score >= from).length / all.length).toFixed(3)
  for (const [name, from] of Object.entries({ crisis, unsure })) {
    process.stdout.write(
      `${name} from ${from.toFixed(3)}: recall ${share(crises, from)}, false alarms ${share(near, from)}\n`,
    )
  }
  return { crisis, unsure: Math.min(unsure, crisis) }
}

const thresholds = chooseThresholds(judgeUnseen())
const { weights, bias } = learn(lessons, seed)
const file = { thresholds, bias, ...packWeights(weights) }
await writeFile(
  new URL('../../src/care/trained.json', import.meta.url),
  `${JSON.stringify(file, undefined, 2)}\n`,
)
process.stdout.write(`${messages.length} messages\n`)
