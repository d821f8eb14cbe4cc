import { HearthError } from '../core/errors.ts'

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

const asSentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.:!?]$/.test(text) ? '' : '.'}`
