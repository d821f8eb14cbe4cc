import { type Attachment, type HandedFile, voiceInWords } from '../../src/core/attachment.ts'
import { type FileKey, readFileKey, writeFileKey } from './crypto/attachment.ts'
import { recordOf } from './crypto/homeserver.ts'

type Content = Readonly<Record<string, unknown>>

const nameMost = 200
const dayMs = 24 * 60 * 60 * 1_000
const voiceField = 'org.matrix.msc3245.voice'

/** Where a file lies on homeservers, and what opens it; undefined: it lies there in the clear. */
export interface MediaPlace {
  /** `mxc://server/id` */
  readonly url: string
  readonly fileKey: FileKey | undefined
}

/** What came with a message, as its sender describes it. */
export interface Media {
  readonly kind: 'image' | 'voice'
  readonly mediaType: string
  /** 0: not told. */
  readonly durationMs: number
  /** Undefined where it is described as nobody could load it. */
  readonly place: MediaPlace | undefined
  /** The message's text where it could not be loaded. */
  readonly textIfLost: string
}

const kinds: Readonly<Record<string, string>> = {
  'm.image': 'an image',
  'm.audio': 'a sound',
  'm.video': 'a video',
  'm.file': 'a file',
}

export const isMediaType = (messageType: unknown): messageType is string =>
  typeof messageType === 'string' && Object.hasOwn(kinds, messageType)

/** Undefined where nothing came, or a file of which words alone are kept. */
export function mediaOf(content: Content): Media | undefined {
  const kind = content.msgtype === 'm.image' ? 'image' : isVoice(content) ? 'voice' : undefined
  if (kind === undefined) return undefined
  const { mimetype } = recordOf(content.info)
  const mediaType = typeof mimetype === 'string' && /^[a-z]+\/[\w.+-]{1,60}$/.test(mimetype) ? mimetype : ''
  return {
    kind,
    mediaType,
    durationMs: durationOf(content),
    place: placeOf(content),
    textIfLost: mediaInWords(content, true),
  }
}

const isVoice = (content: Content): boolean =>
  content.msgtype === 'm.audio' && typeof content[voiceField] === 'object' && content[voiceField] !== null

function durationOf({ info }: Content): number {
  const { duration } = recordOf(info)
  return typeof duration === 'number' && duration > 0 && duration < dayMs ? duration : 0
}

function placeOf({ file, url }: Content): MediaPlace | undefined {
  if (file === undefined) return typeof url === 'string' ? { url, fileKey: undefined } : undefined
  const { url: encryptedUrl } = recordOf(file)
  const fileKey = readFileKey(file)
  return typeof encryptedUrl === 'string' && fileKey !== undefined
    ? { url: encryptedUrl, fileKey }
    : undefined
}

/**
 * The model hears of what it cannot see. With a file name of its own, the body is what was written to it.
 * `lost`: it could not be loaded.
 */
export function mediaInWords(content: Content, lost: boolean): string {
  const { msgtype, filename } = content
  const body = String(content.body)
  const captioned = typeof filename === 'string' && filename !== body
  const name = (typeof filename === 'string' ? filename : body).slice(0, nameMost)
  const what = isVoice(content) ? voiceInWords(durationOf(content)) : (kinds[String(msgtype)] ?? 'a file')
  const told = lost ? `${what} that could not be loaded` : what
  const words = isVoice(content) ? `[${told}]` : `[${told}: ${name}]`
  return captioned ? `${words}\n${body}` : words
}

/** `text`: what is written to it, as it would be sent alone. */
export function encodeMedia(
  attachment: Attachment | HandedFile,
  { url, fileKey }: MediaPlace,
  text: Content,
): Content {
  const { kind, mediaType, bytes } = attachment
  const suffix = /\/([a-z0-9]+)/.exec(mediaType)?.[1] ?? 'bin'
  const name = attachment.kind === 'file' ? attachment.name : `${kind}.${suffix}`
  const info = { mimetype: mediaType, size: bytes.length }
  return {
    ...(text.body === '' ? { ...text, body: name } : { ...text, filename: name }),
    ...(fileKey === undefined ? { url } : { file: { url, ...writeFileKey(fileKey) } }),
    ...(attachment.kind === 'voice'
      ? { msgtype: 'm.audio', info: { ...info, duration: attachment.durationMs }, [voiceField]: {} }
      : { msgtype: attachment.kind === 'file' ? 'm.file' : 'm.image', info }),
  }
}
