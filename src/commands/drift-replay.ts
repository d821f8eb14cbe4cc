import { HearthError } from '../core/errors.ts'
import type { Embedder, Generator, ModelInfo } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { DriftPrompt } from '../persona/drift/default-prompts.ts'
import { cosineDistance } from '../persona/drift/measures.ts'
import { type DriftReport, type DriftSide, driftRow, type SaidReply } from '../persona/drift/report.ts'
import { personaVersion } from '../persona/version.ts'
import { rehearse } from '../turn/rehearse.ts'

/** Who is asked: a persona, through a model. */
export interface Contender {
  readonly persona: Persona
  readonly model: ModelInfo
}

export interface ReplayOptions {
  readonly temperature: number
  readonly seed: number
  readonly onProgress: (text: string) => void
}

const silence: SaidReply = { text: '', cut: false }

/**
 * Says all of it to the one, and then to the other: a server that had to change its model for each reply would
 * load it anew each time. Throws `HearthError`, or what the aborted signal throws.
 */
export async function replay(
  contenders: readonly [Contender, Contender],
  prompts: readonly DriftPrompt[],
  { generator, embedder }: { readonly generator: Generator; readonly embedder: Embedder | undefined },
  { temperature, seed, onProgress }: ReplayOptions,
  signal: AbortSignal,
): Promise<{ readonly report: DriftReport; readonly notes: readonly string[] }> {
  const said: SaidReply[][] = []
  for (const [side, { persona, model }] of contenders.entries()) {
    const replies: SaidReply[] = []
    for (const [index, { name, says }] of prompts.entries()) {
      const done = side * prompts.length + index
      onProgress(`${done + 1} of ${prompts.length * 2}: ${name}, by ${model.name} …`)
      const rehearsal = { persona, model, generator, sampling: { temperature, seed } }
      replies.push(await rehearse(says, rehearsal, signal))
    }
    said.push(replies)
  }
  const pairs = prompts.map((_, index) => [said[0]?.[index] ?? silence, said[1]?.[index] ?? silence] as const)
  onProgress('Comparing …')
  const { distances, note } = await distancesOf(pairs, embedder, signal)
  const [one, other] = contenders
  return {
    report: {
      sides: [sideOf(one), sideOf(other)],
      rows: prompts.map((prompt, index) =>
        driftRow(prompt, pairs[index] ?? [silence, silence], distances?.[index]),
      ),
      temperature,
      seed,
      embedder: distances === undefined ? undefined : embedder?.model,
    },
    notes: note === undefined ? [] : [note],
  }
}

const sideOf = ({ persona, model }: Contender): DriftSide => ({
  persona: persona.name,
  version: personaVersion(persona),
  model: model.name,
})

/** A comparison without distances is still one: what is wrong with the embedder is a note. */
async function distancesOf(
  pairs: readonly (readonly [SaidReply, SaidReply])[],
  embedder: Embedder | undefined,
  signal: AbortSignal,
): Promise<{ readonly distances?: readonly (number | undefined)[]; readonly note?: string }> {
  if (embedder === undefined)
    return { note: 'no distances: there is no embedding model beside a pocket model' }
  try {
    const texts = pairs.flatMap(([one, other]) => [one.text || ' ', other.text || ' '])
    const vectors = await embedder.embed(texts, 'document', signal)
    const distances = pairs.map(([one, other], index) => {
      const [a, b] = [vectors[index * 2], vectors[index * 2 + 1]]
      return one.text === '' || other.text === '' || a === undefined || b === undefined
        ? undefined
        : cosineDistance(a, b)
    })
    return { distances }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof HearthError)) throw error
    return { note: `no distances: ${error.message}` }
  }
}
