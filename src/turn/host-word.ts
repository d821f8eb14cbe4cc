import type { Adapter } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import type { HostWord } from '../core/made.ts'
import type { Persona } from '../core/persona.ts'
import type { HistoryMessage, TurnHistory } from '../core/store.ts'
import { askedText, unpromptedText } from '../prompt/unprompted.ts'
import { answerErrand, type Errand, findErrand } from '../unprompted/errand.ts'
import { tellUnder } from './end-turn.ts'
import type { TurnKnock } from './knock.ts'
import { planErrand, zoneOf } from './plan-errand.ts'
import type { TurnTools } from './tools.ts'
import { type Plan, planSentence } from './unprompted-words.ts'

/** So long after they asked, a time alone is an answer to the question for it. */
const answerMs = 30 * 60_000

/** What the host says to the model of a turn that answers nobody. */
export const wordOfKnock = (
  knock: TurnKnock,
  persona: Persona,
  history: TurnHistory,
  now: Date,
): HostWord => ({
  text: unpromptedText(persona, nameIn(history), knock, now),
  first: true,
})

const nameIn = ({ messages }: TurnHistory): string => {
  const author = messages.findLast(({ author }) => author.kind === 'participant')?.author
  return author?.kind === 'participant' ? author.displayName : 'the person'
}

/**
 * Notes what the new messages ask to be reminded of, tells the person what came of it, and says so to the model, which
 * promises nothing then that is not noted. Undefined where nothing is asked. Throws `HearthError`.
 */
export async function noteErrands(
  turn: Turn,
  history: TurnHistory,
  { adapter, persona }: { readonly adapter: Adapter; readonly persona: Persona },
  tools: TurnTools,
): Promise<HostWord | undefined> {
  const said = history.messages.filter(({ author }) => author.kind === 'participant')
  const plans: Plan[] = []
  for (const [index, message] of said.entries()) {
    if (message.anchor < turn.since || !mayAsk(message, said[index - 1])) continue
    const plan = await note(message, said[index - 1], turn, persona, tools)
    if (plan === undefined) continue
    plans.push(plan)
    // Once for the same outcome, whoever takes the turn again.
    const outcome = plan.kind === 'planned' ? plan.number : plan.kind
    await tellUnder(turn, adapter, `${turn.id}.errand.${message.id}.${outcome}`, planSentence(plan)).catch(
      (error: unknown) => tools.observer.failed(turn, error, 'tried again'),
    )
  }
  if (plans.length === 0) return undefined
  return {
    text: askedText(
      persona,
      nameIn(history),
      plans.every(({ kind }) => kind === 'planned'),
    ),
    first: false,
  }
}

/** Without asking the database: most messages want nothing of the kind. */
const aboutReminding = /\bremind|\breminder\b|\bforget\b|\berinner/iu
const mayAsk = ({ text }: HistoryMessage, before: HistoryMessage | undefined): boolean =>
  aboutReminding.test(text) || aboutReminding.test(before?.text ?? '')

async function note(
  message: HistoryMessage,
  before: HistoryMessage | undefined,
  { room, persona: id }: Turn,
  persona: Persona,
  tools: TurnTools,
): Promise<Plan | undefined> {
  if (room.kind === 'group') {
    const context = { now: message.saidAt, zone: tools.timeZone, hours: '00:00-23:59' }
    return findErrand(message.text, context) && { kind: 'group' }
  }
  const place = await tools.book.read(room, id)
  const { hours } = place.terms
  const contextOf = ({ saidAt }: HistoryMessage) => ({ now: saidAt, zone: zoneOf(place, tools), hours })
  const asked = findErrand(message.text, contextOf(message))
  if (asked !== undefined) return await planErrand(asked, place, persona, tools, message.id)
  const open = before && openErrand(before, message, contextOf(before))
  const answered = open && answerErrand(message.text, open, contextOf(message))
  // It goes with the request: that has the words.
  return answered && (await planErrand(answered, place, persona, tools, before?.id))
}

/** A request that was made a moment ago, and is not clear yet. */
function openErrand(
  before: HistoryMessage,
  message: HistoryMessage,
  context: Parameters<typeof findErrand>[1],
): Errand | undefined {
  if (message.saidAt.getTime() - before.saidAt.getTime() > answerMs) return undefined
  const errand = findErrand(before.text, context)
  return errand?.when.kind === 'unclear' && errand.text !== '' ? errand : undefined
}
