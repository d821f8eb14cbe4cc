import { createHash } from 'node:crypto'

/** What a file says is unknown until it is looked at: nothing here throws, whatever it is given. */
export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Ids are strings in most files, and numbers in some. */
export const idOf = (value: unknown): string =>
  typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : textOf(value)

/** Undefined where it is no JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** A short name for what the parts say together: 32 hexadecimal digits. */
export function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:${part}`)
  return hash.digest('hex').slice(0, 32)
}

/** What came beside the words, told in words as the adapters do it. */
export function withAttachments(text: string, attachments: readonly string[]): string {
  return [text, ...attachments.map((what) => `[${what}]`)].filter((part) => part !== '').join('\n')
}

const nameMost = 100

/** `an image: cat.png`, or `an image` where it has no name. */
export const attachmentInWords = (what: string, name: string): string =>
  name === '' ? what : `${what}: ${name.slice(0, nameMost)}`

/** By the name alone: what lies behind it is not here. */
export function fileInWords(name: string): string {
  const what = /\.(?:png|jpe?g|gif|webp|avif|heic)$/i.test(name)
    ? 'an image'
    : /\.(?:ogg|mp3|m4a|wav|opus)$/i.test(name)
      ? 'a recording'
      : /\.(?:mp4|webm|mov|mkv)$/i.test(name)
        ? 'a video'
        : 'a file'
  return attachmentInWords(what, name)
}
