import type { ParticipantId, RoomId } from '../core/ids.ts'
import type { LookupSubject } from './lookup.ts'
import type { Place } from './seal.ts'

/** An owner who can be erased. Their id is never used again after that. */
export type ErasableOwner =
  | { readonly kind: 'participant'; readonly id: ParticipantId }
  | { readonly kind: 'room'; readonly id: RoomId }

/** To whom content belongs, and with whose data key it is sealed. */
export type KeyOwner = ErasableOwner | typeof installation

/** The one owner of what belongs to nobody. */
export const installation = { kind: 'installation', id: 'installation' } as const

/** Sealed bytes and where they stand. */
export interface SealedItem {
  readonly sealed: Uint8Array
  readonly place: Place
}

/** Seals at once, with keys that were loaded before. Disposing of it lets go of them. */
export interface Sealer extends Disposable {
  /**
   * Text becomes UTF-8 (a lone surrogate in it U+FFFD). Gives 45 bytes more than the content.
   * Throws a TypeError for an owner for whom it was not prepared, and once it is disposed of.
   */
  seal(owner: KeyOwner, place: Place, content: string | Uint8Array): Uint8Array
}

/**
 * Everything that the store needs in order to write nothing in the clear. Throws `HearthError`:
 * `cannot-open` for content that was changed, cut or moved, `master-key-rotated` when this process
 * must be restarted, `vault-closed` after it was disposed of, and what the repository throws.
 *
 * The methods that take a signal may ask the database, on a connection of their own: never call
 * them inside a transaction. Prepare a sealer before it, and open what was read after it.
 */
export interface Vault extends AsyncDisposable {
  /**
   * Loads the owners' data keys, and makes those that are missing. What the sealer then does is
   * synchronous, so it may be used inside a transaction. `using sealer = await vault.prepare(…)`.
   */
  prepare(owners: readonly KeyOwner[], signal: AbortSignal): Promise<Sealer>
  /** Throws `key-destroyed` when the owner was erased. */
  openText(item: SealedItem, signal: AbortSignal): Promise<string>
  /**
   * In the order of the items, with one query for all keys that are not in memory; `undefined`
   * where the owner was erased.
   */
  openTexts(items: readonly SealedItem[], signal: AbortSignal): Promise<readonly (string | undefined)[]>
  /** The same for what was sealed as bytes. */
  openBytes(items: readonly SealedItem[], signal: AbortSignal): Promise<readonly (Uint8Array | undefined)[]>
  /** 32 bytes, always the same for the same subject. Asks nobody. */
  lookup(subject: LookupSubject): Uint8Array
  /** Erases the owner's data key for good: nothing that was sealed for them can be opened again. */
  destroy(owner: ErasableOwner, signal: AbortSignal): Promise<void>
}
