import type { Moment } from '../core/fact.ts'
import { dayAt } from './calendar.ts'
import { type Frame, rulesOf } from './date-rules.ts'
import { fold, normalise } from './gate-text.ts'
import { type DateLanguage, dateLanguages } from './languages/dates.ts'

export interface SaidDate {
  /** In the normalised text. */
  readonly start: number
  readonly end: number
  readonly role: 'at' | 'since' | 'until'
  /** Undefined: it may mean more than one time. */
  readonly moment: Moment | undefined
  /** It is the same in a year: `2019`, `3 May 2020`. */
  readonly absolute: boolean
}

export interface DateContext {
  readonly saidAt: Date
  readonly timeZone: string | undefined
  readonly language: DateLanguage['code']
  /** Which way a date without a year or a week lies, where the words around it tell. */
  readonly direction: 'past' | 'future' | undefined
}

/**
 * The dates that a text speaks of, by the day on which it was said, in order and without overlap.
 * Only folding that keeps each letter's place is used here, so that the places are those of the text.
 */
export function findDates(text: string, context: DateContext): readonly SaidDate[] {
  const normal = normalise(text).text
  const flat = Array.from(normal, (char) =>
    /[\p{L}\p{N}]/u.test(char) ? foldChar(char) : ' '.repeat(char.length),
  ).join('')
  const { single, places } = squeeze(flat)
  const language = dateLanguages.find(({ code }) => code === context.language) as DateLanguage
  const today = dayAt(context.saidAt, context.timeZone)
  const found: SaidDate[] = []
  for (const rule of rulesOf(context.language)) {
    for (const match of single.matchAll(rule.pattern)) {
      const start = places[match.index] as number
      const end = (places[match.index + match[0].length - 1] as number) + 1
      if (found.some((other) => start < other.end && other.start < end)) continue
      const before = single.slice(0, match.index)
      const roleOf = (words: string) =>
        new RegExp(
          `(?:^| )(?:${words}) (?:the |dem |der |la |le |l )?(?:(?:end|start|beginning|ende|fin|fine) )?(?:of |de |di |du )?(?:the )?$`,
        ).test(before)
      const role =
        roleOf(language.since) || new RegExp(`^(?:${language.since}) `).test(match[0])
          ? 'since'
          : roleOf(language.until) || new RegExp(`^(?:${language.until}) `).test(match[0])
            ? 'until'
            : 'at'
      const frame: Frame = {
        today,
        timeZone: context.timeZone,
        direction: context.direction,
        role,
        recurring: language.recurring.test(single),
      }
      found.push({ start, end, role, moment: rule.resolve(match, frame), absolute: rule.absolute === true })
    }
  }
  return found.toSorted((a, b) => a.start - b.start)
}

function foldChar(char: string): string {
  const folded = fold(char)
  return folded.length === char.length ? folded : char
}

/** Single spaces, and for each character its place before. */
function squeeze(text: string): { readonly single: string; readonly places: readonly number[] } {
  const places: number[] = []
  let single = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (char === ' ' && (single === '' || single.endsWith(' '))) continue
    places.push(at)
    single += char
  }
  return { single, places }
}
