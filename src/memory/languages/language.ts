/**
 * What the gate knows about a language. All words are folded: lower case, no accents, ß as ss,
 * contractions as two words. Expressions match such words with single spaces between them.
 */
export interface Language {
  readonly code: 'en' | 'de' | 'fr' | 'es' | 'it'
  /** Words that a statement may have without their being said: they carry nothing by themselves. */
  readonly free: ReadonlySet<string>
  /** A token that is written as one and is several: `don't`. */
  readonly contractions: ReadonlyMap<string, readonly string[]>
  /** Forms of one word, and words that may stand for each other. */
  readonly groups: readonly (readonly string[])[]
  /** Words for persons and animals: each group matches itself alone, so that brother is not sister. */
  readonly persons: readonly (readonly string[])[]
  /** What `my …` may begin with and still be about the speaker: name, job. */
  readonly selfNouns: ReadonlySet<string>
  readonly numbers: ReadonlyMap<string, string>
  readonly endings: ReadonlySet<string>
  readonly be: ReadonlySet<string>
  readonly have: ReadonlySet<string>
  /** Auxiliary before such a word: it is no claim of its own. */
  readonly auxiliaryBefore: RegExp
  readonly nouns: 'lower' | 'capital'

  readonly firstSubject: RegExp
  /** The speaker occurs, in whatever role. */
  readonly firstMark: RegExp
  readonly possessives: ReadonlySet<string>
  readonly thirdPronouns: ReadonlySet<string>
  readonly determiners: ReadonlySet<string>
  /** What may stand before the subject: and, so, now. */
  readonly openers: ReadonlySet<string>
  readonly clauseWords: ReadonlySet<string>
  /** After these, inside a sentence, somebody else's clause may follow: "I hate it when people chew". */
  readonly embedding: ReadonlySet<string>
  readonly andWords: ReadonlySet<string>
  readonly prepositions: ReadonlySet<string>
  /** After these comes a name. */
  readonly naming: ReadonlySet<string>
  /** Point back to something in an earlier clause. */
  readonly objectPronouns: ReadonlySet<string>
  /** Prepositions that change what a name after them means. */
  readonly strictPrepositions: ReadonlySet<string>

  readonly negators: ReadonlySet<string>
  /** Negation that is none, or counts elsewhere. */
  readonly noNegation: RegExp
  /** An end of something: may be told with a negation or without. */
  readonly ending: RegExp
  /** Of a message's segment; each must be in the statement too. */
  readonly operators: readonly RegExp[]
  readonly past: RegExp
  readonly present: RegExp
  /** A verb in the past anywhere: tells where an unsaid year lies. */
  readonly pastTense: RegExp
  readonly future: RegExp

  readonly question: RegExp
  readonly askingTag: RegExp
  readonly harmlessTag: RegExp
  readonly hypothetical: RegExp
  /** Makes its own clause uncertain; `hypothetical` does that to the whole sentence. */
  readonly doubt: RegExp
  /** Says that its words stand in an order that must not be turned: more than, rather than. */
  readonly comparison: RegExp
  /** "Works as" says what somebody is. */
  readonly worksAs: RegExp
  readonly noHypothesis: RegExp
  readonly reported: RegExp
  readonly ironic: RegExp
  /** Opens a scene that goes on in the messages after it. */
  readonly pretence: RegExp
  /** The sentence tells of invented people. */
  readonly fiction: RegExp
  readonly fictionalSelf: RegExp
  readonly fictionEnds: RegExp
  readonly emotes: RegExp
  /** Text handed over to be worked on: "translate: I am a teacher". */
  readonly task: RegExp
  readonly instruction: RegExp
  readonly privilege: RegExp
  readonly assistant: RegExp
  readonly talk: RegExp
  readonly profile: RegExp
  readonly transient: ReadonlySet<string>
  readonly nowWords: ReadonlySet<string>
  /** Done or endured in passing: on the way, stuck in a queue. */
  readonly passing: RegExp
  /** With these a doing is over tomorrow. */
  readonly momentary: RegExp
  readonly lasting: RegExp
  readonly correction: RegExp
  /** From the second person of a question to the first of its answer. */
  readonly youToMe: ReadonlyMap<string, string>
  readonly yes: ReadonlySet<string>
  readonly no: ReadonlySet<string>
  readonly uncertainAnswer: RegExp
  readonly promise: RegExp
  readonly promiseTold: RegExp
  readonly selfDescription: RegExp
  readonly sensitive: Readonly<Record<'health' | 'sexuality' | 'religion' | 'politics' | 'finance', RegExp>>
}

/** `words` in one string. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/)
export const wordSet = (text: string): ReadonlySet<string> => new Set(words(text))
/** One group a line. */
export const groupsOf = (text: string): readonly (readonly string[])[] => text.trim().split('\n').map(words)
/** `word: several words`, one a line. */
export const contractionsOf = (text: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [short = '', long = ''] = line.split(':')
        return [short.trim(), words(long)] as const
      }),
  )
/** In order from zero; several forms of one number with a slash between them. */
export const numbersOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    words(text).flatMap((forms, index) => forms.split('/').map((form) => [form, String(index)] as const)),
  )
const alternatives = (raw: TemplateStringsArray, values: readonly string[]): string =>
  String.raw({ raw: raw.raw }, ...values)
    .trim()
    .split(/\s+\|\s+/)
    .join('|')

/** Whole words anywhere: alternatives with a spaced bar between them, written as in an expression. */
export const phrases = (raw: TemplateStringsArray, ...values: readonly string[]): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives(raw, values)})(?![\\p{L}\\p{N}])`, 'u')
/** The same at the beginning alone. */
export const beginning = (raw: TemplateStringsArray, ...values: readonly string[]): RegExp =>
  new RegExp(`^(?:${alternatives(raw, values)})(?![\\p{L}\\p{N}])`, 'u')
export const never = /(?!)/
