import type { CommandName, MessageEvent } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import type { Run } from './harness.ts'

/* What one person does in the room that is called home. */

let events = 0
export const base = (run: Run) => {
  const { room, sender, at } = run.message('')
  return { room, sender, at }
}
export const command = (run: Run, name: CommandName, id?: string) =>
  run.event({
    ...base(run),
    kind: 'command',
    name,
    ...(id === undefined ? {} : { externalId: externalId(id) }),
  })
export const react = (run: Run, emoji: string, target: string, id = `reaction ${events++}`) =>
  run.event({
    ...base(run),
    kind: 'reaction',
    emoji,
    target: externalId(target),
    externalId: externalId(id),
  })
export const edit = (run: Run, message: MessageEvent, text: string) =>
  run.event({
    ...base(run),
    kind: 'edit',
    externalId: externalId(`edit ${events++}`),
    target: message.externalId,
    text,
  })
export const redact = (run: Run, target: string) =>
  run.event({ ...base(run), kind: 'redaction', target: externalId(target) })
export const say = async (run: Run, text: string) => {
  const message = run.message(text)
  await run.event(message)
  return message
}
export const settled = (run: Run) => run.settled()
export const long = (word: string) => Array.from({ length: 12 }, (_, index) => `${word}${index}`).join(' ')
