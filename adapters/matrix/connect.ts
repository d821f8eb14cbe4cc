import type { Adapter, Outgoing } from '../../src/core/adapter.ts'
import type { Account } from '../../src/core/conversation.ts'
import { newUuid } from '../../src/core/ids.ts'
import type { AccountRecords } from '../../src/core/store.ts'
import { createLife } from '../life.ts'
import type { Doorman } from '../pairing.ts'
import { fromExternalId } from './address.ts'
import { fromPlainError } from './crypto/errors.ts'
import { patiently } from './crypto/homeserver.ts'
import { openCrypto } from './crypto/open.ts'
import type { SessionName, UnreadableReason } from './crypto/protocol.ts'
import { encodeEdit, encodeMessage } from './encode.ts'
import { accountClosed, notPrivate } from './errors.ts'
import { openHomeserver } from './homeserver.ts'
import { createIdentityKeeper } from './identity.ts'
import { createInbound, type TakeSync } from './inbound.ts'
import { createInvites } from './invites.ts'
import { createMediaStore } from './media.ts'
import type { MediaPlace } from './media-content.ts'
import type { TellNews } from './news.ts'
import { editPauseMs } from './pace.ts'
import { createPlaces } from './places.ts'
import { createRooms } from './rooms.ts'
import { createSender } from './sender.ts'
import type { MatrixSession } from './session.ts'
import { followSync } from './sync.ts'
import { createUnreadable } from './unreadable.ts'

export interface MatrixOptions {
  readonly account: Account
  readonly session: MatrixSession
  readonly records: AccountRecords
  readonly personaName: string
  readonly doorman: Doorman
  /** The accounts of other personas of this house. */
  readonly isHousemate: (user: string) => boolean
  /** Other bots, to which the persona never answers. */
  readonly ignores: (user: string) => boolean
  /** Who runs the account, and may verify it by emoji. */
  readonly verifies: (user: string) => boolean
  /** What was said longer ago, while the account was away, is kept and not answered. */
  readonly catchUpMs: number
  readonly tell: TellNews
}

/** Twice as text and twice as HTML, encrypted, in any script: far below the 65,536 bytes of an event. */
const messageChars = 4_000
/** A reply that is complete by then comes at once all the same. */
const graceMs = 40
const typingMs = 10_000

const unreadableSentences: Readonly<Record<UnreadableReason, string>> = {
  'missing-key': 'I cannot read that message: its key has not reached me. If it arrives, I will answer.',
  'unsigned-device':
    'I cannot read that message: the device that it came from is not verified. Verify it in its settings, and write to me again.',
  withheld:
    'I cannot read that message: your client does not give me its key. Look whether it trusts my device.',
  malformed: 'I cannot read that message.',
}

type Attached = NonNullable<Outgoing['attachment']>

