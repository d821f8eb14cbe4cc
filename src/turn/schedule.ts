import { setTimeout as sleep } from 'node:timers/promises'
import type { Turn } from '../core/conversation.ts'
import { isAbort } from '../core/errors.ts'
import type { AccountId, ParticipantId, PersonaId, TurnId, WorkerId } from '../core/ids.ts'
import type { Claimant, TurnAnnouncements, TurnChange } from '../core/store.ts'
import { createTurnControl, type TurnControl } from './control.ts'
import { takeTurn } from './take-turn.ts'
import type { TurnTools } from './tools.ts'

export interface SchedulerOptions {
  readonly worker: WorkerId
  readonly tools: TurnTools
  readonly announcements: TurnAnnouncements
  /** How long a turn stays with a worker that shows no sign of life. */
  readonly leaseMs: number
}

export interface Scheduler extends AsyncDisposable {
  /** Under whose name a turn may be claimed for `take`; undefined while no more can be taken here. */
  claimant(): Claimant | undefined
  /** Takes a turn that was claimed for this scheduler's claimant. */
  take(turn: Turn): void
  /** Looks for work now rather than at the next poll. */
  wake(): void
  /**
   * Resolves when no turn of the persona on this account is open any more: also none that waits for
   * another try, or for the lease of a dead worker to end. Or when the signal aborts.
   */
  idle(account: AccountId, persona: PersonaId, signal: AbortSignal): Promise<void>
}

/** Turns wait for the model, not for us: the pool decides who is next, so it must see them all. */
const turnsMost = 500
/** A process that comes back to many waiting turns leaves some for the others. */
const batchMost = 20
/** Finds what no announcement told of: turns of dead workers, and what a lost connection swallowed. */
const pollMs = 1_000
/** For a reply that is being shown to come to its end when the process stops. */
const finishMs = 4_000
/** How often an open turn that is in nobody's hands here is asked after. */
const openPollMs = 200

/**
 * Claims turns as they fall due and takes each to its end.
 *
 * Announcements wake it up and tell it of changes to the turns that it works on; a slow poll stands
 * behind them. Leases are renewed three times in their length. Of this process's work nothing is
 * remembered here that the database does not know.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { worker, tools, announcements, leaseMs } = options
  const working = new Map<
    TurnId,
    { readonly turn: Turn; readonly control: TurnControl; readonly done: Promise<void> }
  >()
  const timers = new Set<NodeJS.Timeout>()
  let claiming: Promise<void> | undefined
  let claimAgain = false
  let stopping = false

  async function claimAll(): Promise<void> {
    for (let full = true; full && !stopping; ) {
      const most = Math.min(turnsMost - working.size, batchMost)
      if (most <= 0) return
      const accounts = [...tools.adapters.keys()]
      const turns = await tools.queue.claim(worker, accounts, [...tools.personas.keys()], most, leaseMs)
      for (const turn of turns) begin(turn)
      full = turns.length === most
    }
  }

  /** One claim at a time; a wake-up during it leads to another. */
  function wake(): void {
    if (stopping) return
    claimAgain = true
    claiming ??= (async () => {
      try {
        while (claimAgain) {
          claimAgain = false
          await claimAll()
        }
        tools.observer.askedStore(undefined)
      } catch (error) {
        if (!isAbort(error)) tools.observer.askedStore(error)
      } finally {
        claiming = undefined
      }
    })()
  }

  function wakeIn(ms: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      wake()
    }, ms)
    timers.add(timer)
  }

  function begin(turn: Turn): void {
    const control = createTurnControl()
    // After a lease that this process itself let go by: the two must not be taken for one.
    const before = working.get(turn.id)
    before?.control.interrupt('lost')
    const done = Promise.all([before?.done, takeTurn(turn, tools, control)]).then(([, more]) => {
      const full = working.size >= turnsMost
      if (working.get(turn.id)?.control === control) working.delete(turn.id)
      // A claim for nothing would stand in the way of what comes next.
      if (more || full) wake()
    })
    working.set(turn.id, { turn, control, done })
  }

  function onChange(change: TurnChange): void {
    const work = working.get(change.turn)
    if (work !== undefined && change.stopRequested) work.control.interrupt('stop')
    else if (work !== undefined && change.revision > work.turn.revision) work.control.interrupt('changed')
    if (change.dueInMs <= 0) wake()
    else wakeIn(change.dueInMs)
  }

  /** Their turns are gone: whatever is made or shown for them is for nobody. */
  function onErased(person: ParticipantId): void {
    for (const { turn, control } of working.values())
      if (String(turn.room.owner) === person) control.interrupt('lost')
  }

  async function renew(): Promise<void> {
    const held = [...working.values()]
    try {
      const ours = await tools.queue.renew(
        held.map(({ turn }) => turn),
        leaseMs,
      )
      // What ended in the meantime is not renewed either, and is not in `working` any more.
      for (const { turn, control } of held) if (!ours.has(turn.id)) control.interrupt('lost')
    } catch (error) {
      tools.observer.askedStore(error)
    }
  }

  /** What cannot be asked is not known: the database may be away for a while. */
  async function noneOpen(account: AccountId, persona: PersonaId): Promise<boolean> {
    try {
      return (await tools.queue.countOpen([account], [persona])) === 0
    } catch (error) {
      tools.observer.askedStore(error)
      return false
    }
  }

  const subscriptions = [announcements.subscribe(onChange), announcements.onErased(onErased)]
  const polling = setInterval(wake, pollMs)
  const renewing = setInterval(() => void renew(), leaseMs / 3)
  wake()

  return {
    wake,
    claimant: () => (stopping || working.size >= turnsMost ? undefined : { worker, leaseMs }),
    take(turn) {
      if (!stopping) return begin(turn)
      // Of a message that came in while the process began to stop. What fails here ends with the lease.
      void tools.queue.putBack(turn, 0, false).catch((error) => tools.observer.askedStore(error))
    },
    async idle(account, persona, signal) {
      wake()
      for (;;) {
        await claiming
        const ours = [...working.values()].filter(({ turn }) => turn.room.account === account)
        await Promise.all(ours.map(({ done }) => done))
        if (stopping || signal.aborted || (await noneOpen(account, persona))) return
        await sleep(openPollMs, undefined, { signal }).catch(() => undefined)
      }
    },
    async [Symbol.asyncDispose]() {
      stopping = true
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
      clearInterval(polling)
      for (const timer of timers) clearTimeout(timer)
      await claiming
      const ending = [...working.values()].map(({ done }) => done)
      const deadline = setTimeout(() => {
        for (const { control } of working.values()) control.interrupt('shutdown')
      }, finishMs)
      await Promise.all(ending)
      clearTimeout(deadline)
      clearInterval(renewing)
    },
  }
}
