import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createUserMatcher } from '../adapters/matrix/allowed.ts'
import { connectMatrix } from '../adapters/matrix/connect.ts'
import type { MatrixNews } from '../adapters/matrix/news.ts'
import { type MatrixSession, matrixAccountId, readSession } from '../adapters/matrix/session.ts'
import { createDoorman } from '../adapters/pairing.ts'
import { HearthError, isAbort, platformError } from './core/errors.ts'
import type { ModelInfo } from './core/model.ts'
import type { Persona } from './core/persona.ts'
import type { AccountRecords } from './core/store.ts'
import type { House } from './house.ts'
import type { MatrixConfig } from './ops/config.ts'
import type { NameLock } from './store/database.ts'

interface Cast {
  readonly user: string
  readonly persona: Persona
}

const minuteMs = 60_000
/** Another process has the account: how often it is looked whether it still has. */
const standbyMs = 2_000
/** An account that has stopped at something that passes: the waits before it is tried again, doubled each time. */
const retry = { firstMs: 5_000, mostMs: 5 * minuteMs }

/**
 * Serves the accounts on Matrix, each by itself: what happens to one does not touch the others. Of several
 * processes one serves each account, and the others stand by. Ends with the signal.
 * Throws `HearthError` (`matrix-not-signed-in`) where none has ever signed in.
 */
export async function serveMatrix(
  house: House,
  config: MatrixConfig,
  casts: readonly Cast[],
  say: (line: string) => void,
  model: ModelInfo,
  signal: AbortSignal,
): Promise<void> {
  const { log, storage, health } = house
  const { records } = storage.store
  const engine = house.startEngine([...new Set(casts.map(({ persona }) => persona))])
  const sessions = await Promise.all(
    casts.map(async (cast) => ({
      ...cast,
      session: await readSession(records, cast.user, config.homeserver),
    })),
  )
  const ready = sessions.filter(
    (each): each is Cast & { session: MatrixSession } => each.session !== undefined,
  )
  for (const { user, session } of sessions) {
    if (session === undefined) say(`${user} has not signed in yet: npx hearth matrix register ${user}`)
  }
  if (ready.length === 0) throw notSignedIn()

  const troubled = new Map<string, string>()
  const report = () => {
    const [reason] = troubled.values()
    health.report('accounts', reason === undefined ? { ok: true } : { ok: false, reason })
  }

  /** Until the signal comes, also across the loss of the right to serve it, and another login. */
  async function serve(each: Cast & { session: MatrixSession }): Promise<void> {
    let { session } = each
    let failures = 0
    while (!signal.aborted) {
      const startedMs = performance.now()
      const trouble = await serveInTurn({ ...each, session })
      if (trouble === undefined) continue
      if (performance.now() - startedMs > retry.mostMs) failures = 0
      // It stays away until it is mended, by time or by somebody; the others go on.
      troubled.set(each.user, sentence(trouble))
      report()
      log.error('account stopped', trouble, { account: matrixAccountId(each.user) })
      say(`${each.user} has stopped. ${sentence(trouble)}`)
      session = await anotherSession(
        records,
        session,
        isPassing(trouble) ? retryMs(failures++) : Infinity,
        signal,
      )
      troubled.delete(each.user)
      report()
    }
  }

  /** As long as this process has the right to; what it stopped at, where it did. */
  async function serveInTurn(each: Cast & { session: MatrixSession }): Promise<unknown> {
    const account = matrixAccountId(each.user)
    await using seat = await standBy(house, account, signal)
    if (seat === undefined) return undefined
    try {
      await serveWhile(each, AbortSignal.any([signal, seat.lost]))
    } catch (error) {
      if (!signal.aborted && !(isAbort(error) && seat.lost.aborted)) return error
    }
    if (!signal.aborted) log.warn('the account was lost with its connection to the database', { account })
    return undefined
  }

  async function serveWhile(
    { user, persona, session }: Cast & { session: MatrixSession },
    life: AbortSignal,
  ): Promise<void> {
    const account = { id: matrixAccountId(user), platform: 'matrix' } as const
    const tell = (news: MatrixNews) => {
      if (news.kind === 'keys') return house.metrics.matrixKeys(account.id, news)
      house.metrics.matrix(news.kind)
      const wasWell = !troubled.has(user)
      switch (news.kind) {
        case 'answering':
          troubled.delete(user)
          if (!wasWell) log.info('the homeserver answers again', { account: account.id })
          return report()
        case 'troubled':
          troubled.set(user, sentence(news.error))
          if (wasWell)
            log.warn(
              isTheirs(news.error) ? 'the homeserver does not answer' : 'what it brought cannot be taken',
              { account: account.id, reason: sentence(news.error) },
            )
          return report()
        case 'passed-over':
          return log.error('an event was passed over', news.error, { account: account.id })
        case 'unsigned':
          return log.error('the account has no identity that signs its device', news.error, {
            account: account.id,
          })
        case 'backup-failed':
          return log.warn('the backup of the room keys fails', {
            account: account.id,
            reason: sentence(news.error),
          })
        case 'undecryptable':
          return log.warn('a message cannot be decrypted', { account: account.id, reason: news.reason })
        case 'emoji':
          return say(emojiText(news.emoji))
        case 'verified':
          return log.info('an operator has verified the account', { account: account.id })
        case 'decrypted':
          return
      }
    }
    await using adapter = connectMatrix({
      account,
      session,
      records,
      personaName: persona.name,
      doorman: createDoorman(
        account.id,
        records,
        createUserMatcher([...config.allow, ...config.operators]),
        'invite me again',
      ),
      ignores: createUserMatcher(config.ignore),
      verifies: createUserMatcher(config.operators),
      catchUpMs: config.catchUpMinutes * minuteMs,
      tell,
    })
    say(`${persona.name} is ${session.userId} and speaks through ${model.name}.`)
    log.info('account started', { account: account.id, persona: persona.id })
    await engine.serve(adapter, persona.id, { oneByOne: false }, life)
    // What is being shown comes to its end while the account can still send it.
    if (signal.aborted) await engine[Symbol.asyncDispose]()
  }

  report()
  await Promise.all(ready.map(serve))
}

