import type { Inbox } from '../core/store.ts'
import { acceptMessage } from './accept-message.ts'
import type { StoreContext } from './context.ts'
import { editMessage } from './edit-message.ts'
import { redactMessage } from './redact-message.ts'
import { joinRoom, leaveRoom } from './room-presence.ts'
import { runCommand } from './run-command.ts'

/** The durable inbox: see `Inbox` for what each of these promises. */
export function createInbox(context: StoreContext): Inbox {
  return {
    accept: (doorway, event, settleMs, claimant) =>
      acceptMessage(context, doorway, event, settleMs, claimant),
    edit: (doorway, event) => editMessage(context, doorway, event),
    redact: (doorway, event) => redactMessage(context, doorway, event),
    join: (doorway, event, mayGreet) => joinRoom(context, doorway, event, mayGreet),
    leave: (doorway, event) => leaveRoom(context, doorway, event),
    command: (doorway, event) => runCommand(context, doorway, event),
  }
}
