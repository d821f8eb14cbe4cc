import type { Inbox } from '../core/store.ts'
import { acceptMessage } from './accept-message.ts'
import type { StoreContext } from './context.ts'
import { editMessage, redactMessage } from './inbox-messages.ts'
import { greetRoom, retryTurn, stopTurn } from './inbox-turns.ts'

/** The durable inbox: see `Inbox` for what each of these promises. */
export function createInbox(context: StoreContext): Inbox {
  return {
    accept: (doorway, event, settleMs) => acceptMessage(context, doorway, event, settleMs),
    edit: (doorway, event) => editMessage(context, doorway, event),
    redact: (doorway, event) => redactMessage(context, doorway, event),
    greet: (doorway, event) => greetRoom(context, doorway, event),
    retry: (doorway, room) => retryTurn(context, doorway, room),
    stop: (doorway, room) => stopTurn(context, doorway, room),
  }
}
