import { modelError } from '../core/errors.ts'
import type { FactChange, FactContent, KnownFact } from '../core/fact.ts'
import {
  type FactId,
  factId,
  type MessageId,
  newUuid,
  type ParticipantId,
  participantId,
} from '../core/ids.ts'
import type { MemoryTask, NewTalk, PersonChanges, TalkMessage } from '../core/memory.ts'
import { batchesOf, extract } from '../memory/extract.ts'
import type { Batch, Fact, SaidMessage, Speaker } from '../memory/fact.ts'
import { merge } from '../memory/merge.ts'
import { planFollowUps } from './follow-ups.ts'
import { attempt, isHalved, isLastTry, partOf, Stumble } from './stumble.ts'
import type { JobTools, Progress, Steps } from './tools.ts'

/** Read at once: mostly a single call of the model. */
const messagesMost = 20

/** Makes facts of what is new. */
export async function writeFacts(
  task: MemoryTask,
  tools: JobTools,
  steps: Steps,
  signal: AbortSignal,
): Promise<Progress> {
  for (let progress: Progress = 'done'; ; progress = isHalved(task) ? 'more' : 'done') {
    const talk = await tools.tasks.readNew(task, partOf(messagesMost, task))
    if (talk.fresh.size === 0) return progress
    if (!steps.take()) return 'more'
    const fresh = [...talk.fresh]
    const changes = await attempt(
      async () => changesOf(await extractAll(talk, task, tools, signal), talk, task),
      task,
      tools,
      signal,
    )
    if (changes instanceof Stumble) {
      if (!isLastTry(task, fresh.length)) throw changes
      const { reason } = changes
      if (!(await tools.tasks.keepFacts(task, fresh, [], reason))) return 'changed'
      tools.observe({ kind: 'passed-over', what: 'message', reason })
      return 'more'
    }
    if (!(await tools.tasks.keepFacts(task, fresh, changes))) return 'changed'
    await planFollowUps(task, changes, tools)
  }
}

async function extractAll(
  talk: NewTalk,
  task: MemoryTask,
  tools: JobTools,
  signal: AbortSignal,
): Promise<readonly Fact[]> {
  const { contextTokens: most, generator } = tools
  const { contextTokens } = await generator.info(undefined, signal)
  const options = {
    contextTokens: Math.min(contextTokens, most),
    stickiness: `memory ${task.room}`,
    fairness: task.owner,
  }
  const facts: Fact[] = []
  for (const batch of batchesIn(talk, tools)) {
    const extraction = await extract(batch, generator, options, signal)
    if (!extraction.readable) throw unreadable()
    tools.observe({ kind: 'extracted', facts: extraction.facts.length, refused: extraction.refused })
    facts.push(
      ...extraction.facts.filter(({ message }) => talk.fresh.has(message) || isPersonas(message, talk)),
    )
  }
  return facts
}

const unreadable = () =>
  modelError('The model answers in another shape than it was asked for.', {
    code: 'unreadable',
    mend: 'Choose another model with models.chat in hearth.yaml.',
  })

/** Of those who do not want it nothing is even shown to the model, but as what others answer. */
function batchesIn({ before, messages, unwilling }: NewTalk, tools: JobTools): readonly Batch[] {
  const willing = ({ author }: TalkMessage) => author.kind === 'persona' || !unwilling.has(author.id)
  const persona = [...before, ...messages].find(({ author }) => author.kind === 'persona')?.author
  const personaName = persona?.kind === 'persona' ? nameOf(persona.id, tools) : ''
  const said = (message: TalkMessage): SaidMessage => ({
    id: message.id,
    speaker: speakerOf(message, tools),
    text: message.text,
    saidAt: message.saidAt,
  })
  return batchesOf(before.map(said), messages.filter(willing).map(said), personaName)
}

const nameOf = (id: Parameters<JobTools['personas']['get']>[0], { personas }: JobTools) =>
  personas.get(id)?.name ?? id

function speakerOf({ author }: TalkMessage, tools: JobTools): Speaker {
  return author.kind === 'persona'
    ? { kind: 'persona', name: nameOf(author.id, tools) }
    : { kind: 'participant', id: author.id, name: author.displayName }
}

/** Replies are never marked as new: they count where they stand among what is. */
const isPersonas = (id: MessageId, { messages }: NewTalk) =>
  messages.some((message) => message.id === id && message.author.kind === 'persona')

/** Whose each fact is: who said it; what a persona says of itself belongs to the only one who heard it. */
function changesOf(facts: readonly Fact[], talk: NewTalk, task: MemoryTask): readonly PersonChanges[] {
  const owner = task.kind === 'direct' ? participantId(task.owner) : undefined
  const personOf = ({ speaker }: Fact) => (speaker.kind === 'participant' ? speaker.id : owner)
  return [...Map.groupBy(facts, personOf)].flatMap(([person, theirs]) =>
    person === undefined || talk.unwilling.has(person)
      ? []
      : [{ person, changes: mergeAll(theirs, person, talk.facts.get(person) ?? [], talk.here) }],
  )
}

/** Of one fact: it goes with any of them, and is made anew of the others. */
const sourcesMost = 4

/** In the order in which they were said, each also against those before it. */
function mergeAll(
  facts: readonly Fact[],
  person: ParticipantId,
  known: readonly KnownFact[],
  before: ReadonlySet<FactId>,
): readonly FactChange[] {
  const changes: FactChange[] = []
  const here = new Set(before)
  let current: readonly Current[] = known.filter(({ superseded }) => !superseded)
  for (const fact of facts) {
    const sources = [fact.message, ...(fact.answers === undefined ? [] : [fact.answers])]
    const ended: FactId[] = []
    let compared = current
    for (;;) {
      const verdict = merge(
        fact,
        compared.map((each) => ({ ...each, speaker: speakerFor(each, person), validTo: undefined })),
      )
      const found = verdict.verdict === 'new' ? undefined : compared[verdict.known]
      const agrees = verdict.verdict === 'same' || verdict.verdict === 'refines'
      // What was said elsewhere, or written down, has an audience of its own, and perhaps more words.
      if (agrees && found !== undefined && !here.has(found.id)) {
        compared = compared.filter(({ id }) => here.has(id))
        continue
      }
      if (verdict.verdict === 'same' && found !== undefined) {
        if (found.sources.length < sourcesMost) changes.push({ kind: 'source', fact: found.id, sources })
        break
      }
      // What was said before it came later, from an import or an edit, and was not true any more by then.
      if (verdict.verdict === 'contradicts' && verdict.ended === 'new') break
      if (found !== undefined) {
        ended.push(found.id)
        current = current.filter((each) => each !== found)
        compared = compared.filter((each) => each !== found)
      }
      // It may end several.
      if (verdict.verdict === 'contradicts') continue
      const id = factId(newUuid())
      changes.push({ kind: 'add', id, content: fact, sources, supersedes: ended })
      here.add(id)
      current = [...current, { ...fact, id, sources }]
      break
    }
  }
  return changes
}

type Current = FactContent & Pick<KnownFact, 'id' | 'sources'>

const speakerFor = ({ about }: FactContent, person: ParticipantId): Speaker =>
  about.kind === 'persona' ? { kind: 'persona', name: '' } : { kind: 'participant', id: person, name: '' }
