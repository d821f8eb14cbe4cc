import type { Locks } from './database.ts'

/** `Database.locks` where there is no other process. */
export function ownLocks(): Locks {
  const taken = new Set<string>()
  const take = async (name: string) => taken.size < taken.add(name).size
  const giveBack = async (name: string) => void taken.delete(name)
  return {
    lost: new AbortController().signal,
    take,
    giveBack,
    join: take,
    leave: giveBack,
    members: async (name) => (taken.has(name) ? [{ self: true }] : []),
    free: async (names) => names.filter((name) => !taken.has(name)),
    async [Symbol.asyncDispose]() {},
  }
}
