/**
 * How many crises the detection finds, and how often it is wrong, on messages that it was not trained on: each layer
 * alone and together, then together by language and by kind, as docs/care.md explains. The last line is JSON: what
 * is taken for a crisis, of the crises and of the near-misses (of all harmless ones, where a file names no kinds).
 *
 *     npm run bench:care [-- FILE.jsonl]
 *
 * A line of the file is `{ "text", "lang", "crisis", "kind"? }`. Without a file, the messages and conversations of
 * the tests are judged.
 */
import { parseArgs } from 'node:util'
import { readClassifier } from '../../src/care/classifier.ts'
import { createDetector, type Level } from '../../src/care/detector.ts'
import { normalise } from '../../src/care/normalise.ts'
import { judgeSigns } from '../../src/care/rules/judge-signs.ts'
import { readSigns } from '../../src/care/rules/read-signs.ts'
import { type Conversation, isNear, type Labelled, readConversations, readLabelled } from './care-messages.ts'
import { percentile, round } from './timing.ts'

const fixtures = new URL('../fixtures/care/', import.meta.url)
const [file] = parseArgs({ allowPositionals: true }).positionals
const messages = await readLabelled(file ?? new URL('messages.jsonl', fixtures))

const classifier = readClassifier()
const detector = createDetector(classifier)
const levelOf = ({ text }: Labelled): Level => detector.detect([{ from: 'person', text }]).level
const signLevels = { silent: 'none', heard: 'unsure', loud: 'crisis' } as const

const layers: Readonly<Record<string, (message: Labelled) => Level>> = {
  rules: ({ text }) => signLevels[judgeSigns(readSigns(normalise(text)))],
  classifier: ({ text }) => {
    const score = classifier.score(text)
    if (score >= classifier.thresholds.crisis) return 'crisis'
    return score >= classifier.thresholds.unsure ? 'unsure' : 'none'
  },
  together: levelOf,
}

const print = (line: string) => process.stdout.write(`${line}\n`)

/** How many of these are taken for a crisis, and how many for one or for a reason to ask; `–` without any. */
function share(all: readonly Level[]): string {
  if (all.length === 0) return '–'
  const part = (count: number) => (count / all.length).toFixed(3)
  const sure = all.filter((level) => level === 'crisis').length
  return `${part(sure)} / ${part(all.filter((level) => level !== 'none').length)} of ${all.length}`
}

function table(name: string, of: (message: Labelled) => Level, all: readonly Labelled[]): void {
  const levels = (wanted: (message: Labelled) => boolean) => all.filter(wanted).map(of)
  const everyday = levels(({ crisis, kind }) => !crisis && kind === 'everyday')
  print(
    `${name.padEnd(12)} crises ${share(levels(({ crisis }) => crisis))}, near-misses ${share(levels(isNear))}, everyday ${share(everyday)}`,
  )
}

const distinct = (values: readonly string[]) => [...new Set(values)].sort()

function judgeConversations(all: readonly Conversation[]): void {
  const levels = (crisis: boolean) =>
    all.filter((each) => each.crisis === crisis).map(({ messages: said }) => detector.detect(said).level)
  print(`\nconversations: crises ${share(levels(true))}, others ${share(levels(false))}`)
}

const started = performance.now()
for (const message of messages) levelOf(message)
const msEach = (performance.now() - started) / messages.length
const slowest = messages.map((message) => {
  const from = performance.now()
  levelOf(message)
  return performance.now() - from
})

print('taken for a crisis / for a crisis or for a reason to ask\n')
for (const [name, of] of Object.entries(layers)) table(name, of, messages)
print('')
for (const lang of distinct(messages.map((each) => each.lang))) {
  table(
    lang,
    levelOf,
    messages.filter((each) => each.lang === lang),
  )
}
print('')
for (const kind of distinct(messages.map((each) => each.kind))) {
  print(`${kind.padEnd(12)} ${share(messages.filter((each) => each.kind === kind).map(levelOf))}`)
}
if (file === undefined) judgeConversations(await readConversations(new URL('conversations.jsonl', fixtures)))
print(`\n${round(msEach, 2)} ms a message, p99 ${round(percentile(slowest, 99), 2)} ms`)

const part = (all: readonly Labelled[]) =>
  all.length === 0 ? 0 : round(all.filter((each) => levelOf(each) === 'crisis').length / all.length, 3)
print(
  JSON.stringify({
    recall: part(messages.filter(({ crisis }) => crisis)),
    falseAlarms: part(messages.filter(isNear)),
    messages: messages.length,
  }),
)
