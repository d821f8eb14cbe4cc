import type { APIAttachment, APIMessage } from 'discord.js'
import { type Attachment, attachmentMostBytes, imageTypeOf } from '../../src/core/attachment.ts'
import { durationMsOf, forwardedIn, isImage, isVoice } from './decode.ts'

/** A channel waits no longer than this for a picture. */
const downloadMostMs = 15_000
const attachmentsMost = 4

/** Where Discord keeps what people send. Nothing else is ever fetched, whatever a message names. */
const discordFiles = ['https://cdn.discordapp.com', 'https://media.discordapp.net']

export interface Media {
  readonly attachments: readonly Attachment[]
  /** The ids of those that could not be loaded. */
  readonly lost: ReadonlySet<string>
}

/** Images and voice messages, also those that are passed on. `files`: the address that they lie at; undefined: Discord's own. */
export async function downloadMedia(
  message: APIMessage,
  files: string | undefined,
  signal: AbortSignal,
): Promise<Media> {
  const origins = files === undefined ? discordFiles : [new URL(files).origin]
  const wanted = [message, ...forwardedIn(message)]
    .flatMap((part) => part.attachments.map((attachment) => ({ attachment, voice: isVoice(part) })))
    .filter(({ attachment, voice }) => voice || isImage(attachment))
    .slice(0, attachmentsMost)
  const lost = new Set<string>()
  const attachments: Attachment[] = []
  for (const { attachment, voice } of wanted) {
    const bytes = await fetchBytes(attachment, origins, signal)
    const loaded = bytes && read(attachment, voice, bytes)
    if (loaded === undefined) lost.add(attachment.id)
    else attachments.push(loaded)
  }
  return { attachments, lost }
}

function read(attachment: APIAttachment, voice: boolean, bytes: Uint8Array): Attachment | undefined {
  if (voice) {
    const mediaType = attachment.content_type ?? 'audio/ogg'
    return { kind: 'voice', mediaType, bytes, durationMs: durationMsOf(attachment) }
  }
  const mediaType = imageTypeOf(bytes)
  return mediaType === undefined ? undefined : { kind: 'image', mediaType, bytes }
}

async function fetchBytes(
  { url, size }: APIAttachment,
  origins: readonly string[],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (!URL.canParse(url) || !origins.includes(new URL(url).origin) || size > attachmentMostBytes)
    return undefined
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(downloadMostMs)])
    const response = await fetch(url, { redirect: 'error', signal: patience })
    if (!response.ok || response.body === null) return undefined
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body) {
      bytes += chunk.byteLength
      if (bytes > attachmentMostBytes) return undefined
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}
