import type { KnockLanguage } from '../core/knock.ts'
import { dateLanguages } from '../memory/languages/dates.ts'

/** A part of the day. */
export interface DayPart {
  readonly pattern: RegExp
  /** Since midnight: what it means where no hour is said. */
  readonly minutes: number
  /** With which hours of the twelve it can go, and whether these are those after noon. */
  readonly hours: readonly [from: number, to: number]
  readonly afterNoon: boolean
  /** Of this very day. */
  readonly today?: boolean
}

/** How one language speaks of hours, in lower case. */
export interface TimeLanguage {
  readonly code: KnockLanguage
  readonly parts: readonly DayPart[]
  /** The groups `count` and `unit`; `half` where half of the unit is meant or added. */
  readonly relative: readonly RegExp[]
  readonly counts: Readonly<Record<string, number>>
  /** The groups `hour`, `minute`, `half` (am or pm), `quarter`, `late` (minutes that are said behind). */
  readonly clocks: readonly RegExp[]
  readonly halves: Readonly<Record<string, 'am' | 'pm'>>
  readonly fixed: readonly (readonly [pattern: RegExp, minutes: number])[]
  /** The group `day`. */
  readonly ofMonth: RegExp
  readonly weekday: RegExp
  /** It is to come again and again. */
  readonly repeats: RegExp
  /** What changes a time beside which it stands (`spanMark`), or says one that is not understood. */
  readonly unread: RegExp
  /** What may stand around a time and says nothing. */
  readonly fillers: RegExp
}

