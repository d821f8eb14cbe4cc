import type { APIAttachment } from 'discord-api-types/v10'

import type { StoredFile, World } from './world.ts'

/** Discord signs the addresses of attachments, and they end after a day. */
const addressLivesMs = 24 * 3600 * 1000

export interface NewFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly contentType?: string
  readonly description?: string
}

export function storeFile(world: World, channelId: string, file: NewFile): APIAttachment {
  const id = world.newId()
  // As Discord does: a name that is safe in an address.
  const filename = file.name.replaceAll(/[^\w.-]+/g, '_')
  const contentType = file.contentType ?? 'application/octet-stream'
  const path = `${channelId}/${id}/${filename}`
  world.files.set(path, { name: filename, bytes: file.bytes, contentType })
  const url = signedAddress(world, path)
  return {
    id,
    filename,
    size: file.bytes.length,
    url,
    proxy_url: url,
    content_type: contentType,
    ...(file.description !== undefined && { description: file.description }),
  } as APIAttachment
}

function signedAddress(world: World, path: string): string {
  const seconds = (ms: number): string => Math.floor(ms / 1000).toString(16)
  const query = `ex=${seconds(Date.now() + addressLivesMs)}&is=${seconds(Date.now())}&hm=${'0'.repeat(64)}&`
  return `${world.cdnUrl}/attachments/${path}?${query}`
}

export function findFile(world: World, path: string, query: URLSearchParams): StoredFile | undefined {
  const endsAtMs = Number.parseInt(query.get('ex') ?? '0', 16) * 1000
  return endsAtMs > Date.now() ? world.files.get(path.replace(/^\/attachments\//, '')) : undefined
}
