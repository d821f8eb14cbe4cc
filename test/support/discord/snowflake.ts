const epochMs = 1_420_070_400_000n

export type NewId = (atMs?: number) => string

/** Ids rise without end, also when many are made in one millisecond. An id of an earlier time is asked for by it. */
export function snowflakes(): NewId {
  let last = 0n
  let earlier = 0n
  return (atMs) => {
    const first = (BigInt(Math.floor(atMs ?? Date.now())) - epochMs) << 22n
    if (atMs !== undefined) return String(first + (earlier++ & 0xfffn))
    last = first > last ? first : last + 1n
    return String(last)
  }
}

export function shardOf(guildId: string, count: number): number {
  return Number((BigInt(guildId) >> 22n) % BigInt(count))
}

export function madeAt(id: string): Date {
  return new Date(Number((BigInt(id) >> 22n) + epochMs))
}

export function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  const difference = BigInt(one.id) - BigInt(other.id)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