const alone = (text: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])(?:${text})(?![\\p{L}\\p{N}])`, 'giu')
/** Stands where a time was understood. */
export const spanMark = '\u{fffc}'
/** Words and figures that stand before or after a time that was understood, or anywhere. */
const beside = (words: { readonly before: string; readonly after: string; readonly alone: string }): RegExp =>
  new RegExp(
    `(?:(?<!\\p{L})(?:${words.before})|\\d) ?${spanMark}|${spanMark} ?(?::?\\d|(?:${words.after}))|(?<!\\p{L})(?:${words.alone})`,
    'iu',
  )
const count = (words: Readonly<Record<string, number>>) =>
  `(?<count>\\d{1,3}|${Object.keys(words)
    .toSorted((a, b) => b.length - a.length)
    .join('|')})`
const numbered = (text: string) =>
  Object.fromEntries(text.split(' ').map((word, index) => [word, index + 1] as const))

const english = numbered('one two three four five six seven eight nine ten eleven twelve')
const german = numbered('eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf')
const englishCounts = {
  ...english,
  a: 1,
  an: 1,
  'a couple of': 2,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  'forty-five': 45,
}
const germanCounts = { ...german, ein: 1, einer: 1, eine: 1, fünfzehn: 15, zwanzig: 20, dreißig: 30 }
const hourOf = (words: Readonly<Record<string, number>>) =>
  `(?<hour>[01]?\\d|2[0-4]|${Object.keys(words).join('|')})`
const minute = '(?:[:.](?<minute>[0-5]\\d))'

const weekdaysOf = (code: KnockLanguage) =>
  dateLanguages.find((language) => language.code === code)?.weekdays.join('|') ?? ''

export const timeLanguages: readonly TimeLanguage[] = [
  {
    code: 'en',
    parts: [
      { pattern: alone('tonight'), minutes: 20 * 60, hours: [5, 11], afterNoon: true, today: true },
      { pattern: alone('this morning'), minutes: 9 * 60, hours: [5, 11], afterNoon: false, today: true },
      { pattern: alone('this afternoon'), minutes: 15 * 60, hours: [12, 6], afterNoon: true, today: true },
      { pattern: alone('this evening'), minutes: 19 * 60, hours: [5, 11], afterNoon: true, today: true },
      { pattern: alone('(?:in the )?morning'), minutes: 9 * 60, hours: [5, 11], afterNoon: false },
      { pattern: alone('(?:in the )?afternoon'), minutes: 15 * 60, hours: [12, 6], afterNoon: true },
      { pattern: alone('(?:in the )?evening'), minutes: 19 * 60, hours: [5, 11], afterNoon: true },
      { pattern: alone('(?:at )?night'), minutes: 21 * 60, hours: [7, 11], afterNoon: true },
      { pattern: alone('after (?:my |the )?work'), minutes: 18 * 60, hours: [3, 9], afterNoon: true },
      {
        pattern: alone('(?:at|over|during) lunch(?: ?time)?|lunchtime'),
        minutes: 12 * 60 + 30,
        hours: [12, 2],
        afterNoon: true,
      },
    ],
    relative: [
      alone(
        `in ${count(englishCounts)} (?<unit>seconds?|secs?|minutes?|mins?|hours?|hrs?)(?<half> and a half)?(?: from now)?`,
      ),
      alone(`in (?<half>half an) (?<unit>hour)`),
      alone(`${count(englishCounts)} (?<unit>seconds?|secs?|minutes?|mins?|hours?|hrs?) from now`),
    ],
    counts: englishCounts,
    clocks: [
      alone(`(?:at |by |around )?${hourOf(english)}${minute}? ?(?<half>am|pm|a\\.m\\.?|p\\.m\\.?)`),
      alone(`(?:at |by )?(?<quarter>half past|quarter past|quarter to) ${hourOf(english)}`),
      alone(`(?:at |by |around )?(?<hour>[01]?\\d|2[0-3])${minute}`),
      alone(`(?:at|by|around) ${hourOf(english)}(?: o'clock)?`),
      alone(`${hourOf(english)} o'clock`),
    ],
    halves: { a: 'am', p: 'pm' },
    fixed: [
      [alone('(?:at )?(?:noon|midday)'), 12 * 60],
      [alone('(?:at )?midnight'), 24 * 60],
    ],
    ofMonth: alone('on the (?<day>\\d{1,2})(?:st|nd|rd|th)'),
    weekday: alone(`(?:on )?(?<weekday>${weekdaysOf('en')})`),
    repeats: alone(
      `every (?:day|morning|evening|night|week|month|year|hour|${weekdaysOf('en')})|each (?:day|morning|evening|week)|daily|weekly`,
    ),
    unread: beside({
      before: 'before|between|after|until|till|from|past|to|and|or',
      after: `before|from|after|past|week|(?:and|or) (?:an?|half)\\b|(?:and|or|to) (?:(?:${Object.keys(english).join('|')})\\b|\\d|${spanMark})`,
      alone: '(?:at|from|between) (?:half )?\\d',
    }),
    fillers: alone(
      "please|again|or so|about|first thing|thanks|thank you|ok|okay|yes|yeah|no|then|well|let's say|say|make it|maybe|rather|at|on|by|the|in|would be (?:good|great|fine)|sounds good",
    ),
  },
  {
    code: 'de',
    parts: [
      {
        pattern: alone('heute (?:abend|nacht)'),
        minutes: 20 * 60,
        hours: [5, 11],
        afterNoon: true,
        today: true,
      },
      {
        pattern: alone('heute (?:morgen|früh)'),
        minutes: 9 * 60,
        hours: [5, 11],
        afterNoon: false,
        today: true,
      },
      { pattern: alone('heute nachmittag'), minutes: 15 * 60, hours: [12, 6], afterNoon: true, today: true },
      {
        pattern: alone('(?:am |in der )?(?:morgens|vormittags?|früh)|am morgen'),
        minutes: 9 * 60,
        hours: [5, 11],
        afterNoon: false,
      },
      { pattern: alone('(?:am )?nachmittags?'), minutes: 15 * 60, hours: [12, 6], afterNoon: true },
      { pattern: alone('(?:am )?abends?'), minutes: 19 * 60, hours: [5, 11], afterNoon: true },
      {
        pattern: alone('nach (?:der |meiner )?arbeit|nach (?:dem )?feierabend'),
        minutes: 18 * 60,
        hours: [3, 9],
        afterNoon: true,
      },
    ],
    relative: [
      alone(`in ${count(germanCounts)} (?<unit>sekunden?|minuten?|min|stunden?|std)`),
      alone(`in (?<half>einer halben) (?<unit>stunde)`),
      alone(`in (?<count>anderthalb|eineinhalb) (?<unit>stunden)`),
    ],
    counts: { ...germanCounts, anderthalb: 1.5, eineinhalb: 1.5 },
    clocks: [
      alone(`(?:um |gegen )?(?<quarter>halb|viertel nach|viertel vor) ${hourOf(german)}`),
      alone(`(?:um |gegen )?${hourOf({ ...german, ein: 1 })}${minute}? uhr(?: (?<late>[0-5]\\d))?`),
      alone(`(?:um |gegen )?(?<hour>[01]?\\d|2[0-3]):(?<minute>[0-5]\\d)`),
      alone(`(?:um|gegen) ${hourOf(german)}${minute}?`),
    ],
    halves: {},
    fixed: [
      [alone('(?:am )?mittags?|um zwölf uhr mittags'), 12 * 60],
      [alone('(?:um )?mitternacht'), 24 * 60],
    ],
    ofMonth: alone(
      'am (?<day>\\d{1,2})\\.(?! ?(?:\\d|januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember))',
    ),
    weekday: alone(`(?:am )?(?<weekday>${weekdaysOf('de')})`),
    repeats: alone(
      `jede[nsrm]? (?:tag|morgen|abend|woche|monat|jahr|stunde|${weekdaysOf('de')})|täglich|wöchentlich`,
    ),
    unread: beside({
      before: 'vor|nach|ab|bis|seit|zwischen|und|oder',
      after: `vor|nach|bis|(?:und|oder) (?:eine|\\d|${spanMark})`,
      alone: '(?:um|gegen|zwischen|ab|vor) \\d|\\d+ ?uhr',
    }),
    fillers: alone(
      'bitte|danke|ok|okay|ja|nein|dann|also|sagen wir|lieber|vielleicht|am|um|im|in|der|den|das wäre (?:gut|super)|passt',
    ),
  },
]
