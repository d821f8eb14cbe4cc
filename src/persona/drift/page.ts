import {
  cellsOf,
  type DriftReply,
  type DriftReport,
  type DriftRow,
  headings,
  meanCells,
  settingsLine,
  sideLine,
} from './report.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d5dc, #3a3a42); --soft: light-dark(#62626e, #a3a3b0); --card: light-dark(#f6f6f8, #1e1e22) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: light-dark(#fff, #141417); color: light-dark(#1b1b20, #e9e9ee) }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
.wide { overflow-x: auto }
section { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: 1rem }
h2 { font-size: 1.1rem; margin: 0 0 .5rem }
.said { color: var(--soft); margin: .25rem 0 }
.pair { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); margin-top: .75rem }
.reply { background: var(--card); border-radius: .5rem; padding: .75rem 1rem }
.reply p, .said { overflow-wrap: anywhere; white-space: pre-wrap }
.reply p { margin: 0 0 .5rem }
.soft { color: var(--soft); font-size: .85rem }
`

/** The report as one HTML page that asks for nothing from anywhere. All that models and people wrote is escaped. */
export function driftPage(report: DriftReport): string {
  const { sides, rows } = report
  const [from, to] = sides.map(sideLine)
  const title = escaped(`Drift of ${sides[0].persona}`)
  const lines = rows.map((row, index) => tableRow(linkTo(row, index), cellsOf(row)))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
<p>from ${escaped(from ?? '')}<br>to ${escaped(to ?? '')}</p>
<p class="soft">${escaped(settingsLine(report))}. Shared: of all the words of both, how many both have. Distance: between what the two mean; 0 is the same. A refusal is known by a list of phrases, and may be none.</p>
<div class="wide"><table>
<tr><th></th>${headings.map((heading) => `<th>${escaped(heading)}</th>`).join('')}</tr>
${[...lines, tableRow('mean', meanCells(rows))].join('\n')}
</table></div>
${rows.map((row, index) => section(row, index, [from ?? '', to ?? ''])).join('\n')}
</body>
</html>
`
}

const linkTo = ({ name }: DriftRow, index: number) => `<a href="#p${index}">${escaped(name)}</a>`

/** `name` is HTML already. */
const tableRow = (name: string, cells: readonly string[]): string =>
  `<tr><td>${name}</td>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`

function section({ name, says, replies }: DriftRow, index: number, names: readonly string[]): string {
  return `<section id="p${index}">
<h2>${escaped(name)}</h2>
${says.map((said) => `<p class="said" dir="auto">${escaped(said)}</p>`).join('\n')}
<div class="pair">
${replies.map((reply, side) => replyBox(reply, names[side] ?? '')).join('\n')}
</div>
</section>`
}

function replyBox(reply: DriftReply, whose: string): string {
  const marks = [reply.cut ? 'cut off by its limit' : '', reply.refusal ? 'looks like a refusal' : '']
  return `<div class="reply">
<p class="soft">${escaped(whose)}</p>
<p dir="auto">${escaped(reply.text)}</p>
<p class="soft">${[`characters: ${reply.characters}`, `words: ${reply.words}`, ...marks].filter(Boolean).map(escaped).join(', ')}</p>
</div>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '')
