import { megabytes } from './pocket-errors.ts'
import type { WeightsProgress } from './weights.ts'

/** `process.stderr`, or anything like it. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressLine {
  readonly show: (progress: WeightsProgress) => void
  /** Ends the line. Without it the next thing that is printed stands on the bar. */
  readonly finish: () => void
}

const barCells = 24

/**
 * Shows how a download goes on: on a terminal one line with a bar that is painted over, elsewhere (a log, a pipe)
 * a plain line at the start of each source and at every quarter.
 */
export function createProgressLine(output: ProgressOutput): ProgressLine {
  return output.isTTY === true ? paintedLine(output) : plainLines(output)
}

function paintedLine(output: ProgressOutput): ProgressLine {
  let shown = ''
  return {
    show: (progress) => {
      const line = barLine(progress).slice(0, Math.max(20, (output.columns ?? 80) - 1))
      if (line === shown) return
      shown = line
      output.write(`\r\u001b[K${line}`)
    },
    finish: () => {
      if (shown !== '') output.write('\n')
      shown = ''
    },
  }
}

function barLine({ receivedBytes, totalBytes, source }: WeightsProgress): string {
  const have = megabytes(receivedBytes)
  if (totalBytes === undefined) return `${have}  ${source}`
  const share = shareOf(receivedBytes, totalBytes)
  const filled = Math.floor(share * barCells)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barCells - filled)}`
  const percent = `${Math.floor(share * 100)}`.padStart(3)
  return `${bar} ${percent} %  ${have} of ${megabytes(totalBytes)}  ${source}`
}

function plainLines(output: ProgressOutput): ProgressLine {
  let shown = ''
  return {
    show: ({ receivedBytes, totalBytes, source }) => {
      const quarter =
        totalBytes === undefined ? undefined : Math.floor(shareOf(receivedBytes, totalBytes) * 4)
      const key = `${source} ${quarter}`
      if (key === shown) return
      shown = key
      const size = totalBytes === undefined ? '' : ` of ${megabytes(totalBytes)}`
      output.write(`Fetching the pocket model: ${megabytes(receivedBytes)}${size} (${source})\n`)
    },
    finish: () => undefined,
  }
}

function shareOf(receivedBytes: number, totalBytes: number): number {
  return totalBytes > 0 ? Math.min(1, receivedBytes / totalBytes) : 1
}
