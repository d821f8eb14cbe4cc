import { HearthError } from '../core/errors.ts'
import type { CommandOutcome } from '../core/store.ts'

/**
 * What is told in the room when a turn fails: in the person's words, without the insides.
 * Where the person runs Hearth themself, the cause and the mend are what they need.
 */
export function failureSentence(
  error: unknown,
  next: 'tried again' | 'given up',
  toOperator: boolean,
): string {
  if (error instanceof HearthError && error.code === 'empty-reply') {
    return 'Nothing came to my mind just now. You can ask me to try again with retry.'
  }
  if (toOperator && error instanceof HearthError) {
    const after =
      next === 'tried again' ? 'Your message is kept, and is answered as soon as that is mended.' : ''
    // A line each: a mend may be a command, which a full stop would spoil.
    return [asSentence(error.message), error.mend, after].filter(Boolean).join('\n')
  }
  return next === 'tried again'
    ? 'I cannot answer just now. Your message is kept, and I will answer as soon as I can.'
    : 'I could not answer that, and trying again by myself will not help. Whoever runs this place finds the reason in the log; after that you can ask me again with retry.'
}

/** An address that it begins with stays as it is. */
const asSentence = (text: string): string =>
  `${text.replace(/^(?!https?:)./, (first) => first.toUpperCase())}${/[.:!?]$/.test(text) ? '' : '.'}`

/** What is told once when a persona's quiet hours put its answer off. */
export function restSentence(end: Date): string {
  const [hour, minute] = [end.getHours(), end.getMinutes()].map((part) => String(part).padStart(2, '0'))
  return `I am resting until ${hour}:${minute}. What you write is kept, and I answer it then, or at once if you say retry.`
}

/** What is told of a command: nothing where its effect is seen, or where nobody is spoken to. */
export function outcomeSentence(outcome: CommandOutcome, canEdit: boolean): string | undefined {
  switch (outcome) {
    case 'retrying':
    case 'choosing':
    case 'stopping':
    case 'not-heard':
      return undefined
    case 'busy':
    case 'ending':
      return 'I am still at it. Say stop first if you want another answer.'
    case 'nothing-to-retry':
      return 'There is no answer yet that I could try again.'
    case 'no-other':
      return 'There is no answer before this one.'
    case 'nothing-to-stop':
      return 'Nothing is being written.'
    case 'taken-back':
      return canEdit ? undefined : 'Taken back. It stays on your screen, but I do not know of it any more.'
    case 'nothing-to-take-back':
      return 'There is no answer that I could take back.'
    case 'quiet':
      return 'I am quiet here from now on, until you say quiet again. What you write is kept, and I will have read it.'
    case 'talking':
      return 'I answer here again.'
    case 'not-the-last':
      return 'Only my last answer can be changed.'
  }
}
