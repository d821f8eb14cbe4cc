/** Milliseconds since 1970 at which Discord's ids begin. */
const epochMs = 1_420_070_400_000

/** Ids hold their time, and grow with it. */
export const sentAt = (id: string): Date => new Date(Number(BigInt(id) >> 22n) + epochMs)

/** The first id that could have been given at that time. */
export const idAt = (ms: number): string => (BigInt(Math.max(0, Math.floor(ms) - epochMs)) << 22n).toString()

export const isLater = (id: string, than: string): boolean => BigInt(id) > BigInt(than)

/** Ids come from Discord, and from records and configurations that somebody may have written by hand. */
export const isSnowflake = (value: string): boolean => /^\d{15,20}$/.test(value)
