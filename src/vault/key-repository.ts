/**
 * To whom a data key belongs.
 * - participant: what they said, what is known of them, and a persona's words to them in a direct room
 * - room: a persona's words in a group room
 * - installation: what belongs to nobody, such as an account's place in its platform's stream
 * - lookup: the key of the blind lookups, which seals nothing
 */
export type OwnerKind = 'participant' | 'room' | 'installation' | 'lookup'

/** An owner as it is stored. */
export interface StoredOwner {
  readonly kind: OwnerKind
  readonly id: string
}

/** The row that shows which master key the database has. */
export interface MasterRow {
  /** 16 hex characters. */
  readonly id: string
  /** A constant, sealed with the master key. */
  readonly proof: Uint8Array
}

export interface DataKeyRow {
  /** A UUID. */
  readonly id: string
  readonly owner: StoredOwner
  /** The master key that wrapped it. */
  readonly masterId: string
  readonly wrapped: Uint8Array
}

interface KeyringState {
  /** Undefined before the first start. */
  readonly master: MasterRow | undefined
  /** True when anything outside the keyring was ever sealed: a participant, a room. */
  readonly holdsContent: boolean
}

interface MasterChange {
  readonly master: MasterRow
  /** Gives a row's new `wrapped`. Synchronous. What it throws rolls everything back. */
  readonly rewrap: (row: DataKeyRow) => Uint8Array
}

/**
 * What the vault asks of the store. All of it is encrypted or random already: the repository keeps
 * rows. Throws `HearthError` (`who: 'store'`), what its callbacks throw, unchanged, and with a signal
 * that is aborted already its reason, before anything is done.
 *
 * No method takes a caller's transaction, and none may be called inside of one: PGlite has a single
 * connection, and a pool that is used up by transactions which wait for a second connection stands
 * still. Keys are loaded or created before the transaction that writes what they seal; when that
 * transaction fails, a key without content is left behind, which does no harm.
 */
export interface KeyRepository {
  readState(signal: AbortSignal): Promise<KeyringState>
  /**
   * Changes the master key in one transaction. It first locks the master row against every other
   * `changeMaster` and against `insertAbsent`, also where there is no row yet (such as by
   * `lock table … in exclusive mode`), and reads it afterwards. Then it calls `decide`. Where that
   * gives a change, the change's row takes the old one's place, and every data key gets the new
   * `masterId` and what `rewrap` gives; where it gives `undefined`, nothing is changed. There is
   * never more than one master row. `decide` writes files and may be called again when the
   * transaction is tried again; it calls no repository.
   */
  changeMaster(
    decide: (current: MasterRow | undefined) => Promise<MasterChange | undefined>,
    signal: AbortSignal,
  ): Promise<void>
  /** In any order; owners without a key are left out. */
  findByOwners(owners: readonly StoredOwner[], signal: AbortSignal): Promise<readonly DataKeyRow[]>
  /** In any order; unknown ids are left out. */
  findByIds(ids: readonly string[], signal: AbortSignal): Promise<readonly DataKeyRow[]>
  /**
   * Inserts those rows whose owner has no key yet and whose `masterId` is that of the master row,
   * and gives, for all the owners, the rows that now stand: ours or those of a process that was
   * quicker. A row of another master key is not inserted, and is no error: its owner is left out
   * where no row stands. The rows come sorted by owner, so that two processes do not lock each
   * other out; insert them in that order.
   */
  insertAbsent(rows: readonly DataKeyRow[], signal: AbortSignal): Promise<readonly DataKeyRow[]>
  /** Erases the owner's data key for good. No error where there is none. */
  destroy(owner: StoredOwner, signal: AbortSignal): Promise<void>
}
