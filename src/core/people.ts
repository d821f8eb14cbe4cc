import type { ParticipantId } from './ids.ts'

/** How much is kept of somebody; no word of what. */
export interface KeptCounts {
  readonly since: Date
  /** Rooms of their own, with the personas. */
  readonly directRooms: number
  /** In which they have said something. */
  readonly groups: number
  /** What they said. */
  readonly messages: number
  /** What was said to them in rooms of their own, swipes that were not chosen included. */
  readonly replies: number
  readonly images: number
  readonly voices: number
  /** Also those that are not true any more. */
  readonly facts: number
  readonly episodes: number
  readonly summaries: number
}

/** All that is kept of people. Throws `HearthError`. */
export interface KeptPeople {
  /** Undefined for somebody who is not known any more. */
  count(person: ParticipantId): Promise<KeptCounts | undefined>
}
