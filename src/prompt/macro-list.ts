import { clock, dateTime, duration } from './macro-time.ts'
import { type MacroNode, partsOf } from './macro-tree.ts'
import type { MacroValues } from './macros.ts'

export interface MacroContext {
  readonly values: MacroValues
  readonly variables: Map<string, string>
  /** Hidden keys are shown: what is made is searched, not sent. */
  readonly hiddenShows: boolean
  /** From 0 up to 1, another one for each macro of the text. */
  readonly dice: (seed: string) => number
  readonly render: (nodes: readonly MacroNode[]) => string
}

/** Undefined where the argument is none that it takes: then the macro stays as it is. */
type Fill = (context: MacroContext, argument: readonly MacroNode[]) => string | undefined

const value =
  (take: (values: MacroValues) => string | undefined): Fill =>
  ({ values }) =>
    take(values) ?? ''
const constant =
  (text: string): Fill =>
  () =>
    text

const chosen =
  (seedOf: (values: MacroValues) => string): Fill =>
  ({ values, dice, render }, argument) => {
    const parts = partsOf(argument)
    return render(parts[Math.floor(dice(seedOf(values)) * parts.length)] ?? []).trim()
  }

const mostDice = 100

const roll: Fill = ({ values, dice, render }, argument) => {
  const found = /^(\d{0,3})d?(\d{1,9})\s*([+-]\s*\d{1,9})?$/i.exec(diceText(render(argument)))
  if (found === null) return undefined
  const [count, sides, plus] = [
    Number(found[1] || 1),
    Number(found[2]),
    Number((found[3] ?? '0').replace(/\s/g, '')),
  ]
  if (count < 1 || count > mostDice || sides < 1) return undefined
  let sum = plus
  for (let n = 0; n < count; n++) sum += 1 + Math.floor(dice(values.seed ?? '') * sides)
  return String(sum)
}

/** `6` and `d6` are one die with six sides. */
const diceText = (written: string): string => written.trim().replace(/^(?=\d+$)/, 'd')

const setVariable: Fill = ({ variables, render }, argument) => {
  const [name = [], ...rest] = partsOf(argument)
  variables.set(render(name).trim(), rest.map(render).join('::'))
  return ''
}

const timed =
  (format: (now: Date, timeZone: string | undefined) => string): Fill =>
  ({ values: { now, timeZone } }) =>
    now === undefined ? '' : format(now, timeZone)

/** By their names in small letters, without `-` and `_`. */
export const known: Readonly<Record<string, Fill>> = {
  char: value(({ char }) => char),
  bot: value(({ char }) => char),
  user: value(({ user }) => user),
  group: value(({ group, char }) => group ?? char),
  groupnotmuted: value(({ group, char }) => group ?? char),
  charifnotgroup: value(({ group, char }) => group ?? char),
  notchar: value(({ notChar, user }) => notChar ?? user),
  persona: value(({ selfDescription }) => selfDescription),
  description: value(({ description }) => description),
  personality: value(({ personality }) => personality),
  scenario: value(({ scenario }) => scenario),
  summary: value(({ summary }) => summary),
  lastmessage: value(({ lastMessage }) => lastMessage),
  original: value(({ original }) => original),
  outlet: ({ values, render }, argument) => {
    const name = render(argument).trim()
    return Object.hasOwn(values.outlets ?? {}, name) ? values.outlets?.[name] : ''
  },
  random: chosen(({ seed }) => seed ?? ''),
  pick: chosen(({ roomSeed }) => roomSeed ?? ''),
  roll,
  reverse: ({ render }, argument) => Array.from(render(argument)).reverse().join(''),
  '//': constant(''),
  comment: constant(''),
  hiddenkey: ({ hiddenShows, render }, argument) => (hiddenShows ? render(argument) : ''),
  noop: constant(''),
  newline: constant('\n'),
  trim: constant('\u0000trim\u0000'),
  getvar: ({ variables, render }, argument) => variables.get(render(argument).trim()) ?? '',
  setvar: setVariable,
  time: timed(clock),
  date: timed((now, zone) => dateTime(now, 'D MMMM YYYY', zone)),
  weekday: timed((now, zone) => dateTime(now, 'dddd', zone)),
  isotime: timed(clock),
  isodate: timed((now, zone) => dateTime(now, 'YYYY-MM-DD', zone)),
  datetimeformat: ({ values: { now, timeZone }, render }, argument) =>
    now === undefined ? '' : dateTime(now, render(argument).trim(), timeZone),
  idleduration: ({ values: { idleMs } }) => (idleMs === undefined ? '' : duration(idleMs)),
}
