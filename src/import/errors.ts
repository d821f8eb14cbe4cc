import { configError, type HearthError } from '../core/errors.ts'
import type { ZipFault, ZipFaultKind } from '../files/zip-archive.ts'

const known =
  'Hearth reads chats of SillyTavern (JSONL), channels written by DiscordChatExporter (JSON), Discord’s data package (the zip, or messages.json or .csv of a channel), rooms written by Element (JSON or plain text) and the export of ChatGPT (the zip, or conversations.json). See docs/importing.md.'

const unpackIt =
  'Unpack it, and give the file with the messages in it: conversations.json of ChatGPT, messages.json of the one channel of Discord, export.json or export.txt of Element.'

export const unknownFormat = (): HearthError =>
  configError('The file is no export that Hearth knows.', { code: 'import-unknown-format', mend: known })

const zipFaults: Readonly<Record<ZipFaultKind, readonly [what: string, mend: string]>> = {
  damaged: ['is damaged or cut off', 'Download or copy it again.'],
  'leads-out': [
    'has a file in it that names a place outside of it, as no honest one does',
    'Get the export anew from where it was made, and do not unpack this one.',
  ],
  twice: [
    'holds two files of one name, as no honest one does',
    'Get the export anew from where it was made, and do not unpack this one.',
  ],
  'too-many': ['holds more than a million files, or more than 100,000 with messages', unpackIt],
  locked: ['is locked with a password', unpackIt],
  packing: ['is packed in a way that Hearth does not know', unpackIt],
}

export const inZip = (fault: ZipFault): HearthError => {
  const [what, mend] = zipFaults[fault.kind]
  return configError(`The zip archive ${what}.`, { code: `import-zip-${fault.kind}`, mend, cause: fault })
}

export const noMessagesInZip = (): HearthError =>
  configError('The zip archive has no messages in it that Hearth can read.', {
    code: 'import-zip-empty',
    mend: `Give the archive as the service hands it out; one that lies within another has to be taken out first. ${known}`,
  })

export const unpacksTooLarge = (): HearthError =>
  configError(
    'The zip archive unpacks to more than 16 GB, or to more than two hundred times of what it is.',
    {
      code: 'import-zip-too-large',
      mend: 'No honest one of words does so. Get the export anew from where it was made, and do not unpack this one.',
    },
  )

/** `listed`: the channels, one a line. */
export const whichChannel = (listed: string): HearthError =>
  configError(
    `Which channel of the data package is the conversation with the persona cannot be told. There are, with so much in them:\n${listed}`,
    {
      code: 'import-who',
      mend: 'Name it with --persona-as "<name>", by its name or its number, as it stands here; several times for several.',
    },
  )

export const notTheirPackage = (username: string): HearthError =>
  configError(
    `The data package is that of ${username}, whose id on Discord is not the one that --person says.`,
    {
      code: 'import-who',
      mend: `If it is the same person with another account, say so with --as ${JSON.stringify(username)}.`,
    },
  )

export const notUtf8 = (): HearthError =>
  configError('The file is not in UTF-8.', {
    code: 'import-not-utf8',
    mend: 'An editor may have saved it anew in another encoding. Export it again, or save it as UTF-8.',
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

export const tooManyChanges = (): HearthError =>
  configError('The file holds more than 16 million characters of edits and deletions.', {
    code: 'import-too-many-changes',
    mend: 'Split it into several, each with the edits and deletions of its own messages, or export shorter spans of time.',
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
