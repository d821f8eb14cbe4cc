/** What an account tells the operator: ids of nobody, and nothing that was said. */
export type DiscordNews =
  | { readonly kind: 'answering' }
  /** Discord does not answer, or what it brought cannot be taken; it is tried again. */
  | { readonly kind: 'troubled'; readonly error: unknown }
  /** An event was passed over, because something of ours failed at it. */
  | { readonly kind: 'passed-over'; readonly error: unknown }
  /** A guest speaks without their picture. */
  | { readonly kind: 'picture-refused'; readonly error: unknown }

export type TellNews = (news: DiscordNews) => void
