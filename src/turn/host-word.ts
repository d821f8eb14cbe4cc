import type { Adapter } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import type { MessageId } from '../core/ids.ts'
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
  /** By the message that asks: what answers the question for when takes the place of the question. */
  const plans = new Map<MessageId, Plan>()
  for (const [index, message] of said.entries()) {
    if (message.anchor < turn.since || !mayAsk(message, said[index - 1])) continue
    const noted = await note(message, said[index - 1], turn, persona, tools)
    if (noted !== undefined) plans.set(noted.asked, noted.plan)
  }
  for (const [asked, plan] of plans) {
    // Once for the same outcome, whoever takes the turn again.
    const outcome = plan.kind === 'planned' ? `${plan.number}.${plan.at.getTime()}` : plan.kind
    await tellUnder(turn, adapter, `${turn.id}.errand.${asked}.${outcome}`, planSentence(plan)).catch(
      (error: unknown) => tools.observer.failed(turn, error, 'tried again'),
    )
  }
  if (plans.size === 0) return undefined
  return {
    text: askedText(
      persona,
      nameIn(history),
      [...plans.values()].every(({ kind }) => kind === 'planned'),
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
): Promise<{ readonly asked: MessageId; readonly plan: Plan } | undefined> {
  if (room.kind === 'group') {
    const context = { now: message.saidAt, zone: tools.timeZone, hours: '00:00-23:59' }
    return findErrand(message.text, context) && { asked: message.id, plan: { kind: 'group' } }
  }
  const place = await tools.book.read(room, id)
  const { hours } = place.terms
  const contextOf = ({ saidAt }: HistoryMessage) => ({ now: saidAt, zone: zoneOf(place, tools), hours })
  /** It goes with the request: that has the words. */
  const planOf = async (errand: Errand, asked: MessageId) => ({
    asked,
    plan: await planErrand(errand, place, persona, tools, asked),
  })
  const errand = findErrand(message.text, contextOf(message))
  if (errand !== undefined) return await planOf(errand, message.id)
  const open = before && openErrand(before, message, contextOf(before))
  const answered = open && answerErrand(message.text, open, contextOf(message))
  return answered && (await planOf(answered, before.id))
}

/** A request that was made a moment ago, and is not clear yet. */
function openErrand(
  before: HistoryMessage,
  message: HistoryMessage,
  context: Parameters<typeof findErrand>[1],
): Errand | undefined {
  if (message.saidAt.getTime() - before.saidAt.getTime() > answerMs) return undefined
  const errand = findErrand(before.text, context)
  const isOpen = errand?.when.kind === 'unclear' && errand.when.why !== 'more'
  return isOpen && errand.text !== '' ? errand : undefined
}
