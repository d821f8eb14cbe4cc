import { setTimeout as sleep } from 'node:timers/promises'
import type { Adapter } from '../core/adapter.ts'
import { type CommandEvent, commands } from '../core/events.ts'
import { newUuid } from '../core/ids.ts'
import type { Doorway, Inbox, RetryOutcome } from '../core/store.ts'

const noticeTimeoutMs = 10_000
/** The last of a reply is shown a moment before its turn is closed: who asks for another one then is in time. */
const endingMs = 2_000
const endingPollMs = 25

/** Carries a command out. What it leads to is shown by the turn; what it does not lead to, by a notice. */
export async function receiveCommand(
  event: CommandEvent,
  adapter: Adapter,
  doorway: Doorway,
  inbox: Inbox,
): Promise<void> {
  const text = await carryOut(event, doorway, inbox)
  if (text === undefined) return
  const key = { id: `command.${newUuid()}`, firstTriedAt: new Date() }
  const content = { text, kind: 'notice', final: true } as const
  await adapter.send(event.room, content, key, AbortSignal.timeout(noticeTimeoutMs))
}

async function carryOut(event: CommandEvent, doorway: Doorway, inbox: Inbox): Promise<string | undefined> {
  switch (event.name) {
    case 'help':
      return commands.map(({ name, summary }) => `${name}: ${summary}`).join('\n')
    case 'retry': {
      const outcome = await retry(event, doorway, inbox)
      if (outcome === 'retrying') return undefined
      if (outcome === 'nothing-to-retry') return 'There is no answer yet that I could try again.'
      return 'I am still at it. Say stop first if you want another answer.'
    }
    case 'stop': {
      const outcome = await inbox.stop(doorway, event.room)
      return outcome === 'stopping' ? undefined : 'Nothing is being written.'
    }
  }
}

async function retry(event: CommandEvent, doorway: Doorway, inbox: Inbox): Promise<RetryOutcome> {
  for (let waitedMs = 0; ; waitedMs += endingPollMs) {
    const outcome = await inbox.retry(doorway, event.room)
    if (outcome !== 'ending' || waitedMs >= endingMs) return outcome
    await sleep(endingPollMs)
  }
}
