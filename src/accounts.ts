import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { HearthError, isAbort } from './core/errors.ts'
import type { AccountId } from './core/ids.ts'
import type { House } from './house.ts'

/** Another process has the account: how often it is looked whether it still has. */
export const standbyMs = 2_000
const minuteMs = 60_000
/** An account that has stopped at something that passes: the waits before it is tried again, doubled each time. */
const retry = { firstMs: 5_000, mostMs: 5 * minuteMs }

/** The right to serve an account. */
export interface Right extends AsyncDisposable {
  /** Aborted when it has ended by itself. */
  readonly lost: AbortSignal
}

export interface KeptAccount<Held extends Right = Right> {
  readonly id: AccountId
  /** As the configuration calls it. */
  readonly name: string
  /** Undefined when another process has it. */
  claim(): Promise<Held | undefined>
  /** Until the signal aborts. What it throws stops the account, and no other one. */
  serve(life: AbortSignal, right: Held): Promise<void>
  /** Resolves when it may be tried again: after the wait, or when somebody has mended it. */
  mended(waitMs: number, signal: AbortSignal): Promise<void>
}

/** Serves accounts, each by itself: what happens to one does not touch the others. */
export interface AccountKeeper {
  /** Until the signal comes, also across the loss of the right to serve it; stands by where another process has it. */
  keep<Held extends Right>(account: KeptAccount<Held>, signal: AbortSignal): Promise<void>
  /** Says of an account, or a whole platform, that it cannot be served before the next start. `name`: as people call it. */
  refuse(name: string, error: HearthError): void
  /** What an account on any platform tells. Each change goes into the log once. `whom`: "the homeserver". */
  tell(account: Pick<KeptAccount, 'id' | 'name'>, news: AccountNews, whom: string): void
}

export type AccountNews =
  | { readonly kind: 'answering' }
  | { readonly kind: 'troubled' | 'passed-over' | 'picture-refused'; readonly error: unknown }

export function createAccountKeeper(house: House, say: (line: string) => void): AccountKeeper {
  const { log, health } = house
  const troubles = new Map<string, string>()
  const report = () => {
    const [reason] = troubles.values()
    health.report('accounts', reason === undefined ? { ok: true } : { ok: false, reason })
  }

  /** True where it was well before. */
  function troubled(name: string, error: unknown): boolean {
    const wasWell = !troubles.has(name)
    troubles.set(name, sentenceOf(error))
    report()
    return wasWell
  }

  /** True where it was not. */
  function well(name: string): boolean {
    const wasTroubled = troubles.delete(name)
    report()
    return wasTroubled
  }

  /** As long as this process has the right to; what it stopped at, where it did. */
  async function serveInTurn<Held extends Right>(
    { id, claim, serve }: KeptAccount<Held>,
    signal: AbortSignal,
  ): Promise<unknown> {
    await using right = await standBy(claim, signal)
    if (right === undefined) return undefined
    try {
      await serve(AbortSignal.any([signal, right.lost]), right)
    } catch (error) {
      if (!signal.aborted && !(isAbort(error) && right.lost.aborted)) return error
    }
    if (!signal.aborted) log.warn('the account was lost with its connection to the database', { account: id })
    return undefined
  }

  return {
    tell({ id: account, name }, news, whom) {
      switch (news.kind) {
        case 'answering':
          if (well(name)) log.info(`${whom} answers again`, { account })
          return
        case 'troubled':
          if (troubled(name, news.error)) {
            const theirs = news.error instanceof HearthError && news.error.who === 'platform'
            const what = theirs ? `${whom} does not answer` : 'what it brought cannot be taken'
            log.warn(what, { account, reason: sentenceOf(news.error) })
          }
          return
        case 'passed-over':
          return log.error('an event was passed over', news.error, { account })
        case 'picture-refused':
          return log.warn(`${whom} refuses the picture`, { account, reason: sentenceOf(news.error) })
      }
    },
    refuse(name, error) {
      troubled(name, error)
      log.error('not started', error)
      say(`${name} does not start. ${sentenceOf(error)}`)
    },
    async keep(account, signal) {
      let failures = 0
      report()
      while (!signal.aborted) {
        const startedMs = performance.now()
        const trouble = await serveInTurn(account, signal)
        if (trouble === undefined) continue
        if (performance.now() - startedMs > retry.mostMs) failures = 0
        // It stays away until it is mended, by time or by somebody; the others go on.
        troubled(account.name, trouble)
        log.error('account stopped', trouble, { account: account.id })
        say(`${account.name} has stopped. ${sentenceOf(trouble)}`)
        const passes = trouble instanceof HearthError && trouble.retryable
        await account.mended(passes ? retryMs(failures++) : Number.POSITIVE_INFINITY, signal)
        well(account.name)
      }
    },
  }
}

const retryMs = (failures: number) => Math.min(retry.firstMs * 2 ** failures, retry.mostMs)

/** For an account that one process serves, while the others stand by. */
export const claimAlone =
  ({ storage }: House, account: AccountId) =>
  () =>
    storage.database.lock(accountName(account))

/** What the right to serve an account is called in the database. */
export const accountName = (account: AccountId): string => `account ${account}`

/** The right to serve it, as soon as it can be had; undefined when the signal came first. */
async function standBy<Held extends Right>(
  claim: KeptAccount<Held>['claim'],
  signal: AbortSignal,
): Promise<Held | undefined> {
  while (!signal.aborted) {
    // A database that is away is told of by whoever asks it for work.
    const right = await claim().catch(() => undefined)
    if (right !== undefined) return right
    await sleep(standbyMs, undefined, { signal }).catch(() => undefined)
  }
  return undefined
}

export const sentenceOf = (error: unknown): string =>
  error instanceof HearthError
    ? [error.message, error.mend].filter(Boolean).join(' ')
    : 'It failed; the log says why.'
