import type { Inbox } from '../core/store.ts'
import { acceptMessage } from './accept-message.ts'
import type { StoreContext } from './context.ts'
import { editMessage } from './edit-message.ts'
import { isGone } from './errors.ts'
import { redactMessage } from './redact-message.ts'
import { joinRoom, leaveRoom } from './room-presence.ts'
import { runCommand } from './run-command.ts'

/** The durable inbox: see `Inbox` for what each of these promises. */
export function createInbox(context: StoreContext): Inbox {
  /** Somebody who was erased, and writes again, is new: what this process knew of them is not true any more. */
  async function afresh<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isGone(error)) throw error
      context.directory.clear()
      return await work()
    }
  }

  return {
    accept: (doorway, event, settleMs, claimant) =>
      afresh(() => acceptMessage(context, doorway, event, settleMs, claimant)),
    edit: (doorway, event) => afresh(() => editMessage(context, doorway, event)),
    redact: (doorway, event) => afresh(() => redactMessage(context, doorway, event)),
    join: (doorway, event, mayGreet) => afresh(() => joinRoom(context, doorway, event, mayGreet)),
    leave: (doorway, event) => afresh(() => leaveRoom(context, doorway, event)),
    command: (doorway, event) => afresh(() => runCommand(context, doorway, event)),
  }
}
