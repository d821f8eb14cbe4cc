/** Who might be heard in a reply. */
export interface Voices {
  readonly self: string
  readonly others: readonly string[]
}

export interface OwnWords {
  readonly text: string
  /** Somebody else begins to speak after it. */
  readonly over: boolean
}

interface Line {
  readonly text: string
  /** Whose name stands in front of it. */
  readonly speaker: 'self' | 'other' | undefined
}

/**
 * What of a model's text the persona says: small models like to go on with the others' part of the conversation, or
 * to begin with it. A line that begins with somebody's name and a colon is theirs, with all that follows up to a line
 * of the persona's own. From where somebody else speaks after the persona nothing counts any more. `growing`:
 * the text has not ended, and a last line that may yet become somebody's waits.
 */
export function ownWords(text: string, voices: Voices, growing: boolean): OwnWords {
  const own: string[] = []
  let isOwn = true
  const whole = text.split('\n')
  const lines = growing && mayBecomeName(whole.at(-1) ?? '', voices) ? whole.slice(0, -1) : whole
  for (const line of lines.map((each) => readLine(each, voices))) {
    if (line.speaker !== undefined) isOwn = line.speaker === 'self'
    if (isOwn) own.push(line.text)
    else if (own.some((each) => each.trim() !== '')) return { text: own.join('\n'), over: true }
  }
  return { text: own.join('\n'), over: false }
}

/** Stars and the like may stand around the name; what is behind the colon of an address is no words. */
function readLine(line: string, { self, others }: Voices): Line {
  const [, before = '', rest = ''] =
    /^[\s>*_"]*([^:\uff1a\n]{1,90}?)[\s*_"]*[:\uff1a][*_"]*(?=\s|$)(.*)$/u.exec(line) ?? []
  const isCalled = (name: string) => before !== '' && name.toLowerCase() === before.toLowerCase()
  if (isCalled(self)) return { text: rest.trimStart(), speaker: 'self' }
  return { text: line, speaker: others.some(isCalled) ? 'other' : undefined }
}

function mayBecomeName(line: string, { self, others }: Voices): boolean {
  const begun = line
    .replace(/^[\s>*_"]+/, '')
    .replace(/[\s*_":\uff1a]+$/, '')
    .toLowerCase()
  const isWhole = /[:\uff1a][*_"]*\s/u.test(line)
  if (begun === '') return line.trim() !== ''
  return !isWhole && [self, ...others].some((name) => name.toLowerCase().startsWith(begun))
}
