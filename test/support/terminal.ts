/** A small terminal: enough of one to say what a person sees after a program has written to it. */
export interface Terminal {
  write(output: string): void
  /** Every row since the beginning, without trailing spaces and empty rows at the end. */
  rows(): readonly { readonly text: string; readonly dim: boolean }[]
  text(): string
  /** Control characters and sequences that no honest line editor sends. */
  readonly strange: readonly string[]
}

const invisible = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]/u

function width(char: string): number {
  if (/\p{M}|[\u200c\u200d]/u.test(char)) return 0
  return /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]/u.test(
    char,
  )
    ? 2
    : 1
}

export function createTerminal(
  columns = Number.POSITIVE_INFINITY,
  height = Number.POSITIVE_INFINITY,
): Terminal {
  const grid: { chars: string[]; dim: boolean }[] = [{ chars: [], dim: false }]
  const strange: string[] = []
  let row = 0
  let column = 0
  let dim = false
  let rest = ''
  const top = () => Math.max(0, grid.length - height)
  const at = (index: number) => {
    while (grid.length <= index) grid.push({ chars: [], dim: false })
    return grid[index]!
  }

  function print(char: string): void {
    if (invisible.test(char)) strange.push(JSON.stringify(char))
    const wide = width(char)
    if (column + wide > columns) {
      row++
      column = 0
    }
    const line = at(row)
    while (line.chars.length < column) line.chars.push(' ')
    if (column === 0) line.dim = dim
    if (wide === 0) line.chars[Math.max(0, column - 1)] += char
    else line.chars.splice(column, wide, char, ...(wide === 2 ? [''] : []))
    column += wide
  }

  function sequence(parameters: string, final: string): void {
    const count = Number(parameters) || 1
    if (final === 'A') row = Math.max(top(), row - count)
    else if (final === 'B') row = Math.min(grid.length - 1, row + count)
    else if (final === 'C') column = Math.min(columns - 1, column + count)
    else if (final === 'D') column = Math.max(0, column - count)
    else if (final === 'G') column = count - 1
    else if (final === 'J' && (parameters === '' || parameters === '0')) {
      at(row).chars.splice(column)
      for (const line of grid.slice(row + 1)) line.chars = []
    } else if (final === 'K') at(row).chars.splice(column)
    else if (final === 'm') dim = parameters === '2' || (dim && parameters !== '22' && parameters !== '0')
    else if (!/^\?2004[hl]$/.test(parameters + final)) strange.push(`CSI ${parameters}${final}`)
  }

  return {
    strange,
    write(output) {
      const text = rest + output
      const torn = /\u001b(?:\[[0-9;?]*)?$/.exec(text)
      rest = torn?.[0] ?? ''
      const complete = text.slice(0, text.length - rest.length)
      for (const [part, parameters, final] of complete.matchAll(/\u001b\[([0-9;?]*)([@-~])|./gsu)) {
        if (final !== undefined) sequence(parameters ?? '', final)
        else if (part === '\n') {
          row++
          // A real terminal has the line discipline put a carriage return before each line end.
          column = 0
          at(row)
        } else if (part === '\r') column = 0
        else if (part === '\t') column += 8 - (column % 8)
        else if (/[\0-\x1f\x7f-\x9f]/.test(part)) strange.push(JSON.stringify(part))
        else print(part)
      }
    },
    rows() {
      const rows = grid.map(({ chars, dim: faint }) => ({ text: chars.join('').trimEnd(), dim: faint }))
      return rows.slice(0, rows.findLastIndex(({ text }) => text !== '') + 1)
    },
    text() {
      return this.rows()
        .map(({ text }) => text)
        .join('\n')
    },
  }
}
