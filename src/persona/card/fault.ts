import { type HearthError, personaError } from '../../core/errors.ts'

const again = 'Get the file again from where it came from, or save it anew in the program that made it.'

/** A card file that cannot be read. The message is a sentence without its subject's path, and quotes no text of the card. */
export function cardFault(message: string, mend: string = again): HearthError {
  return personaError(message, { code: 'card-unreadable', mend })
}
