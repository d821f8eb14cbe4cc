import { performance } from 'node:perf_hooks'
import type { Adapter } from '../core/adapter.ts'
import type { Turn } from '../core/conversation.ts'
import { HearthError } from '../core/errors.ts'
import type { Stage } from '../core/observer.ts'
import type { Persona } from '../core/persona.ts'
import { authorise, type Refusal } from './authorise.ts'
import { passOn } from './circle.ts'
import { type Composition, compose } from './compose.ts'
import { Interruption, type TurnControl } from './control.ts'
import { type DeliveryInProgress, startDelivery } from './delivery.ts'
import { closeTurn, failTurn, refuseTurn, tellRefusal } from './end-turn.ts'
import { type Generated, generate, greet } from './generate.ts'
import { noteErrands, wordOfKnock } from './host-word.ts'
import { typeOut, typesLikeSomebody, unseen } from './human-pace.ts'
import { isUnprompted, plainWords, readKnock, sourcesOf, type TurnKnock, withoutModel } from './knock.ts'
import { recall, recallImages, recallMemories, recallNear, recallPast } from './recall.ts'
import { answered, remember } from './remember.ts'
import { rest } from './rest.ts'
import { inRoom } from './room-settings.ts'
import type { TurnTools } from './tools.ts'

/**
 * Takes one claimed turn from wherever it stands to its end:
 * recall → authorise → compose → generate → remember → deliver.
 *
 * Says whether there may be more to claim now. Never throws: what goes wrong ends in `failTurn`. The reply
 * is made durable before the last of it is delivered, so whatever crashes from there on, no model is asked
 * for it again.
 */
export async function takeTurn(turn: Turn, tools: TurnTools, control: TurnControl): Promise<boolean> {
  const timed = stopwatch(tools)
  let begun = () => false
  try {
    const { adapter, persona } = cast(turn, tools)
    if (await rest(turn, { adapter, persona }, tools)) return false
    await using delivery = startDelivery(turn, adapter, tools, control)
    begun = () => delivery.begun
    const reply =
      turn.state === 'answered'
        ? await answered(turn, tools)
        : await makeReply(turn, { adapter, persona }, tools, delivery, control)
    if ('reason' in reply) {
      if (reply.reason === 'withdrawn') await delivery.takeDown()
      return (await refuseTurn(turn, adapter, tools, reply)) !== 'closed'
    }
    const sent = await timed('deliver', () => delivery.finish(reply.text))
    const closing = await timed('remember', () => closeTurn(turn, reply, sent, tools))
    if (closing !== 'not-closed') await tellOthers(turn, reply, tools)
    return closing !== 'closed'
  } catch (error) {
    await failTurn(turn, tools, control, error, begun())
    return true
  }
}