/** One account on a homeserver. It is encrypted wherever a room is. Nothing is read before `start`. */
export function connectMatrix(options: MatrixOptions): Adapter {
  const { account, session, records, doorman, tell } = options
  const self = session.userId
  const life = createLife(accountClosed)
  const send = openHomeserver(session.homeserver, session.accessToken)
  const request = patiently(send)
  /** Keys to what could not be read before. */
  const arrived: SessionName[] = []
  const crypto = openCrypto({
    account: account.id,
    user: self,
    device: session.deviceId,
    ...(session.previousDeviceId !== undefined && { previousDevice: session.previousDeviceId }),
    records,
    request: send,
    verifies: options.verifies,
    tell: (news) => {
      switch (news.kind) {
        case 'keys-came':
          return void arrived.push(...news.sessions)
        case 'emoji': {
          tell({ kind: 'emoji', emoji: news.emoji })
          // Whoever compares sits before the other device, and decides there for both. Nothing of ours
          // rests on how far this account trusts theirs.
          const decision = { user: news.user, flow: news.flow, match: true }
          return void crypto.call('decideVerification', decision, life.signal).catch(() => undefined)
        }
        case 'backup-failed':
          return tell({ kind: 'backup-failed', error: fromPlainError(news.error) })
        case 'verification-ended':
          if (news.outcome === 'done') tell({ kind: 'verified' })
          return
      }
    },
  })
  const ensureIdentity = createIdentityKeeper(account.id, crypto, records, tell)
  const isOurs = (user: string) => user === self || options.isHousemate(user)
  const rooms = createRooms(account.id, isOurs, records, request)
  const places = createPlaces(account.id, self, options.isHousemate, records, request)
  const media = createMediaStore({ ...session, request })
  const loggedInAt = new Date(session.loggedInAt)
  const sender = createSender({ self, loggedInAt, rooms, crypto, send, request })
  const invites = createInvites({ self, rooms, doorman, request })
  const unreadable = createUnreadable(account.id, records, async (room, reason, signal) => {
    const text = unreadableSentences[reason]
    const content = encodeMessage({ text, kind: 'notice', final: true }, undefined)
    const key = { id: `unreadable.${newUuid()}`, firstTriedAt: new Date() }
    // Beside the stream, which must not wait for it.
    await sender.send(room, 'm.room.message', content, key, signal).catch(() => undefined)
  })

  async function upload(room: string, attachment: Attached, signal: AbortSignal): Promise<MediaPlace> {
    const isEncrypted = async () => (await crypto.rooms.rotation(room, signal)) !== undefined
    const encrypted = await isEncrypted()
    if (attachment.kind === 'file' && !encrypted) throw notPrivate()
    const place = await media.upload(attachment, encrypted, signal)
    // It may have become so in the meantime.
    crypto.rooms.doubt()
    return encrypted || !(await isEncrypted()) ? place : await media.upload(attachment, true, signal)
  }

  return {
    account,
    limits: {
      messageChars,
      canEdit: true,
      graceMs,
      editPauseMs,
      bursts: true,
      operator: false,
      answersAlone: false,
    },

    async start(onEvent, callerSignal) {
      const signal = life.of(callerSignal)
      const parts = {
        ...options,
        account: account.id,
        self,
        request,
        rooms,
        places,
        media,
        crypto,
        invites,
        unreadable,
        arrived,
      }
      const inbound = createInbound({ ...parts, mayTalk: (user) => doorman.mayTalk(user) }, onEvent, signal)
      const take: TakeSync = async (sync, since) => {
        await ensureIdentity(signal)
        await inbound(sync, since)
      }
      const tellOfSync: TellNews = (news) => {
        // What a room has become meanwhile would come with the stream.
        if (news.kind === 'troubled') crypto.rooms.doubt()
        tell(news)
      }
      await followSync({ account: account.id, records, request: send, take, tell: tellOfSync }, signal)
    },

    async send(room, content, key, callerSignal) {
      const signal = life.of(callerSignal)
      const { room: id, thread } = fromExternalId(room.externalId)
      const place = content.attachment && (await upload(id, content.attachment, signal))
      const message = encodeMessage(content, thread, place)
      const sent = await sender.send(id, 'm.room.message', message, key, signal)
      places.note(sent, thread, self)
      return sent
    },

    async edit(room, message, content, key, callerSignal) {
      const signal = life.of(callerSignal)
      const { room: id } = fromExternalId(room.externalId)
      await sender.edit(id, encodeEdit(content, message), key.id, signal)
    },

    async remove(room, message, key, callerSignal) {
      const signal = life.of(callerSignal)
      await sender.redact(fromExternalId(room.externalId).room, message, key.id, signal)
    },

    async signalTyping(room, callerSignal) {
      const signal = life.of(callerSignal)
      const { room: id } = fromExternalId(room.externalId)
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(id)}/typing/${encodeURIComponent(self)}`
      await request('PUT', path, { typing: true, timeout: typingMs }, signal)
    },

    async [Symbol.asyncDispose]() {
      life.end()
      await crypto[Symbol.asyncDispose]()
    },
  }
}
