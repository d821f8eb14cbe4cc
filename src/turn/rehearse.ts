import { type Turn, unknownRecallPlace } from '../core/conversation.ts'
import { modelError } from '../core/errors.ts'
import {
  accountId,
  externalId,
  messageId,
  ownerId,
  participantId,
  roomId,
  turnId,
  workerId,
} from '../core/ids.ts'
import type { Generator, ModelInfo, Sampling } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { HistoryMessage } from '../core/store.ts'
import { cleanText } from '../core/text.ts'
import { compose } from './compose.ts'
import { noReminders } from './remind.ts'

export interface Rehearsal {
  readonly persona: Persona
  readonly model: ModelInfo
  /** In the place of what the persona has of it. */
  readonly sampling: Sampling
  readonly generator: Generator
}

/** The same each time: prompts may tell the time. */
const clock = new Date(2026, 0, 14, 18, 30)
const minuteMs = 60_000
const person = { kind: 'participant', id: participantId(fixedId(1)), displayName: 'somebody' } as const

/**
 * Says these things to a persona, one after the other, in a room of which nothing is kept, and returns what it
 * answers to the last. The same persona, model and sampling are asked the very same each time. Throws
 * `HearthError`: what the generator throws, and `rehearsal-too-long`; or what the aborted signal throws.
 */
export async function rehearse(
  says: readonly string[],
  rehearsal: Rehearsal,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly cut: boolean }> {
  const history: HistoryMessage[] = []
  let reply = { text: '', cut: false }
  for (const [index, text] of says.entries()) {
    const position = index * 2 + 1
    const saidAt = new Date(clock.getTime() + index * minuteMs)
    history.push({ id: messageId(fixedId(position)), author: person, text, saidAt, anchor: position })
    const turn = turnOf(rehearsal.persona, position)
    reply = await answer(turn, history, rehearsal, saidAt, signal)
    const author = { kind: 'persona', id: rehearsal.persona.id, turn: turn.id } as const
    const { text: answered } = reply
    history.push({ id: messageId(fixedId(position + 1)), author, text: answered, saidAt, anchor: position })
  }
  return reply
}

async function answer(
  turn: Turn,
  messages: readonly HistoryMessage[],
  { persona, model, sampling, generator }: Rehearsal,
  now: Date,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly cut: boolean }> {
  const composed = compose({
    turn,
    persona,
    history: { messages, historyFrom: 0, summary: undefined },
    images: new Map(),
    reminders: noReminders,
    selves: new Map(),
    model,
    scale: 1,
    now,
    past: undefined,
    near: [],
    personas: new Map(),
  })
  if (!composed.allowed) throw tooLong(persona)
  const options = {
    ...composed.options,
    model: model.name,
    sampling: { ...composed.options.sampling, ...sampling },
    priority: 'job',
  } as const
  let text: string = composed.prefill
  let cut = false
  for await (const piece of generator.generate(composed.prompt, options, signal)) {
    if (piece.kind === 'text') text += piece.text
    else cut = piece.finish === 'length'
  }
  return { text: cleanText(text).trim(), cut }
}

function turnOf(persona: Persona, position: number): Turn {
  const account = accountId('rehearsal')
  const room = {
    id: roomId(fixedId(2)),
    owner: ownerId(fixedId(1)),
    kind: 'direct',
    account,
    externalId: externalId('rehearsal'),
    namedBy: account,
  } as const
  return {
    id: turnId(fixedId(position)),
    room,
    persona: persona.id,
    kind: 'reply',
    state: 'running',
    since: position,
    shown: false,
    revision: 0,
    swipe: 0,
    attempt: 1,
    worker: workerId(fixedId(3)),
    failures: 0,
    stopRequested: false,
    history: { amended: 0, position, from: 0, until: position },
    recall: unknownRecallPlace,
    manners: {},
  }
}

function fixedId(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

const tooLong = ({ name }: Persona) =>
  modelError(`What is said to ${name} leaves no room for an answer.`, {
    code: 'rehearsal-too-long',
    mend: 'Shorten the prompts, or raise budget.contextTokens in its persona.yaml.',
  })
