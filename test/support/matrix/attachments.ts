import { Attachment, EncryptedAttachment, initAsync } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixPerson } from './person.ts'

export interface SentAttachment {
  readonly bytes: Uint8Array
  readonly name?: string
  readonly mediaType?: string
  readonly encrypted?: boolean
  /** A voice message of this length. */
  readonly voiceMs?: number
  readonly caption?: string
  /** Changes the message before it is sent. */
  readonly change?: (content: Record<string, unknown>) => Record<string, unknown>
}

/** As a client sends it: uploaded, encrypted by the library that Element uses. */
export async function sendAttachment(
  person: MatrixPerson,
  room: string,
  sent: SentAttachment,
): Promise<string> {
  const { bytes, name = 'cat.gif', mediaType = 'image/gif', encrypted, voiceMs, caption } = sent
  await initAsync()
  const sealed = encrypted === true ? Attachment.encrypt(bytes) : undefined
  const blob = new Blob([new Uint8Array(sealed?.encryptedData ?? bytes)])
  const type = sealed === undefined ? mediaType : 'application/octet-stream'
  const { content_uri: url } = await person.client.uploadContent(blob, { type, includeFilename: false })
  const content = {
    msgtype: voiceMs === undefined ? 'm.image' : 'm.audio',
    body: caption ?? name,
    ...(caption !== undefined && { filename: name }),
    info: { mimetype: mediaType, size: bytes.length, ...(voiceMs !== undefined && { duration: voiceMs }) },
    ...(voiceMs !== undefined && { 'org.matrix.msc3245.voice': {} }),
    ...(sealed === undefined ? { url } : { file: { ...JSON.parse(sealed.mediaEncryptionInfo ?? ''), url } }),
  }
  const whole = sent.change?.(content) ?? content
  return (await person.client.sendEvent(room, 'm.room.message' as never, whole as never)).event_id
}

/** What lies on the homeserver under an `mxc:` address. */
export async function fetchMedia(person: MatrixPerson, url: string): Promise<Uint8Array> {
  const address = person.client.mxcUrlToHttp(url, undefined, undefined, undefined, false, true, true)
  const response = await fetch(address ?? '', {
    headers: { authorization: `Bearer ${person.client.getAccessToken()}` },
  })
  if (!response.ok) throw new Error(`the file cannot be had: HTTP ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** What a message brings, as the person's client shows it. */
export async function openAttachment(
  person: MatrixPerson,
  content: Readonly<Record<string, unknown>>,
): Promise<Buffer> {
  await initAsync()
  const file = content.file as { readonly url: string } | undefined
  const bytes = await fetchMedia(person, file?.url ?? String(content.url))
  if (file === undefined) return Buffer.from(bytes)
  return Buffer.from(Attachment.decrypt(new EncryptedAttachment(bytes, JSON.stringify(file))))
}
