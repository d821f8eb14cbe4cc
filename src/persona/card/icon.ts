import { imageTypeOf } from '../../core/attachment.ts'
import { HearthError } from '../../core/errors.ts'
import type { Avatar } from '../../core/persona.ts'
import type { CardAsset } from './fields.ts'
import type { Card } from './read-card.ts'

export type Icon =
  | { readonly kind: 'picture'; readonly avatar: Avatar }
  | { readonly kind: 'none'; readonly why: string | undefined }

/** Platforms take no larger one. */
const mostBytes = 8 * 1024 * 1024
const mebibytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MiB`

/** The picture of a card's character: the icon called `main`, or the PNG itself. An address is never fetched. */
export function iconOf(card: Card, assets: readonly CardAsset[]): Icon {
  const icons = assets.filter(({ type }) => type === 'icon')
  const icon = icons.find(({ name }) => name === 'main') ?? icons[0]
  if (icon === undefined || icon.uri === 'ccdefault:') return fitting(card.picture)
  if (/^https?:/i.test(icon.uri)) {
    const own = fitting(card.picture)
    return own.kind === 'picture'
      ? own
      : { kind: 'none', why: 'its picture lies on the network, from where nothing is fetched' }
  }
  try {
    return fitting(assetBytes(card, icon.uri, mostBytes) ?? card.picture)
  } catch (error) {
    if (!(error instanceof HearthError)) throw error
    return { kind: 'none', why: `its picture cannot be read: ${error.message}` }
  }
}

function fitting(bytes: Uint8Array | undefined): Icon {
  if (bytes === undefined) return { kind: 'none', why: undefined }
  if (bytes.length > mostBytes) {
    return { kind: 'none', why: `its picture has ${mebibytes(bytes.length)}, too much for an avatar` }
  }
  const mediaType = imageTypeOf(bytes)
  return mediaType === undefined
    ? { kind: 'none', why: 'its picture is no PNG, JPEG, WebP or GIF' }
    : // A copy: it would keep the whole file in memory, of which it is a part.
      { kind: 'picture', avatar: { mediaType, bytes: new Uint8Array(bytes) } }
}

/** What an asset's URI stands for, of what lies in the card itself. Throws `HearthError` where it is damaged. */
export function assetBytes(card: Card, uri: string, most: number): Uint8Array | undefined {
  const inline = /^data:[^,]{0,200};base64,/i.exec(uri)
  if (inline !== null) return Buffer.from(uri.slice(inline[0].length), 'base64')
  // The specification writes `embeded`, and once `embedded`.
  const inside = /^(?:embed{1,2}ed:\/\/|__asset:)(.+)$/i.exec(uri)?.[1]
  return inside === undefined ? undefined : card.asset(inside, most)
}
