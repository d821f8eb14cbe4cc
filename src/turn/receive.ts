import type { Adapter } from '../core/adapter.ts'
import { commands, type InboundEvent, type MessageEvent } from '../core/events.ts'
import type { PersonaId } from '../core/ids.ts'
import type { Observer } from '../core/observer.ts'
import type { Persona } from '../core/persona.ts'
import type { Doorway, Inbox } from '../core/store.ts'
import { cleanText, isBlank } from '../core/text.ts'
import { receiveCommand } from './receive-command.ts'

export interface ReceiveTools {
  readonly inbox: Inbox
  readonly observer: Observer
  readonly personas: ReadonlyMap<PersonaId, Persona>
  readonly settleMs: number
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
      if ((tools.personas.get(persona)?.greetings.length ?? 0) > 0) await tools.inbox.greet(doorway, event)
      return
    case 'reaction': {
      const command = commands.find(({ emoji }) => emoji === event.emoji)
      if (command === undefined) return
      return receiveCommand({ ...event, kind: 'command', name: command.name }, adapter, doorway, tools.inbox)
    }
    case 'command':
      return receiveCommand(event, adapter, doorway, tools.inbox)
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
  const settleMs = adapter.limits.bursts
    ? (tools.personas.get(doorway.persona)?.manners.settleMs ?? tools.settleMs)
    : 0
  const { status } = await tools.inbox.accept(doorway, { ...event, text }, settleMs)
  if (status === 'accepted') tools.observer.accepted(doorway.platform)
}
