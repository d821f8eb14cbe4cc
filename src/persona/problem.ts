import { cleanText } from '../core/text.ts'

/** One thing that is wrong with a persona's files. Expected, so a value; it quotes no text but names. */
export interface PersonaProblem {
  /** As the operator would type it: `personas/mira/persona.yaml`. */
  readonly file: string
  readonly line?: number
  /** `greetings[0]`, `model.topP`; absent where the whole file is meant. */
  readonly field?: string
  /** Goes on from the field: `must be text`; a sentence of its own where there is no field. */
  readonly message: string
  /** What the operator can do about it, as a sentence. */
  readonly mend: string
}

/** `personas/mira/persona.yaml:12: greetings[0] must be text`, and nothing that a terminal would obey. */
export function problemText({ file, line, field, message }: Omit<PersonaProblem, 'mend'>): string {
  const place = line === undefined ? file : `${file}:${line}`
  return oneLine(`${place}: ${field === undefined ? message : `${field} ${message}`}`)
}

/** A name that somebody else chose, fit to be shown in a sentence. */
export function shownName(name: string): string {
  const line = Array.from(oneLine(name))
  return line.length <= 40 ? line.join('') : `${line.slice(0, 40).join('')}…`
}

export function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim()
}
