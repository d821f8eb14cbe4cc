import { languageOf } from './gate-language.ts'
import { denies } from './gate-support.ts'
import { looseWords, parse, segmentsOf } from './gate-tokens.ts'
import { canon, sameWord } from './gate-words.ts'
import { type Language, wordSet } from './languages/language.ts'

/** A statement as merging sees it. */
export interface Comparable {
  readonly language: Language | undefined
  /** What carries its meaning, without names of the speaker, frames and times. */
  readonly words: readonly string[]
  readonly denies: boolean
  /** It was so once. */
  readonly over: boolean
  /** The absolute times in it. */
  readonly moments: string
  readonly slot: string | undefined
}

const momentPattern = /\b\d{4}(?:-\d\d){1,2}\b|\b\d{4} (?:spring|summer|autumn|winter)\b|\(said on [\d-]+\)/g
/** Short statements say little of their language: two say more. `own`: the words of the speaker's name. */
export function languageOfBoth(a: string, b: string, own: ReadonlySet<string>): Language | undefined {
  const both = looseWords(`${a} ${b}`.replace(momentPattern, ' ')).filter((word) => !own.has(word))
  return languageOf(both.join(' '), both.join(' '))
}

const frames = wordSet(
  'more longer mehr plus piu mas still ya nicht even used formerly previously fruher damals',
)

/** Verbs of liking, and of its contrary. */
const liking = new Set(['=like', '=mag', '=aime', '=gusta', '=piace'])
const disliking = new Set(['=hate', '=hasse', '=deteste', '=odio', '=odia'])

/** Of which a person has one at a time. */
const slots: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['home', /\b(?:lives?|living|wohnt|lebt|habite|vit|vive|abita) (?:\w+ )?(?:in|en|a|au)\b/],
  [
    'age',
    /\b(?:is|turned|ist|wird|wurde|tiene|ha|a) \d{1,3}(?: (?:years old|jahre(?: alt)?|ans|anos|anni))?$/,
  ],
  ['birthday', /\b(?:birthday|geburtstag|anniversaire|cumpleanos|compleanno)\b/],
  ['name', /\b(?:real name|full name|richtiger name|vrai nom|nombre verdadero|vero nome)\b/],
]
const favourite =
  /\b(?:favou?rite (?<after>\w+)|liebling(?:s)?(?<glued>\w+)|(?<before>\w+) (?:prefere\w*|favorit\w*|preferid\w*|preferit\w*))\b/

/** `language`: of both statements that are to be compared; undefined where it is none of ours. */
export function comparable(
  statement: string,
  own: ReadonlySet<string>,
  language: Language | undefined,
): Comparable {
  const moments = statement.match(momentPattern) ?? []
  const bare = statement.replace(momentPattern, ' ')
  if (language === undefined) {
    return {
      language,
      words: looseWords(bare),
      denies: false,
      over: false,
      moments: moments.join(' '),
      slot: undefined,
    }
  }
  const doc = parse(bare, language)
  const kept = doc.tokens.filter(
    ({ word }) =>
      !own.has(word) &&
      !(word.endsWith('s') && own.has(word.slice(0, -1))) &&
      !language.free.has(word) &&
      !language.be.has(word) &&
      !language.have.has(word) &&
      !language.negators.has(word) &&
      !language.prepositions.has(word) &&
      !frames.has(word),
  )
  const plain = doc.sentences.map((sentence) => sentence.plain).join(' ')
  const dislikes = kept.some(({ word }) => disliking.has(canon(word, language)))
  const denied = segmentsOf(doc).some((segment) => denies(segment, language))
  // "Used to" ends a thing as "quit" does, and is told apart below.
  const over = /\b(?:used to|formerly|previously|fruher|damals|autrefois|antes|una volta)\b/.test(plain)
  const { after, glued, before } = favourite.exec(plain)?.groups ?? {}
  const kind = after ?? glued ?? before
  return {
    language,
    words: [...new Set(kept.map(({ word }) => word))],
    denies: over ? false : denied !== dislikes,
    over,
    moments: moments.join(' '),
    slot: kind === undefined ? slots.find(([, pattern]) => pattern.test(plain))?.[0] : `favourite ${kind}`,
  }
}

export interface Overlap {
  /** How many words only the one has, and only the other. */
  readonly onlyA: number
  readonly onlyB: number
  /** Of all words, those that both have. */
  readonly share: number
}

export function overlapOf(a: Comparable, b: Comparable): Overlap {
  const language = a.language
  const same = (one: string, other: string): boolean => {
    if (language === undefined) return one === other
    const [left, right] = [canon(one, language), canon(other, language)]
    const felt = (word: string) => liking.has(word) || disliking.has(word)
    // Whether it is liked or not is in `denies`.
    return (felt(left) && felt(right)) || sameWord(one, other, language, false)
  }
  const ending = (word: string) => language?.ending.test(word) ?? false
  const left = a.words.filter((word) => !ending(word))
  const right = b.words.filter((word) => !ending(word))
  const both = left.filter((word) => right.some((other) => same(word, other))).length
  const all = left.length + right.length - both
  return { onlyA: left.length - both, onlyB: right.length - both, share: all === 0 ? 0 : both / all }
}

export const sameSlot = (a: Comparable, b: Comparable): boolean => a.slot !== undefined && a.slot === b.slot
