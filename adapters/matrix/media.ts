import {
  type Attachment,
  attachmentMostBytes,
  type HandedFile,
  imageTypeOf,
} from '../../src/core/attachment.ts'
import { readBody } from './body.ts'
import { decryptAttachment, encryptAttachment } from './crypto/attachment.ts'
import { patiently, recordOf, type SendRequest } from './crypto/homeserver.ts'
import { uploadRefused } from './errors.ts'
import type { Media, MediaPlace } from './media-content.ts'

/** A room waits no longer than this for a picture. */
const downloadMostMs = 15_000
const answerMostMs = 60_000
const downloadTries = 2
const refusalMostBytes = 100_000

/** Files on the account's own homeserver, which fetches those of others: nothing is asked of anybody else. */
export interface MediaStore {
  /**
   * Undefined where it cannot be had: it is gone, too large, slow, no image, or not what its hash was made
   * of. Throws `HearthError` where it is the homeserver that is away, or what the aborted signal throws.
   */
  download(media: Media, signal: AbortSignal): Promise<Attachment | undefined>
  /** Throws `HearthError`, or what the aborted signal throws. */
  upload(attachment: Attachment | HandedFile, encrypted: boolean, signal: AbortSignal): Promise<MediaPlace>
}

export interface MediaOptions {
  /** As in the session, without a slash at its end. */
  readonly homeserver: string
  readonly accessToken: string
  readonly request: SendRequest
}

export function createMediaStore({ homeserver, accessToken, request }: MediaOptions): MediaStore {
  /** As the SDK's, but what is asked for and sent are bytes. Follows no redirect, and reads no more than is wanted. */
  const send: SendRequest = async (method, path, body, signal) => {
    const response = await fetch(homeserver + path, {
      method,
      headers: { authorization: `Bearer ${accessToken}` },
      ...(body instanceof Blob && { body }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMostMs)]),
    })
    const { status, ok } = response
    const wanted = method === 'GET' && ok
    const bytes = await readBody(response, wanted ? attachmentMostBytes : refusalMostBytes)
    if (bytes === undefined) return { status: ok ? 413 : status, body: undefined }
    return { status, body: wanted ? bytes : jsonIn(bytes) }
  }
  const ask = patiently(send)

  async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const path = downloadPath(url)
    if (path === undefined) return undefined
    for (let tries = 0; tries < downloadTries; tries++) {
      const patience = AbortSignal.timeout(downloadMostMs)
      try {
        const { status, body } = await ask('GET', path, undefined, AbortSignal.any([signal, patience]))
        return status === 200 && body instanceof Uint8Array ? body : undefined
      } catch {
        signal.throwIfAborted()
        // Either the homeserver is away, then this throws; or this one file cannot be had.
        await request('GET', '/_matrix/client/v3/account/whoami', undefined, signal)
        if (patience.aborted) return undefined
      }
    }
    return undefined
  }

  return {
    async download({ kind, mediaType, durationMs, place }, signal) {
      if (place === undefined) return undefined
      const fetched = await fetchBytes(place.url, signal)
      const bytes =
        fetched === undefined || place.fileKey === undefined
          ? fetched
          : decryptAttachment(fetched, place.fileKey)
      if (bytes === undefined) return undefined
      if (kind === 'voice') return { kind, mediaType, bytes, durationMs }
      const imageType = imageTypeOf(bytes)
      return imageType === undefined ? undefined : { kind, mediaType: imageType, bytes }
    },

    async upload({ bytes, mediaType }, encrypted, signal) {
      const sealed = encrypted ? encryptAttachment(bytes) : undefined
      // Of what is encrypted the homeserver does not learn what it is.
      const type = sealed === undefined ? mediaType : 'application/octet-stream'
      const blob = new Blob([new Uint8Array(sealed?.encrypted ?? bytes)], { type })
      const answer = await ask('POST', '/_matrix/media/v3/upload', blob, signal)
      const { content_uri: url } = recordOf(answer.body)
      if (answer.status !== 200 || typeof url !== 'string') throw uploadRefused(answer)
      return { url, fileKey: sealed?.fileKey }
    },
  }
}

/** Undefined for what is no `mxc:` address: nothing else is ever fetched. */
function downloadPath(url: string): string | undefined {
  const [, server, id] = /^mxc:\/\/([\w.:[\]-]{1,255})\/([\w-]{1,255})$/.exec(url) ?? []
  if (server === undefined || id === undefined) return undefined
  return `/_matrix/client/v1/media/download/${encodeURIComponent(server)}/${id}?timeout_ms=${downloadMostMs}`
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
