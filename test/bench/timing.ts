/** One turn as the process under test saw it. All in microseconds on the machine's monotonic clock. */
export interface TurnTiming {
  /** The adapter hands the message over. */
  readonly receivedUs: number
  /** It is durable. */
  readonly acceptedUs: number
  /** The turn is closed. */
  readonly closedUs: number
}

/** On a clock that all processes of the machine share. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n)

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? 0
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits))
