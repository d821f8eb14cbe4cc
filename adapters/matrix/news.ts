/** What an account tells the operator: ids of nobody, and nothing that was said. */
export type MatrixNews =
  | { readonly kind: 'answering' }
  /** The homeserver does not answer, or what it brought cannot be taken; it is tried again. */
  | { readonly kind: 'troubled'; readonly error: unknown }
  /** An event was passed over, because something of ours failed at it. */
  | { readonly kind: 'passed-over'; readonly error: unknown }
  /** The account has no identity that signs its device: other clients warn of it, or do not talk with it. */
  | { readonly kind: 'unsigned'; readonly error: unknown }
  /** An operator verifies the account: what is to be compared with their own client. */
  | {
      readonly kind: 'emoji'
      readonly emoji: readonly { readonly symbol: string; readonly description: string }[]
    }
  | { readonly kind: 'verified' }
  /** Until it goes well again, a lost database costs the keys that are not in it. */
  | { readonly kind: 'backup-failed'; readonly error: unknown }
  /** After each sync: one-time keys left on the homeserver, where it says so, and events that wait for a key. */
  | { readonly kind: 'keys'; readonly oneTimeKeys: number | undefined; readonly waiting: number }
  | { readonly kind: 'decrypted' }
  | { readonly kind: 'undecryptable'; readonly reason: string }

export type TellNews = (news: MatrixNews) => void
