import { MatrixGlob } from 'matrix-bot-sdk'

/** Globs over whole user ids: `@ada:home`, `@*:home`, `@bot-*:*`. */
export function createUserMatcher(globs: readonly string[]): (user: string) => boolean {
  const patterns = globs.map((glob) => new MatrixGlob(glob))
  return (user) => patterns.some((pattern) => pattern.test(user))
}
