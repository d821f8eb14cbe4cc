import type { KnockLanguage } from '../core/knock.ts'
import { type FoundTime, findTimes, type SaidTime, type Span } from './said-time.ts'
import { spanMark, type TimeLanguage, timeLanguages } from './time-words.ts'
import { complete, resolve, type When, type WhenContext } from './when.ts'

/** Somebody asks to be reminded. */
export interface Errand {
  readonly language: KnockLanguage
  /** Of what, in their words; empty where they do not say. */
  readonly text: string
  readonly when: When
  readonly said: SaidTime
}

/** Longer than anybody asks; the rest of the text is left alone. */
const sentenceCharacters = 400
const textCharacters = 300

/** Neither `3. Mai` nor `5 p.m. to leave` ends one. */
const sentenceEnd = /(?<=[.!?])(?<!\d\.|[ap]\.m\.)\s+|\n+/iu

interface Asking {
  readonly language: KnockLanguage
  /** A whole sentence; the groups `rest` and `more` are what and when. */
  readonly patterns: readonly RegExp[]
  /** Between when and what. */
  readonly joint: RegExp
  /** Not a request: "remind me what you said". */
  readonly not: RegExp
}

/** A greeting, or whom they speak to: `Wren, …`. Each word fits in one way, so that no row of them takes long to refuse. */
const opener = String.raw`(?:(?:hey|hi|hello|hallo|oh|ok|okay|so|and|und|also|please|bitte|\p{L}+,)\s+)*`
const ask = (text: string) => new RegExp(`^${opener}${text}[\\s.!?]*$`, 'isu')

const askings: readonly Asking[] = [
  {
    language: 'en',
    patterns: [
      ask(
        String.raw`(?:(?:can|could|will|would) you |i (?:want|need|would like|'d like) you to )?(?:please )?remind me\b(?<rest>.*?)`,
      ),
      ask(String.raw`(?:please )?(?:set|make) (?:me )?a reminder\b(?: for me)?(?<rest>.*?)`),
      ask(String.raw`(?:please )?don't let me forget(?<rest>\s+(?:to|about)\b.*?)`),
    ],
    joint: /(?<=^|\s)(?:to|that|about|of)\s+/iu,
    not: /^[\s,]*(?:again,?\s+)?(?:if|whether|why|what|who|whom|how|which|where|when|of (?!(?:the|my|our)\b))\b/iu,
  },
  {
    language: 'de',
    patterns: [
      ask(String.raw`(?:bitte )?erinner[e']? mich\b(?<rest>.*?)`),
      ask(String.raw`(?:kannst|könntest|würdest|magst|kannste) du mich\b(?<rest>.*?) erinnern(?<more>,.*?)?`),
    ],
    joint: /(?:(?<=^|\s)(?:daran,?(?:\s+dass)?|dass|an)\s+)|,\s+/iu,
    not: /^[\s,]*(?:nicht\b|(?:daran,?\s+)?(?:ob|warum|was|wer|wen|wie|welche\w*|wo|wann)\b)/iu,
  },
]

/**
 * A request to be reminded that is in the text; undefined where there is none. Of more than one none is clear: a message
 * has one reminder.
 */
export function findErrand(text: string, context: WhenContext): Errand | undefined {
  const all = text.split(sentenceEnd).flatMap((sentence) => errandIn(sentence, context) ?? [])
  const [first, ...more] = all.filter((each) => each.text !== '')
  if (first === undefined) return all[0]
  return more.length === 0 ? first : { ...first, when: { kind: 'unclear', why: 'more' } }
}

function errandIn(sentence: string, context: WhenContext): Errand | undefined {
  if (sentence.length > sentenceCharacters) return undefined
  for (const asking of askings) {
    const rest = asking.patterns
      .map((pattern) => pattern.exec(sentence.trim())?.groups)
      .map((groups) => groups && `${groups.rest}${groups.more ?? ''}`)
      .find((each) => each !== undefined)
    if (rest !== undefined && !asking.not.test(rest)) return errandOf(rest, asking, context)
  }
  return undefined
}

/** As it stands behind a command: `tomorrow after work to call mum`. In the language in which more of it tells a time. */
export function readErrand(text: string, context: WhenContext): Errand {
  const read = askings.map((asking) => ({
    asking,
    size: findTimes(text, asking.language, context.now, context.zone).spans.reduce(
      (sum, { start, end }) => sum + end - start,
      0,
    ),
  }))
  const { asking } = read.reduce((best, each) => (each.size > best.size ? each : best))
  return errandOf(text, asking, context)
}

