import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createUserMatcher } from '../adapters/matrix/allowed.ts'
import { connectMatrix } from '../adapters/matrix/connect.ts'
import type { MatrixNews } from '../adapters/matrix/news.ts'
import { type MatrixSession, matrixAccountId, readSession } from '../adapters/matrix/session.ts'
import { createDoorman } from '../adapters/pairing.ts'
import { type AccountKeeper, claimAlone, sentenceOf, standbyMs } from './accounts.ts'
import { type HearthError, platformError } from './core/errors.ts'
import type { ModelInfo } from './core/model.ts'
import type { Persona } from './core/persona.ts'
import type { AccountRecords } from './core/store.ts'
import type { House } from './house.ts'
import type { MatrixConfig } from './ops/config.ts'
import type { Engine } from './turn/engine.ts'

export interface MatrixCast {
  readonly user: string
  readonly persona: Persona
}

const minuteMs = 60_000

/** Serves the accounts on Matrix until the signal comes. Throws `HearthError` (`matrix-not-signed-in`) where none has ever signed in. */
export async function serveMatrix(
  house: House,
  engine: Engine,
  keeper: AccountKeeper,
  config: MatrixConfig,
  casts: readonly MatrixCast[],
  say: (line: string) => void,
  model: ModelInfo,
  signal: AbortSignal,
): Promise<void> {
  const { log, storage } = house
  const { records } = storage.store
  const sessions = await Promise.all(
    casts.map(async (cast) => ({
      ...cast,
      session: await readSession(records, cast.user, config.homeserver),
    })),
  )
  const ready = sessions.filter(
    (each): each is MatrixCast & { session: MatrixSession } => each.session !== undefined,
  )
  for (const { user, session } of sessions) {
    if (session === undefined) say(`${user} has not signed in yet: npx hearth matrix register ${user}`)
  }
  if (ready.length === 0) throw notSignedIn()
  const ours = new Set(ready.map(({ session }) => session.userId))

  async function serve(each: MatrixCast & { session: MatrixSession }): Promise<void> {
    const { user } = each
    let { session } = each
    await keeper.keep(
      {
        id: matrixAccountId(user),
        name: user,
        claim: claimAlone(house, matrixAccountId(user)),
        serve: (life) => serveWhile({ ...each, session }, life),
        async mended(waitMs, life) {
          session = await anotherSession(records, session, waitMs, life)
        },
      },
      signal,
    )
  }

  async function serveWhile(
    { user, persona, session }: MatrixCast & { session: MatrixSession },
    life: AbortSignal,
  ): Promise<void> {
    const account = { id: matrixAccountId(user), platform: 'matrix' } as const
    const tell = (news: MatrixNews) => {
      if (news.kind === 'keys') return house.metrics.matrixKeys(account.id, news)
      house.metrics.matrix(news.kind)
      switch (news.kind) {
        case 'answering':
        case 'troubled':
        case 'passed-over':
          return keeper.tell({ id: account.id, name: user }, news, 'the homeserver')
        case 'unsigned':
          return log.error('the account has no identity that signs its device', news.error, {
            account: account.id,
          })
        case 'backup-failed':
          return log.warn('the backup of the room keys fails', {
            account: account.id,
            reason: sentenceOf(news.error),
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
      isHousemate: (other) => other !== session.userId && ours.has(other),
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

  await Promise.all(ready.map(serve))
}

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
