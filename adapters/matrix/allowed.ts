import { matrixSdk } from './sdk.ts'

/** Globs over whole user ids: `@ada:home`, `@*:home`, `@bot-*:*`. */
export function createUserMatcher(globs: readonly string[]): (user: string) => boolean {
  const { MatrixGlob } = matrixSdk()
  const patterns = globs.map((glob) => new MatrixGlob(glob))
  return (user) => patterns.some((pattern) => pattern.test(user))
}
