import { german } from './de.ts'
import { english } from './en.ts'
import { spanish } from './es.ts'
import { french } from './fr.ts'
import { italian } from './it.ts'
import { type Alarm, alarms, type Sign } from './signs.ts'

/** All languages at once: people mix them, and nobody has to guess which one it is. */
const patterns: ReadonlyMap<Sign, RegExp> = new Map(
  [english, german, french, spanish, italian]
    .flatMap((phrases) => Object.entries(phrases) as [Sign, readonly string[]][])
    .reduce<[Sign, string[]][]>((all, [sign, sources]) => {
      const known = all.find(([each]) => each === sign)
      if (known === undefined) all.push([sign, [...sources]])
      else known[1].push(...sources)
      return all
    }, [])
    .map(([sign, sources]) => [sign, whole(sources)] as const),
)

/** Whole words only, save where a phrase ends in `\w*`. */
function whole(sources: readonly string[]): RegExp {
  return new RegExp(`(?<!\\p{L})(?:${sources.join('|')})(?!\\p{L})`, 'u')
}

/** The signs in what `normalise` made, in the order of their first language. */
export function readSigns(normalised: string): readonly Sign[] {
  return [...patterns].filter(([, pattern]) => pattern.test(normalised)).map(([sign]) => sign)
}

export const isAlarm = (sign: Sign): sign is Alarm => alarms.some((alarm) => alarm === sign)
