/**
 * How much of what is worth knowing gets into memory, and how much junk: hand-written exchanges with gold
 * facts and traps (test/fixtures/extract). Of the first two hundred one half is held out; the gate was tuned
 * on the other, and on those that were added later.
 *
 *     npm run bench:extract                          with the configured model, or the pocket model
 *     npm run bench:extract -- --most 40             the same with 40 exchanges, spread over all
 *     npm run bench:extract -- --junk [--show]       without a model: scripted extractors, perfect and adversarial
 *
 * `--show` prints what went wrong in the tuned half. The last line is JSON, with shares in percent.
 */
import { parseArgs } from 'node:util'
import { openModels } from '../../src/models.ts'
import { readConfig } from '../../src/ops/config.ts'
import { type Exchange, readExchanges } from '../support/extract-fixture.ts'
import { measureModel } from './extract-model.ts'
import { type Count, junk, perfect } from './extract-scripted.ts'
import { round } from './timing.ts'

const { values } = parseArgs({
  options: { junk: { type: 'boolean' }, show: { type: 'boolean' }, most: { type: 'string' } },
})
const exchanges = await readExchanges()
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)
const percent = (part: number, of: number) => round(of === 0 ? 0 : (100 * part) / of, 1)
const share = ({ given, through }: Count) => ({ given, through, percent: percent(through, given) })

async function measureGate(half: readonly Exchange[], show: boolean) {
  const found = await perfect(half, ({ statement }) => show && process.stdout.write(`missed: ${statement}\n`))
  const counts = await junk(half, exchanges, (manner, { id }, { statement, quote }) => {
    if (show) process.stdout.write(`let through: ${manner}, ${id}: ${statement} <= ${quote}\n`)
  })
  const all = { given: 0, through: 0 }
  for (const { given, through } of counts.values()) {
    all.given += given
    all.through += through
  }
  return {
    gold: {
      ...share(found),
      aboutRight: percent(found.marked, found.through),
      dateRight: share(found.dated),
    },
    junk: share(all),
    byManner: Object.fromEntries([...counts].map(([manner, count]) => [manner, share(count)])),
  }
}

if (values.junk) {
  const half = (heldOut: boolean) => exchanges.filter((exchange) => exchange.heldOut === heldOut)
  const tuned = await measureGate(half(false), values.show === true)
  const heldOut = await measureGate(half(true), false)
  print({ tuned: tuned.byManner })
  print({ heldOut: heldOut.byManner })
  const summary = ({ gold, junk: all, byManner }: typeof tuned) => ({
    gold,
    junk: all,
    writtenByHand: byManner['written by hand'],
  })
  print({
    name: 'extract-junk',
    exchanges: exchanges.length,
    tuned: summary(tuned),
    heldOut: summary(heldOut),
  })
} else {
  const { signal } = new AbortController()
  const config = await readConfig({ cwd: process.cwd(), environment: process.env }, signal)
  await using models = await openModels(config, { observe: () => {}, onProgress: () => {} }, signal)
  const model = await models.generator.info(undefined, signal)
  const most = Number(values.most ?? exchanges.length)
  const step = exchanges.length / Math.min(most, exchanges.length)
  const chosen = Array.from(
    { length: Math.min(most, exchanges.length) },
    (_, at) => exchanges[Math.floor(at * step)],
  )
  const count = await measureModel(
    chosen.filter((exchange) => exchange !== undefined),
    models.generator,
    Math.min(model.contextTokens, 8_192),
    signal,
  )
  print({
    name: 'extract',
    model: model.name,
    exchanges: count.exchanges,
    gold: count.gold,
    extractor: {
      candidates: count.candidates,
      precision: percent(count.rightCandidates, count.candidates),
      recall: percent(count.goldInCandidates, count.gold),
    },
    withGate: {
      facts: count.facts,
      precision: percent(count.rightFacts, count.facts),
      recall: percent(count.goldInFacts, count.gold),
    },
    tokensPerCall: {
      prompt: round(count.promptTokens / count.exchanges, 0),
      reply: round(count.replyTokens / count.exchanges, 0),
    },
    secondsPerCall: round(count.seconds / count.exchanges, 2),
  })
}
