import { commands } from '../core/events.ts'
import type { Knock, Terms } from '../core/knock.ts'
import { momentIn } from '../prompt/unprompted.ts'
import type { Unclear } from '../unprompted/when.ts'

/** What came of a wish to be reminded. `said`: when it will be, where that is later than it was meant. */
export type Plan =
  | {
      readonly kind: 'planned'
      readonly number: number
      readonly at: Date
      readonly said: Date
      readonly zone: string
      readonly hours: string
    }
  | { readonly kind: 'unclear'; readonly why: Unclear | 'nothing' }
  | { readonly kind: 'full'; readonly most: number }
  | { readonly kind: 'off' | 'cancelled' | 'not-here' | 'group' }

/** What somebody is told who wants to be reminded: it names no word of theirs. */
export function planSentence(plan: Plan): string {
  switch (plan.kind) {
    case 'planned': {
      const { number, at, said, zone, hours } = plan
      const when = `Noted as number ${number}: I remind you on ${momentIn(said, zone)} (${zone}).`
      const later =
        said > at
          ? ` ${momentIn(at, zone)} is not within the hours in which I write (yours are ${hours}).`
          : ''
      return `${when}${later} unprompted cancel ${number} takes it away.`
    }
    case 'unclear':
      return questions[plan.why]
    case 'full':
      return `That day is full: you let yourself be written to ${plan.most} times a day at most. unprompted limit changes that.`
    case 'off':
      return offText
    case 'cancelled':
      return 'You have cancelled that. Ask me anew, and I note it.'
    case 'not-here':
      return 'I do not write to anybody first: whoever runs this companion has not given me that.'
    case 'group':
      return 'I remind people only where we two talk alone. Ask me there.'
  }
}

const offText =
  'I write to you first only where you have switched that on: say unprompted on, and then ask me again.'

const questions: Readonly<Record<Unclear | 'nothing', string>> = {
  none: 'When shall I remind you? Say a day and an hour, as in: tomorrow at 18:00.',
  several: 'That is more than one time. When shall I remind you?',
  day: 'Which day do you mean? Say its date, as in: on 13 March at 18:00.',
  hour: 'At which hour? Say it as the clock shows it, as in: 09:00, or 21:00.',
  past: 'That is over already. When shall I remind you?',
  repeats: 'I remind once, and not again and again. For which time shall I note it?',
  skipped: 'The clocks are set forward over that hour in that night. When shall I remind you?',
  more: 'One at a time, please: ask for each in a message of its own.',
  nothing:
    'Of what shall I remind you? Say both in one sentence, as in: remind me tomorrow at 18:00 to call mum.',
}

export const onlyHere = 'I write first only where we two talk alone: say that there.'

/** How things stand with somebody, and what is planned. */
export function standText(
  on: boolean,
  terms: Terms,
  zone: string,
  does: readonly string[],
  waiting: readonly Knock[],
): string {
  const whose =
    terms.zone === undefined ? 'as it is at this house; unprompted zone changes that' : 'where you are'
  return [
    on
      ? `I may write to you first here: ${does.join(', ')}. unprompted off ends that.`
      : 'I do not write to you first here. unprompted on lets me.',
    `Only between ${terms.hours.replace('-', ' and ')} (${zone}, ${whose}), and at most ${terms.most} times a day, all personas together.`,
    ...(waiting.length === 0
      ? on
        ? ['Nothing is planned.']
        : []
      : ['Planned:', ...waiting.map((each) => knockLine(each, zone))]),
  ].join('\n')
}

function knockLine({ kind, number, dueAt, content }: Knock, zone: string): string {
  const what = {
    errand: `I remind you: ${content.text}`,
    'follow-up': `I ask after: ${content.text}`,
    morning: `a good morning, each day at ${content.text}`,
  }[kind]
  return `${number}. ${momentIn(dueAt, zone)}: ${what}`
}

/** Of a command that comes again. */
export const doneText = 'That is done already: unprompted show tells how things stand.'

export const droppedText = (count: number): string =>
  `I answer alone from now on, and do not write to you first.${count === 0 ? '' : ` ${count === 1 ? 'What was planned is' : `All ${count} that were planned are`} dropped.`}`

export const cancelledText = (numbers: readonly number[]): string =>
  numbers.length === 0
    ? 'Nothing of that number is planned here. unprompted show tells what is.'
    : `Dropped: ${numbers.join(', ')}.`

export const unpromptedUsage = [
  'You can say:',
  ...(commands.find(({ name }) => name === 'unprompted')?.parts ?? []).map(
    ({ name, takes, summary }) => `unprompted ${name}${takes === undefined ? '' : ` (${takes})`}: ${summary}`,
  ),
].join('\n')
