import { configError, type HearthError } from '../core/errors.ts'

const known =
  'Hearth reads chats of SillyTavern (JSONL), channels written by DiscordChatExporter (JSON), channels of Discord’s data package (messages.json or .csv), rooms written by Element (JSON or plain text) and conversations.json of ChatGPT. See docs/importing.md.'

export const unknownFormat = (): HearthError =>
  configError('The file is no export that Hearth knows.', { code: 'import-unknown-format', mend: known })

export const isZip = (): HearthError =>
  configError('The file is a zip archive.', {
    code: 'import-zip',
    mend: 'Unpack it, and give the file with the messages in it: conversations.json of ChatGPT, messages.json of the one channel of Discord, export.json or export.txt of Element.',
  })

export const notUtf8 = (): HearthError =>
  configError('The file is not in UTF-8.', {
    code: 'import-not-utf8',
    mend: 'An editor may have saved it anew in UTF-16. Export it again, or save it as UTF-8.',
  })

/** `places`: in words, or empty. */
export const nothingInIt = (format: string, places: string): HearthError => {
  const where = places === '' ? '' : `; it goes wrong ${places}`
  return configError(`The file looks like ${format}, and no message in it can be read${where}.`, {
    code: 'import-empty',
    mend: 'See that it is whole; export it again where it is not.',
  })
}

export const tooLargeToSort = (): HearthError =>
  configError('The channel holds more than 64 MB of words, which is more than can be put in order.', {
    code: 'import-too-large',
    mend: 'Split the file into several; each becomes a conversation of its own.',
  })

export const fromNewToOld = (): HearthError =>
  configError('The file runs from new to old.', {
    code: 'import-reversed',
    mend: 'Export it again in the order in which things were said.',
  })

export const cannotRead = (file: string, cause: unknown): HearthError =>
  configError(`${file} cannot be read.`, {
    code: 'import-unreadable',
    mend: 'See that the file is there, and that you may read it.',
    cause,
  })
