import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { personaError } from '../core/errors.ts'
import type { Persona } from '../core/persona.ts'
import { createProgressLine } from '../model/weights-progress.ts'
import { type Models, openModels } from '../models.ts'
import type { Config } from '../ops/config.ts'
import { createStatusLine } from '../ops/status-line.ts'
import { driftPage } from '../persona/drift/page.ts'
import { driftTable } from '../persona/drift/table.ts'
import { readDriftPrompts } from '../persona/drift-prompts.ts'
import { shownPath } from '../persona/place.ts'
import { type PersonaProblem, problemText } from '../persona/problem.ts'
import { personaInCard, readPersona } from '../persona/read.ts'
import { findModel } from './drift-models.ts'
import { type Contender, replay } from './drift-replay.ts'
import type { DriftFlags, PersonaDriftContext } from './persona-drift.ts'
import { openNew } from './write-new.ts'

/** Throws `HearthError`, and what the aborted signal throws. */
export async function runDrift(name: string, flags: DriftFlags, context: PersonaDriftContext): Promise<void> {
  const { signal } = context.controller
  checkFlags(flags)
  const config = await context.config()
  const persona = await context.find(name)
  const older = flags.against === undefined ? persona : await readOther(flags.against, persona, signal)
  const reading = await readDriftPrompts(join(config.personas, persona.id), signal)
  if (!reading.ok) throw unreadable(reading.problem)
  await using page = flags.html === undefined ? undefined : await openNew(flags.html, '--html')
  const progress = createProgressLine(context.errors)
  const status = createStatusLine(context.errors)
  try {
    await using models = await openModels(config, { observe: () => {}, onProgress: progress.show }, signal)
    progress.finish()
    const contenders = await contendersOf([older, persona], flags, models, config, signal)
    const asked = { temperature: flags.temperature, seed: flags.seed, onProgress: status.show }
    const { report, notes } = await replay(contenders, reading.prompts, models, asked, signal)
    status.clear()
    context.write(driftTable(report))
    for (const note of notes) context.write(`note  ${note}\n`)
    await page?.write(driftPage(report))
    if (flags.html !== undefined) context.write(`${shownPath(flags.html)} is written.\n`)
  } finally {
    progress.finish()
    status.clear()
  }
}

function checkFlags({ model, against }: DriftFlags): void {
  if (model.length <= 2 && (against === undefined ? model.length === 2 : model.length <= 1)) return
  throw personaError('Two are compared: two models, or two versions by one model.', {
    code: 'drift-of-what',
    mend: 'Say which: --model <one> --model <other>, or --against <folder or card>.',
  })
}

/** The older one stands first. */
async function contendersOf(
  personas: readonly [Persona, Persona],
  { model: [first, second = first] }: DriftFlags,
  models: Models,
  config: Config,
  signal: AbortSignal,
): Promise<readonly [Contender, Contender]> {
  const [one, other] = personas
  return [
    { persona: one, model: await findModel(first ?? one.model.name, models, config, signal) },
    { persona: other, model: await findModel(second ?? other.model.name, models, config, signal) },
  ]
}

async function readOther(path: string, { id }: Persona, signal: AbortSignal): Promise<Persona> {
  const about = await stat(path).catch(() => undefined)
  if (about === undefined) {
    throw personaError(`There is nothing at ${shownPath(path)}.`, {
      code: 'drift-against',
      mend: 'Say the folder of another version, or a card, with --against.',
    })
  }
  const reading = about.isDirectory()
    ? await readPersona(path, signal, id)
    : await personaInCard(path, id, signal)
  if (reading.ok) return reading.persona
  throw unreadable(...reading.problems)
}

const unreadable = (...problems: readonly PersonaProblem[]) =>
  personaError(problems.map(problemText).join('\n'), {
    code: 'persona-invalid',
    mend: problems[0]?.mend ?? '',
  })
