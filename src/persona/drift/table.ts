import { cellsOf, type DriftReport, headings, meanCells, settingsLine, sideLine } from './report.ts'

/** The report as lines for a terminal. */
export function driftTable(report: DriftReport): string {
  const { sides, rows } = report
  const lines = [
    ['', ...headings],
    ...rows.map((row) => [row.name, ...cellsOf(row)]),
    ['mean', ...meanCells(rows)],
  ]
  const widths = ['', ...headings].map((_, column) =>
    Math.max(...lines.map((line) => widthOf(line[column] ?? ''))),
  )
  const shown = lines.map((line) =>
    line
      .map((cell, column) => padded(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  )
  const [from, to] = sides
  return [`from  ${sideLine(from)}`, `to    ${sideLine(to)}`, settingsLine(report), '', ...shown, ''].join(
    '\n',
  )
}

const widthOf = (text: string): number => Array.from(text).length

function padded(cell: string, width: number, column: number): string {
  const gap = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return column === 0 ? cell + gap : gap + cell
}
