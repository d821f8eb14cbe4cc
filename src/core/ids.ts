/**
 * Every id has a type of its own, so that a room's id cannot be passed where a turn's is due.
 * Each type has one checking constructor; there is no other way to make one.
 */
declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A person. */
export type ParticipantId = Branded<'ParticipantId'>
/** A place of conversation. */
export type RoomId = Branded<'RoomId'>
/** The participant of a direct room, or the group room itself: the one to whom a row belongs. */
export type OwnerId = Branded<'OwnerId'>
export type MessageId = Branded<'MessageId'>
export type FactId = Branded<'FactId'>
export type EpisodeId = Branded<'EpisodeId'>
export type TurnId = Branded<'TurnId'>
/** One running process of Hearth. */
export type WorkerId = Branded<'WorkerId'>
/** The name of a persona's folder. */
export type PersonaId = Branded<'PersonaId'>
/** The name that the configuration gives to one signed-in bot user. */
export type AccountId = Branded<'AccountId'>
/** What a platform calls one of its own things: opaque to us. */
export type ExternalId = Branded<'ExternalId'>

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const slugPattern = /^[a-z0-9][a-z0-9_-]{0,62}$/
/** May be made of a persona's and of what the platform calls the account. */
const accountPattern = /^[a-z0-9][a-z0-9_-]{0,126}$/
/** Matrix ids may have 255 bytes, transaction-like ids more; nothing honest is longer than this. */
const externalIdMaxChars = 1024

function checked(kind: string, pattern: RegExp, value: string): string {
  if (!pattern.test(value)) throw new TypeError(`not a ${kind}: ${JSON.stringify(value.slice(0, 80))}`)
  return value
}

export const participantId = (value: string): ParticipantId =>
  checked('participant id', uuidPattern, value) as ParticipantId
export const roomId = (value: string): RoomId => checked('room id', uuidPattern, value) as RoomId
export const ownerId = (value: string): OwnerId => checked('owner id', uuidPattern, value) as OwnerId
export const messageId = (value: string): MessageId => checked('message id', uuidPattern, value) as MessageId
export const factId = (value: string): FactId => checked('fact id', uuidPattern, value) as FactId
export const episodeId = (value: string): EpisodeId => checked('episode id', uuidPattern, value) as EpisodeId
export const turnId = (value: string): TurnId => checked('turn id', uuidPattern, value) as TurnId
export const workerId = (value: string): WorkerId => checked('worker id', uuidPattern, value) as WorkerId
export const personaId = (value: string): PersonaId => checked('persona id', slugPattern, value) as PersonaId
export const accountId = (value: string): AccountId =>
  checked('account id', accountPattern, value) as AccountId

export function externalId(value: string): ExternalId {
  if (value.length === 0 || value.length > externalIdMaxChars) {
    throw new TypeError(`not an external id: ${value.length} characters`)
  }
  return value as ExternalId
}

/**
 * A new UUID, version 7 (RFC 9562): it begins with the time, so that rows that are written
 * together lie together in the index. Never rely on its order: clocks go back.
 */
export function newUuid(nowMs: number = Date.now()): string {
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(12, '0')
  // The random part is that of a version 4, which Node draws for a hundred at once.
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${crypto.randomUUID().slice(15)}`
}
