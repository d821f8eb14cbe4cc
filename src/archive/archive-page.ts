import type { RoomId } from '../core/ids.ts'
import type { KeptData, KeptFact, KeptKnock, KeptMessage, KeptRoom } from '../core/people.ts'

/** Nothing is loaded but what lies beside the page, and nothing runs. */
const policy = "default-src 'none'; img-src 'self' file:; media-src 'self' file:; style-src 'unsafe-inline'"

const style = `body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
p { white-space: pre-wrap; margin: .3rem 0 } small { color: #666 } img { max-width: 20rem; display: block }
.gone, .other { color: #777 }`

/** Everything in it that anybody wrote is escaped. */
export function archivePage(data: KeptData, now: Date, withMedia: boolean): string {
  const { identities, since, remembering, shared, facts, rooms, letIn, asked, selves, terms } = data
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>What Hearth keeps of you</title>
<style>${style}</style>
</head>
<body>
<h1>What Hearth keeps of you</h1>
<p>Made on ${time(now)}. The file data.json beside this page has the same, and more of the small print, for machines.</p>
<h2>You</h2>
<ul>
${identities.map((each) => `<li>${safe(each.displayName)}, on ${each.platform} as ${safe(each.externalId)}, since ${time(each.since)}</li>`).join('\n')}
${letIn.map(({ account, what }) => `<li>${safe(account)}: ${safe(what)}</li>`).join('\n')}
<li>known since ${time(since)}</li>
<li>${remembering ? 'what you say is remembered' : 'nothing new is remembered of what you say'}</li>
<li>${shared ? 'whoever runs this Hearth may see your facts' : 'nobody but you is shown your facts'}</li>
${terms === undefined ? '' : `<li>you let yourself be written to first between ${safe(terms.hours)}${terms.zone === undefined ? '' : `, in ${safe(terms.zone)}`}, at most ${terms.most} times a day</li>`}
${selves.map(({ room, text }) => `<li>${roomName(rooms, room)} you say of yourself: ${safe(text)}</li>`).join('\n')}
${asked.map(({ until }) => `<li>you were asked to confirm something, until ${time(until)}</li>`).join('\n')}
</ul>
<h2>What was made of what you said</h2>
<ol>
${facts.map(factItem).join('\n')}
</ol>
${rooms.map((room) => roomPart(room, withMedia)).join('\n')}
</body>
</html>
`
}

const roomName = (rooms: readonly KeptRoom[], id: RoomId): string => {
  const name = rooms.find((room) => room.id === id)?.externalId
  return name === undefined ? 'in one room' : `in ${safe(name)}`
}

const factItem = ({ number, statement, quote, saidAt, pinned, superseded, toldTo }: KeptFact): string => {
  const told = toldTo !== undefined && `told to ${safe(toldTo)}`
  const notes = [time(saidAt), told, pinned && 'always in mind', superseded && 'not true any more'].filter(
    Boolean,
  )
  const source = quote === '' ? '' : `: “${safe(quote)}”`
  return `<li value="${number}">${safe(statement)} <small>(${notes.join(', ')}${source})</small></li>`
}

function roomPart(room: KeptRoom, withMedia: boolean): string {
  const { kind, externalId, personas, messages, episodes, months, summaries, knocks } = room
  const whose = kind === 'direct' ? 'A conversation of your own' : 'What you said in a group'
  return `<h2>${whose}</h2>
<p><small>${safe(externalId)}${personas.map(({ persona }) => `, with ${safe(persona)}`).join('')}</small></p>
${summaries.map(({ account, text }) => `<h3>What came before, in short</h3>\n<p>${safe(account)}\n${safe(text)}</p>`).join('\n')}
${episodes.length === 0 ? '' : '<h3>What happened</h3>'}
${[...months, ...episodes].map(({ begunAt, endedAt, gist }) => `<p>${safe(gist)} <small>(${time(begunAt)} to ${time(endedAt)})</small></p>`).join('\n')}
${knocks.length === 0 ? '' : '<h3>What was to be said to you first</h3>'}
${knocks.map(knockPart).join('\n')}
<h3>Word for word</h3>
${messages.map((message) => messagePart(message, withMedia)).join('\n')}`
}

function knockPart({ persona, content, begunAt, cancelled }: KeptKnock): string {
  const state = cancelled ? 'cancelled' : begunAt === undefined ? 'planned' : `said ${time(begunAt)}`
  return `<p><strong>${safe(persona)}</strong> <small>for ${time(content.at)}, ${state}</small>\n${safe(content.text)}</p>`
}

function messagePart({ persona, text, saidAt, chosen, media }: KeptMessage, withMedia: boolean): string {
  const who = `<strong>${persona === undefined ? 'You' : safe(persona)}</strong> <small>${time(saidAt)}</small>`
  if (text === undefined) return `<p class="gone">${who}\ntaken back</p>`
  const files = media.map((name) => mediaPart(name, withMedia)).join('')
  const other = chosen ? '' : ' <small>(another answer was chosen)</small>'
  return `<p${chosen ? '' : ' class="other"'}>${who}${other}\n${safe(text)}${files}</p>`
}

function mediaPart(name: string, withMedia: boolean): string {
  const at = `media/${encodeURIComponent(name)}`
  if (!withMedia) return `<small>(${safe(name)} was left out here)</small>`
  return name.endsWith('.ogg') ? `<audio controls src="${at}"></audio>` : `<img src="${at}" alt="">`
}

/** UTC, to the minute. */
const time = (at: Date): string =>
  Number.isNaN(at.getTime()) ? 'an unknown time' : at.toISOString().slice(0, 16).replace('T', ' ')

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const safe = (text: string): string => text.replace(/[&<>"']/g, (sign) => signs[sign] ?? '')
