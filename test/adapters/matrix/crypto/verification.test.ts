import {
  CryptoEvent,
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  VerifierEvent,
} from 'matrix-js-sdk/lib/crypto-api/index.js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CryptoNews } from '../../../../adapters/matrix/crypto/protocol.ts'
import { newRecoveryKey } from '../../../../adapters/matrix/crypto/recovery-key.ts'
import { type BareAccount, openBareAccount } from '../../../support/matrix/bare-account.ts'
import { hasSynapse, makePerson, makeSession, password } from '../../../support/matrix/house.ts'
import type { MatrixPerson } from '../../../support/matrix/person.ts'
import { memoryRecords } from '../../../support/matrix/records.ts'

const signal = () => AbortSignal.timeout(60_000)
type Emoji = Extract<CryptoNews, { kind: 'emoji' }>

/** What the person's client shows, once both have come so far. */
async function emojiOf(request: VerificationRequest): Promise<ShowSasCallbacks> {
  const verifier = request.verifier ?? (await request.startVerification('m.sas.v1'))
  const known = verifier.getShowSasCallbacks()
  const shown =
    known ?? new Promise<ShowSasCallbacks>((resolve) => verifier.once(VerifierEvent.ShowSas, resolve))
  verifier.verify().catch(() => undefined)
  return await shown
}

const symbols = (callbacks: ShowSasCallbacks) => callbacks.sas.emoji?.map(([symbol]) => symbol)

