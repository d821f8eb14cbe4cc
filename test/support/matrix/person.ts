import loglevel from 'loglevel'
import {
  ClientEvent,
  createClient,
  EventType,
  type MatrixClient,
  type MatrixEvent,
  RelationType,
} from 'matrix-js-sdk'
import { type CryptoApi, OnlySignedDevicesIsolationMode } from 'matrix-js-sdk/lib/crypto-api/index.js'

/** A message as this person's client shows it now: the newest edit, nothing that was redacted. */
export interface SeenEvent {
  readonly id: string
  readonly sender: string
  readonly text: string
  readonly html: string | undefined
  readonly kind: string
  readonly edited: boolean
  readonly encrypted: boolean
  readonly thread: string | undefined
}

/** Somebody with another client: matrix-js-sdk with its own crypto, which keeps to signed devices. */
export interface MatrixPerson extends Disposable {
  readonly id: string
  readonly client: MatrixClient
  readonly crypto: CryptoApi
  /** A new room with these people; a direct one where it is one person. */
  makeRoom(
    invite: readonly string[],
    options?: { readonly encrypted?: boolean; readonly direct?: boolean },
  ): Promise<string>
  say(room: string, text: string, options?: SayOptions): Promise<string>
  edit(room: string, target: string, text: string): Promise<string>
  react(room: string, target: string, emoji: string): Promise<string>
  redact(room: string, target: string): Promise<void>
  /** What stands in the room now, in order; by one sender where one is given. */
  seen(room: string, sender?: string): readonly SeenEvent[]
  /** Everything that came, also what is hidden, for looking at the wire. */
  events(room: string): readonly MatrixEvent[]
  until<T>(look: () => T | undefined | false, what: string, timeoutMs?: number): Promise<T>
}

export interface SayOptions {
  readonly mention?: string
  readonly replyTo?: string
  readonly thread?: string
  readonly kind?: 'm.text' | 'm.notice' | 'm.emote'
}

const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet }
// The client has loggers of its own beside the one that it is given.
for (const logger of Object.values(loglevel.getLoggers())) logger.setLevel('silent', false)
loglevel.setDefaultLevel('silent')

export async function openPerson(
  homeserver: string,
  name: string,
  password: string,
  { initialMessages = 50 }: { readonly initialMessages?: number } = {},
): Promise<MatrixPerson> {
  const login = await createClient({ baseUrl: homeserver, logger: quiet }).loginRequest({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: name },
    password,
  })
  const client = createClient({
    baseUrl: homeserver,
    userId: login.user_id,
    deviceId: login.device_id,
    accessToken: login.access_token,
    logger: quiet,
  })
  await client.initRustCrypto({ useIndexedDB: false })
  const crypto = client.getCrypto()
  if (crypto === undefined) throw new Error('the person’s client has no crypto')
  await crypto.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (make) =>
      void (await make({
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: login.user_id },
        password,
      })),
  })
  crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode())
  await client.startClient({ initialSyncLimit: initialMessages, lazyLoadMembers: false })
  await new Promise<void>((resolve) => client.once(ClientEvent.Sync, () => resolve()))
  // It looks for calls at every change of members, and logs that there is none.
  client.matrixRTC.stop()

  const events = (room: string) => client.getRoom(room)?.getLiveTimeline().getEvents() ?? []

  async function send(room: string, content: Record<string, unknown>): Promise<string> {
    const sent = await client.sendEvent(room, EventType.RoomMessage as never, content as never)
    return sent.event_id
  }

  async function until<T>(look: () => T | undefined | false, what: string, timeoutMs = 30_000): Promise<T> {
    const endMs = performance.now() + timeoutMs
    for (;;) {
      const found = look()
      if (found !== undefined && found !== false) return found
      if (performance.now() > endMs) throw new Error(`this did not come: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  return {
    id: login.user_id,
    client,
    crypto,
    async makeRoom(invite, { encrypted = false, direct = invite.length === 1 } = {}) {
      const { room_id: room } = await client.createRoom({
        invite: [...invite],
        is_direct: direct,
        preset: 'private_chat' as never,
        initial_state: encrypted
          ? [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }]
          : [],
      })
      await until(() => client.getRoom(room) ?? undefined, 'the new room')
      return room
    },
    say(room, text, { mention, replyTo, thread, kind = 'm.text' } = {}) {
      return send(room, {
        msgtype: kind,
        body: text,
        'm.mentions': mention === undefined ? {} : { user_ids: [mention] },
        ...(thread !== undefined && {
          'm.relates_to': {
            rel_type: 'm.thread',
            event_id: thread,
            is_falling_back: replyTo === undefined,
            'm.in_reply_to': { event_id: replyTo ?? thread },
          },
        }),
        ...(thread === undefined &&
          replyTo !== undefined && { 'm.relates_to': { 'm.in_reply_to': { event_id: replyTo } } }),
      })
    },
    edit: (room, target, text) =>
      send(room, {
        msgtype: 'm.text',
        body: `* ${text}`,
        'm.new_content': { msgtype: 'm.text', body: text },
        'm.relates_to': { rel_type: RelationType.Replace, event_id: target },
      }),
    async react(room, target, emoji) {
      const content = { 'm.relates_to': { rel_type: RelationType.Annotation, event_id: target, key: emoji } }
      return (await client.sendEvent(room, EventType.Reaction as never, content as never)).event_id
    },
    async redact(room, target) {
      await client.redactEvent(room, target)
    },
    events,
    seen(room, sender) {
      const all = client.getRoom(room)
      const threaded = all?.getThreads().flatMap((thread) => thread.events) ?? []
      const known = new Map([...events(room), ...threaded].map((event) => [event.getId(), event]))
      return [...known.values()].flatMap((event) => {
        const relation = event.getWireContent()['m.relates_to'] as
          | { rel_type?: string; event_id?: string }
          | undefined
        if (event.getType() !== 'm.room.message' || event.isRedacted() || event.isDecryptionFailure())
          return []
        if (relation?.rel_type === 'm.replace') return []
        if (sender !== undefined && event.getSender() !== sender) return []
        const content = event.getContent()
        return [
          {
            id: event.getId() ?? '',
            sender: event.getSender() ?? '',
            text: String(content.body ?? ''),
            html: typeof content.formatted_body === 'string' ? content.formatted_body : undefined,
            kind: String(content.msgtype),
            edited: event.replacingEvent() !== null,
            encrypted: event.isEncrypted(),
            thread: relation?.rel_type === 'm.thread' ? relation.event_id : undefined,
          },
        ]
      })
    },
    until,
    [Symbol.dispose]() {
      client.stopClient()
    },
  }
}
