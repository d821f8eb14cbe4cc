/** What takes its time, on one line that makes way for the next; only where somebody watches. */
export interface StatusLine {
  show(text: string): void
  clear(): void
}

export function createStatusLine(output: {
  readonly isTTY?: boolean
  write(text: string): unknown
}): StatusLine {
  const write = (text: string) => {
    if (output.isTTY === true) output.write(`\r\u001b[K${text}`)
  }
  return { show: write, clear: () => write('') }
}