describe.runIf(hasSynapse())('verification by emoji', () => {
  let ada: MatrixPerson
  let mira: BareAccount
  let news: CryptoNews[]
  let room: string
  let operators: string[]
  beforeAll(async () => {
    ada = await makePerson('ada')
  })
  afterEach(() => mira?.[Symbol.asyncDispose]())
  afterAll(() => ada?.[Symbol.dispose]())

  async function meet() {
    news = []
    operators = [ada.id]
    mira = openBareAccount(await makeSession('mira'), memoryRecords(), {
      tell: (each) => news.push(each),
      verifies: (user) => operators.includes(user),
    })
    await mira.crypto.call('setUp', { password: undefined, recoveryKey: newRecoveryKey() }, signal())
    room = await ada.makeRoom([mira.session.user], { encrypted: true })
    await mira.sync()
    await mira.sync()
    await ada.until(
      () => ada.client.getRoom(room)?.getMember(mira.session.user)?.membership === 'join',
      'the account in the room',
    )
    await ada.say(room, 'Hello.')
    await mira.until(({ decryption }) => decryption?.readable === true)
  }

  /** Syncs until both show their emoji. */
  async function compare(request: VerificationRequest) {
    const theirs = emojiOf(request)
    const ours = await hear((each): each is Emoji => each.kind === 'emoji')
    return { ours, theirs: await theirs }
  }

  async function hear<T extends CryptoNews>(is: (news: CryptoNews) => news is T): Promise<T> {
    for (let tries = 0; tries < 150; tries++) {
      const found = news.find(is)
      if (found !== undefined) return found
      await mira.sync(300)
    }
    throw new Error('the news did not come')
  }
  const ended = (each: CryptoNews): each is Extract<CryptoNews, { kind: 'verification-ended' }> =>
    each.kind === 'verification-ended'

  /** Both say that the emoji are the same. */
  async function agree(request: VerificationRequest) {
    const { ours, theirs } = await compare(request)
    expect(ours.emoji).toHaveLength(7)
    expect(symbols(theirs)).toEqual(ours.emoji.map(({ symbol }) => symbol))
    expect(ours.user).toBe(ada.id)
    await theirs.confirm()
    await mira.crypto.call('decideVerification', { user: ours.user, flow: ours.flow, match: true }, signal())
    expect(await hear(ended)).toMatchObject({ outcome: 'done', flow: ours.flow })
    await ada.until(() => request.phase === VerificationPhase.Done, 'the end at the other side')
  }

  const shield = async () =>
    (await ada.crypto.getUserVerificationStatus(mira.session.user)).isCrossSigningVerified()

  async function asked(begin: () => Promise<unknown>): Promise<VerificationRequest> {
    const received = new Promise<VerificationRequest>((resolve) =>
      ada.client.once(CryptoEvent.VerificationRequestReceived, resolve),
    )
    await begin()
    const request = await received
    await request.accept()
    return request
  }

  async function ready(request: VerificationRequest) {
    for (let tries = 0; request.phase !== VerificationPhase.Ready && tries < 150; tries++)
      await mira.sync(300)
    return request
  }

  it('begun by the person in the encrypted room, gives the green shield', async () => {
    await meet()
    expect(await shield()).toBe(false)
    await agree(await ready(await ada.crypto.requestVerificationDM(mira.session.user, room)))
    expect(await shield()).toBe(true)
    const ours = ada
      .events(room)
      .filter((event) => event.getSender() === mira.session.user && event.getType() !== 'm.room.member')
    expect(ours.map((event) => event.getType())).toContain('m.key.verification.ready')
    expect(ours.every((event) => event.isEncrypted())).toBe(true)
  })

  it('begun by the person with the device', async () => {
    await meet()
    const { user, device } = mira.session
    await agree(await ready(await ada.crypto.requestDeviceVerification(user, device)))
    expect((await ada.crypto.getDeviceVerificationStatus(user, device))?.isVerified()).toBe(true)
  })

  it('begun by the account in the encrypted room', async () => {
    await meet()
    const request = await asked(() =>
      mira.crypto.call('startVerificationInRoom', { user: ada.id, room }, signal()),
    )
    await waitForStart(request)
    await agree(request)
    expect(await shield()).toBe(true)
  })

  it('begun by the account with the person’s device', async () => {
    await meet()
    const device = ada.client.getDeviceId() ?? ''
    const request = await asked(() =>
      mira.crypto.call('startVerification', { user: ada.id, device }, signal()),
    )
    await waitForStart(request)
    await agree(request)
  })

  async function waitForStart(request: VerificationRequest) {
    for (let tries = 0; request.verifier === undefined && tries < 150; tries++) await mira.sync(300)
  }

  it('ends without trust when they are not the same', async () => {
    await meet()
    const request = await ready(await ada.crypto.requestVerificationDM(mira.session.user, room))
    const { ours, theirs } = await compare(request)
    await mira.crypto.call('decideVerification', { user: ours.user, flow: ours.flow, match: false }, signal())
    await ada.until(() => request.phase === VerificationPhase.Cancelled, 'the end at the other side')
    await theirs.confirm().catch(() => undefined)
    expect(await hear(ended)).toMatchObject({ outcome: 'cancelled' })
    expect(await shield()).toBe(false)
  })

  it('is not answered for somebody who is no operator', async () => {
    await meet()
    operators = []
    const request = await ada.crypto.requestVerificationDM(mira.session.user, room)
    for (let tries = 0; tries < 4; tries++) await mira.sync(200)
    expect(request.phase).toBe(VerificationPhase.Requested)
    await request.cancel()
    const direct = await ada.crypto.requestDeviceVerification(mira.session.user, mira.session.device)
    for (let tries = 0; tries < 4; tries++) await mira.sync(200)
    expect(direct.phase).toBe(VerificationPhase.Requested)
    expect(news.filter(({ kind }) => kind !== 'keys-came')).toEqual([])
  })

  it('still writes to somebody who was verified, and has another identity since then', async () => {
    await meet()
    await agree(await ready(await ada.crypto.requestVerificationDM(mira.session.user, room)))
    await mira.send(room, 'Before.')
    await ada.crypto.bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: async (make) =>
        void (await make({
          type: 'm.login.password',
          identifier: { type: 'm.id.user', user: ada.id },
          password,
        })),
    })
    await ada.crypto.withdrawVerificationRequirement(mira.session.user)
    await ada.say(room, 'I have another identity now.')
    for (let syncs = 0; syncs < 4; syncs++) await mira.sync(300)
    await mira.send(room, 'After.')
    await ada.until(
      () => ada.seen(room, mira.session.user).some(({ text }) => text === 'After.'),
      'what was said after it',
    )
  })
})
