const everyMs = 500
const plainEveryMs = 10_000

export interface Progress {
  /** `share`: from 0 to 1. */
  show(what: string, share: number, messages: number): void
  /** Nothing of it may stand before what is printed next. */
  clear(): void
}

export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** How far a long reading is: one line that is painted over on a terminal, elsewhere a line every ten seconds. */
export function createProgress(output: ProgressOutput): Progress {
  const begunMs = performance.now()
  const painted = output.isTTY === true
  let shownMs = begunMs
  return {
    show(what, share, messages) {
      const nowMs = performance.now()
      if (nowMs - shownMs < (painted ? everyMs : plainEveryMs)) return
      shownMs = nowMs
      const rate = Math.round(messages / ((nowMs - begunMs) / 1000))
      const line = `${what}: ${Math.floor(share * 100)} %, ${counted(messages)} messages, ${counted(rate)} a second`
      output.write(painted ? `\r\u001b[K${line}` : `${line}\n`)
    },
    clear() {
      if (painted && shownMs > begunMs) output.write('\r\u001b[K')
    },
  }
}

export const counted = (count: number): string => count.toLocaleString('en-GB')
