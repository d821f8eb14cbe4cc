import type { Adapter } from '../core/adapter.ts'
import { keptAttachments } from '../core/attachment.ts'
import { commandOfReaction, type InboundEvent, type MessageEvent } from '../core/events.ts'
import type { PersonaId } from '../core/ids.ts'
import type { Observer } from '../core/observer.ts'
import type { Doorway } from '../core/store.ts'
import { cleanText, isBlank } from '../core/text.ts'
import type { Turnstile } from '../core/turnstile.ts'
import { askedInWords } from './asked-in-words.ts'
import { type CircleTools, heardInGroup } from './circle.ts'
import { type CommandTools, receiveCommand } from './receive-command.ts'
import { inRoom } from './room-settings.ts'
import type { Scheduler } from './schedule.ts'

export interface ReceiveTools extends CommandTools, CircleTools {
  readonly observer: Observer
  readonly scheduler: Pick<Scheduler, 'claimant' | 'take'>
  /** How messages get in. */
  readonly turnstile: Pick<Turnstile, 'enter'>
}

/**
 * Takes one event from a platform. When it resolves, everything that the event changes is durable.
 * Throws `HearthError` when it could not be stored: then the platform must not take it as delivered.
 */
export async function receive(
  event: InboundEvent,
  adapter: Adapter,
  persona: PersonaId,
  tools: ReceiveTools,
): Promise<void> {
  const doorway: Doorway = { account: adapter.account.id, platform: adapter.account.platform, persona }
  switch (event.kind) {
    case 'message':
      return receiveMessage(event, adapter, doorway, tools)
    case 'edit':
      await tools.inbox.edit(doorway, { ...event, text: cleanText(event.text) })
      return
    case 'redaction':
      return tools.inbox.redact(doorway, event)
    case 'membership':
      if (event.change === 'left') return tools.inbox.leave(doorway, event)
      await tools.inbox.join(doorway, event, (tools.personas.get(persona)?.greetings.length ?? 0) > 0)
      return
    case 'reaction': {
      const name = commandOfReaction(event.emoji)
      if (name !== undefined)
        await receiveCommand({ ...event, kind: 'command', name }, adapter, doorway, tools)
      return
    }
    case 'command':
      return receiveCommand(event, adapter, doorway, tools)
  }
}

async function receiveMessage(
  event: MessageEvent,
  adapter: Adapter,
  doorway: Doorway,
  tools: ReceiveTools,
): Promise<void> {
  const text = cleanText(event.text)
  if (isBlank(text)) return
  // What somebody asks of what is kept of them is between them and Hearth: it is answered, and not kept.
  const asked = event.room.kind === 'direct' && event.unanswered !== true ? askedInWords(text) : undefined
  if (asked !== undefined) {
    const { room, sender, at, externalId } = event
    const command = { kind: 'command', ...asked, room, sender, at, externalId } as const
    return await receiveCommand(command, adapter, doorway, tools)
  }
  const settleMs = adapter.limits.bursts ? await settleMsIn(event, doorway, tools) : 0
  const { inbox, scheduler } = tools
  const attachments = keptAttachments(event.attachments ?? [])
  const kept = { ...event, text, attachments }
  const acceptance = await tools.turnstile.enter(async () => {
    const accepted = await inbox.accept(doorway, kept, settleMs, scheduler.claimant())
    if (accepted.claimed !== undefined) scheduler.take(accepted.claimed)
    return accepted
  })
  const { status, room } = acceptance
  if (status === 'accepted') tools.observer.accepted(doorway.platform)
  if (room.kind === 'group') await heardInGroup(kept, doorway, acceptance, tools)
}

async function settleMsIn(event: MessageEvent, doorway: Doorway, tools: ReceiveTools): Promise<number> {
  const persona = tools.personas.get(doorway.persona)
  if (persona === undefined) return tools.settleMs
  const room = await tools.manners.findRoom(doorway, event.room)
  const set = room === undefined ? {} : await tools.manners.read(room, persona.id)
  return inRoom(persona, set).manners.settleMs ?? tools.settleMs
}
