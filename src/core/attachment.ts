/**
 * What came with a message beside its words, or goes with one. Its name stands in the words, and a file of
 * any other kind is told there alone.
 */
export type Attachment =
  | { readonly kind: 'image'; readonly mediaType: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'voice'
      readonly mediaType: string
      readonly bytes: Uint8Array
      readonly durationMs: number
    }

/** One that we hand out; nobody gives us one. */
export interface HandedFile {
  readonly kind: 'file'
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A photograph from a telephone has 2 to 6 MiB; a voice message of this size lasts an hour. */
export const attachmentMostBytes = 10 * 1024 * 1024
const attachmentsMost = 4

const signatures: readonly (readonly [mediaType: string, pattern: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF.{4}WEBP/s],
]
const longestSignature = 12

/** By its first bytes, whatever its sender calls it; undefined for what models cannot read as an image. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, longestSignature))
  return signatures.find(([, pattern]) => pattern.test(head))?.[0]
}

/** Those that are kept of what a platform brings: of an image its real type, and nothing that is too large. */
export function keptAttachments(attachments: readonly Attachment[]): readonly Attachment[] {
  return attachments
    .filter(({ bytes }) => bytes.length > 0 && bytes.length <= attachmentMostBytes)
    .flatMap((attachment): readonly Attachment[] => {
      if (attachment.kind === 'voice') return [attachment]
      const mediaType = imageTypeOf(attachment.bytes)
      return mediaType === undefined ? [] : [{ ...attachment, mediaType }]
    })
    .slice(0, attachmentsMost)
}

/** For people and models that are shown words alone: `a voice message of 7 seconds`. */
export function voiceInWords(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000)
  if (seconds === 0) return 'a voice message'
  return `a voice message of ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
}
