import type { LastReply } from '../core/store.ts'
import { momentFormat } from '../core/time-format.ts'
import { type LeftOut, type LeftOutWhy, sizesOf } from '../prompt/sections.ts'
import type { PromptAgain } from './again.ts'

const moment = new Intl.DateTimeFormat('en-GB', momentFormat)

const reasons: Readonly<Record<LeftOutWhy, string>> = {
  'no-room': 'what was said last needs the room',
  budget: 'lore has no room left for it',
  chance: 'chance was against it',
  group: 'another one of its group came in',
  history: 'it made way for the history',
  cut: 'what came earlier was cut off; it stands in the summary, and comes to mind where it fits',
  pocket: 'a pocket model is led astray by it',
  host: "the model's host does not go on with it",
  hidden: 'an entry of lore asks for that',
}

/**
 * A prompt with the sizes of its sections and what was left out of it, for the operator. `withheld`: why its words
 * are not shown.
 */
export function promptText(
  { made }: LastReply,
  { composed, same }: PromptAgain,
  name: string,
  withheld?: string,
): string {
  const { model, scale, atMs } = made
  const counted = (tokens: number) => Math.round(tokens * scale).toLocaleString('en')
  const { contextTokens, replyTokens } = composed.options
  const sizes = sizesOf(composed.parts).map(({ section, tokens }) => [section, counted(tokens)] as const)
  const width = Math.max(...sizes.map(([section]) => section.length))
  return [
    `The prompt of ${name}'s last reply here, of ${moment.format(atMs)}, for ${model.name}.`,
    same
      ? 'It is made again, and exactly what the model was given.'
      : 'It is made again, and not exactly what the model was given: since then something was edited, taken away or summed up, or the persona has changed.',
    '',
    `About ${counted(composed.estimatedTokens)} of at most ${(contextTokens - replyTokens).toLocaleString('en')} tokens:`,
    ...sizes.map(([section, tokens]) => `  ${section.padEnd(width)}  ${tokens.padStart(6)}`),
    ...(composed.leftOut.length === 0 ? [] : ['Left out:', ...composed.leftOut.map(leftOutLine)]),
    '',
    withheld ?? composed.prompt.map(({ role, text }) => `[${role}]\n${text}`).join('\n\n'),
  ].join('\n')
}

const leftOutLine = ({ section, name, why }: LeftOut): string =>
  `  ${section}${name === undefined ? '' : ` "${name.replace(/\s+/g, ' ')}"`}: ${reasons[why]}`

export const noPromptYet = 'There is no reply here yet for which a model was asked, or nothing is left of it.'
