import type { Adapter } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import type { MessageId } from '../core/ids.ts'
import type { HostWord } from '../core/made.ts'
import type { Persona } from '../core/persona.ts'
import type { HistoryMessage, TurnHistory } from '../core/store.ts'
import { askedText, unpromptedText } from '../prompt/unprompted.ts'
import { answerErrand, type Errand, findErrand } from '../unprompted/errand.ts'
import type { WhenContext } from '../unprompted/when.ts'
import { sendNotice } from './end-turn.ts'
import type { TurnKnock } from './knock.ts'
import { planErrand, zoneOf } from './plan-errand.ts'
import type { TurnTools } from './tools.ts'
import { type Plan, planSentence } from './unprompted-words.ts'

/** So long after they asked, a time alone is an answer to the question for it. */
const answerMs = 30 * 60_000
/** So many answers may it take until the time is clear. */
const answersMost = 5

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
    const earlier = said.slice(Math.max(0, index - answersMost), index)
    if (message.anchor < turn.since || ![...earlier, message].some(mayAsk)) continue
    const noted = await note(message, earlier, turn, persona, tools)
    if (noted !== undefined) plans.set(noted.asked, noted.plan)
  }
  for (const [asked, plan] of plans) {
    // Once for the same outcome, whoever takes the turn again.
    const outcome = plan.kind === 'planned' ? `${plan.number}.${plan.at.getTime()}` : plan.kind
    await sendNotice(turn, adapter, `${turn.id}.errand.${asked}.${outcome}`, planSentence(plan)).catch(
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
const mayAsk = ({ text }: HistoryMessage): boolean => aboutReminding.test(text)

async function note(
  message: HistoryMessage,
  earlier: readonly HistoryMessage[],
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
  const asked = askedBy(message, earlier, contextOf)
  // It goes with the request: that has the words.
  return asked && { asked: asked.id, plan: await planErrand(asked.errand, place, persona, tools, asked.id) }
}

interface Asked {
  readonly id: MessageId
  readonly errand: Errand
}

/** What a message asks for, or a request that was made a moment ago and was not clear, as the message answers it. */
function askedBy(
  message: HistoryMessage,
  earlier: readonly HistoryMessage[],
  contextOf: (message: HistoryMessage) => WhenContext,
): Asked | undefined {
  const errand = findErrand(message.text, contextOf(message))
  if (errand !== undefined) return { id: message.id, errand }
  const before = earlier.at(-1)
  if (before === undefined || message.saidAt.getTime() - before.saidAt.getTime() > answerMs) return undefined
  const open = askedBy(before, earlier.slice(0, -1), contextOf)
  if (open === undefined || !isOpen(open.errand)) return undefined
  const answer = answerErrand(message.text, open.errand, contextOf(message))
  return answer && { ...open, errand: answer }
}

const isOpen = ({ text, when }: Errand): boolean =>
  text !== '' && when.kind === 'unclear' && when.why !== 'more'