const isPassing = (error: unknown) => error instanceof HearthError && error.retryable
const retryMs = (failures: number) => Math.min(retry.firstMs * 2 ** failures, retry.mostMs)

/**
 * The next session of the account, as soon as somebody has signed in anew, in whichever process; or the same
 * one when the wait is over.
 */
async function anotherSession(
  records: AccountRecords,
  before: MatrixSession,
  waitMs: number,
  signal: AbortSignal,
): Promise<MatrixSession> {
  const untilMs = performance.now() + waitMs
  while (!signal.aborted && performance.now() < untilMs) {
    await sleep(standbyMs, undefined, { signal }).catch(() => undefined)
    const session = await readSession(records, before.userId, before.homeserver).catch(() => undefined)
    if (session !== undefined && session.accessToken !== before.accessToken) return session
  }
  return before
}

/** The right to serve an account, when it is free; undefined when the signal came first. */
async function standBy(house: House, account: string, signal: AbortSignal): Promise<NameLock | undefined> {
  while (!signal.aborted) {
    // A database that is away is told of by whoever asks it for work.
    const lock = await house.storage.database.lock(`account ${account}`).catch(() => undefined)
    if (lock !== undefined) return lock
    await sleep(standbyMs, undefined, { signal }).catch(() => undefined)
  }
  return undefined
}

const isTheirs = (error: unknown) => error instanceof HearthError && error.who === 'platform'

const sentence = (error: unknown): string =>
  error instanceof HearthError
    ? [error.message, error.mend].filter(Boolean).join(' ')
    : 'It failed; the log says why.'

const emojiText = (emoji: Extract<MatrixNews, { kind: 'emoji' }>['emoji']): string =>
  [
    'Your client should show these, in this order. Where it does, confirm it there; otherwise somebody stands in between.',
    `    ${emoji.map(({ symbol, description }) => `${symbol} ${description}`).join('   ')}`,
  ].join('\n')

const notSignedIn = (): HearthError =>
  platformError('No account of `matrix.accounts` has signed in yet.', {
    code: 'matrix-not-signed-in',
    mend: 'Make them with: npx hearth matrix register',
  })