/**
 * An answer to the question for when: a text that says a time. Where it says more than that, nothing of it is used.
 * `before`: the request without one.
 */
export function answerErrand(text: string, before: Errand, context: WhenContext): Errand | undefined {
  if (text.length > sentenceCharacters) return undefined
  const times = findTimes(text, before.language, context.now, context.zone)
  const language = timeLanguages.find(({ code }) => code === before.language)
  const rest = cutOut(text, times.spans).replaceAll(language?.fillers ?? /$/, '')
  if (times.spans.length === 0) return undefined
  if (/[\p{L}\p{N}]/u.test(rest)) return { ...before, when: { kind: 'unclear', why: 'none' } }
  const said = complete(before.said, times)
  return { ...before, said, when: resolve(said, context) }
}

function errandOf(rest: string, { language, joint }: Asking, context: WhenContext): Errand {
  const words = timeLanguages.find(({ code }) => code === language) as TimeLanguage
  const times = findTimes(rest, language, context.now, context.zone)
  const place = jointOutside(rest, joint, times.spans)
  const head = place === undefined ? [] : times.spans.filter(({ end }) => end <= place.start + 1)
  // What stands before is when: dates in what is asked for are a part of that.
  if (place !== undefined && head.length > 0) {
    const first = rest.slice(0, place.start)
    const said = findTimes(first, language, context.now, context.zone)
    const behind = tidy(rest.slice(place.end))
    const between = cutOut(first, said.spans).replaceAll(words.fillers, '')
    const when = saysHour(said) ? resolve(said, context) : openHour(times, said, context)
    if (when.kind === 'at' && isUnread(upToWord(rest, place.end), head, words))
      return notUnderstood(language, behind)
    // "Tomorrow: call Bob about the car" begins before the joint.
    const text = /[\p{L}\p{N}]/u.test(between) ? tidy(cutOut(rest, said.spans)) : behind
    return { language, text, said, when }
  }
  const what = place === undefined ? rest : ' '.repeat(place.end) + rest.slice(place.end)
  const text = tidy(cutOut(what, times.spans))
  const when = resolve(times, context)
  if (when.kind === 'at' && isUnread(what, times.spans, words)) return notUnderstood(language, text)
  return { language, text, said: times, when }
}

/** With the word that begins there: "at ten to nine". */
const upToWord = (text: string, at: number): string =>
  text.slice(0, at) + (/^\S*/.exec(text.slice(at))?.[0] ?? '')

const isUnread = (text: string, spans: readonly Span[], { unread }: TimeLanguage): boolean =>
  unread.test(cutOut(text, spans, spanMark))

/** More is said of the time than was understood: nothing of it is used. */
const notUnderstood = (language: KnockLanguage, text: string): Errand => ({
  language,
  text,
  said: { language, days: [], clocks: [], parts: [], relativeMs: [], repeats: false },
  when: { kind: 'unclear', why: 'none' },
})

const saysHour = ({ clocks, parts, relativeMs }: SaidTime): boolean =>
  clocks.length + parts.length + relativeMs.length > 0

/** "Tomorrow to call mum at 18:00": at that hour they want to be reminded, or to call. */
const openHour = (all: SaidTime, said: SaidTime, context: WhenContext): When =>
  all.clocks.length > 0 ? { kind: 'unclear', why: 'hour' } : resolve(said, context)

function jointOutside(text: string, joint: RegExp, spans: readonly Span[]): Span | undefined {
  for (const match of text.matchAll(new RegExp(joint, 'giu'))) {
    const place = { start: match.index, end: match.index + match[0].length }
    if (!spans.some(({ start, end }) => place.start < end && start < place.end)) return place
  }
  return undefined
}

/** Without what it says of the time, or with a mark in its place. */
function cutOut(text: string, spans: FoundTime['spans'], mark = ''): string {
  let rest = ''
  let from = 0
  for (const { start, end } of spans) {
    rest += text.slice(from, Math.max(from, start)) + mark
    from = Math.max(from, end)
  }
  return rest + text.slice(from)
}

const tidy = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;:–-]+|[\s,;:–-]+$/g, '')
    .slice(0, textCharacters)
    .toWellFormed()