async function makeReply(
  turn: Turn,
  { adapter, persona }: Cast,
  tools: TurnTools,
  delivery: DeliveryInProgress,
  control: TurnControl,
): Promise<Generated | Refusal> {
  if (turn.stopRequested) throw new Interruption('stop')
  const timed = stopwatch(tools)
  const known = await timed('recall', () => recall(turn, tools))
  const { history, selves } = known
  const verdict = authorise(turn, history)
  if (!verdict.allowed) return verdict
  // They were taken out of its files since: what stands there stays.
  if (turn.kind === 'greeting' && persona.greetings.length === 0) throw new Interruption('stop')
  if (turn.kind === 'greeting') return await remember(turn, greet(turn, persona), persona, tools)

  const knock = await readKnock(turn, tools)
  if (isUnprompted(turn) && knock === undefined) {
    // Another swipe of what cannot be said any more: what stands there stays.
    if (turn.swipe > 0) throw new Interruption('stop')
    return { allowed: false, reason: 'withdrawn' }
  }
  const plainly = () => knock && sayPlainly(turn, knock, persona, tools)
  if (knock !== undefined && withoutModel(turn)) return await sayPlainly(turn, knock, persona, tools)
  const model = await tools.generator.info(persona.model.name, control.generating)
  // What it is to say first would only lead it astray.
  if (knock !== undefined && model.pocket) return await sayPlainly(turn, knock, persona, tools)
  const hostWord =
    knock === undefined
      ? await noteErrands(turn, history, { adapter, persona }, tools)
      : wordOfKnock(knock, persona, history, tools.now())
  const [images, reminders, past, near] = await Promise.all([
    recallImages(turn, history, model, tools),
    timed('recall', () => recallMemories(turn, known, persona, model, tools, control.generating)),
    recallPast(turn, persona, tools),
    recallNear(turn, history, persona, model, tools, control.generating),
  ])
  for (let tries = 1; ; tries++) {
    const scale = tools.scale.factor(model.name)
    const { personas } = tools
    const now = tools.now()
    const recalled = { history, selves, images, reminders, past, near, hostWord }
    const composed = compose({ turn, persona, ...recalled, model, scale, now, personas })
    if (!composed.allowed) return (await plainly()) ?? composed
    // Another swipe has nothing new to say about it.
    if (composed.unread !== undefined && turn.swipe === 0) await tellRefusal(turn, adapter, composed.unread)
    try {
      const reply = await timed('generate', () => speak(composed, persona, tools, delivery, control))
      return await timed('remember', () => remember(turn, { ...reply, ...sourcesOf(knock) }, persona, tools))
    } catch (error) {
      if (!isTooLong(error) || tries === triesMost) throw error
      // The history is cut further, and at last the message itself refused: the next one has room again.
      tools.scale.raise(model.name)
    }
  }
}

async function sayPlainly(
  turn: Turn,
  knock: TurnKnock,
  persona: Persona,
  tools: TurnTools,
): Promise<Generated | Refusal> {
  const words = plainWords(knock)
  return 'reason' in words ? words : await remember(turn, words, persona, tools)
}

/** As `generate`; what is said meanwhile is still heard, since nothing is remembered before it is typed. */
async function speak(
  composed: Composition,
  persona: Persona,
  tools: TurnTools,
  delivery: DeliveryInProgress,
  control: TurnControl,
): Promise<Generated> {
  if (!typesLikeSomebody(persona)) return await generate(composed, tools, delivery, control)
  const startedMs = performance.now()
  const reply = await generate(composed, tools, unseen, control)
  await typeOut(reply.text, startedMs, control.generating)
  return reply
}

/** Where that goes wrong, nobody answers it: it asks nobody for an answer that could be missed. */
async function tellOthers(turn: Turn, { text, outcome }: Generated, tools: TurnTools): Promise<void> {
  if (turn.room.kind !== 'group' || turn.kind !== 'reply' || turn.swipe > 0 || outcome !== 'replied') return
  await passOn(turn, text, tools).catch((error: unknown) => tools.observer.askedStore(error))
}

/** Up to texts of which a token holds a tenth of what is estimated. */
const triesMost = 10
const isTooLong = (error: unknown) => error instanceof HearthError && error.code === 'prompt-too-long'

/** Who speaks, and where. */
interface Cast {
  readonly adapter: Adapter
  readonly persona: Persona
}

/** An account may go while its turn is being claimed: the turn waits for its return. */
function cast(turn: Turn, tools: TurnTools): Cast {
  const adapter = tools.adapters.get(turn.room.account)
  const persona = tools.personas.get(turn.persona)
  if (adapter === undefined || persona === undefined) throw new Interruption('shutdown')
  return { adapter, persona: inRoom(persona, turn.manners) }
}

/** The others wait for a model or a platform: nobody who comes in is to wait for those. */
const isOurs = (stage: Stage): boolean => stage === 'recall' || stage === 'remember'

function stopwatch(tools: TurnTools): <T>(stage: Stage, work: () => Promise<T>) => Promise<T> {
  return async (stage, work) => {
    const startedMs = performance.now()
    try {
      return await (isOurs(stage) ? tools.turnstile.goOn(work) : work())
    } finally {
      tools.observer.stageTook(stage, performance.now() - startedMs)
    }
  }
}
