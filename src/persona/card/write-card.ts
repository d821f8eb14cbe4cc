import { imageTypeOf } from '../../core/attachment.ts'
import { personaError } from '../../core/errors.ts'
import { writeZip } from '../../files/zip-write.ts'
import { pictureChunks } from './blank-picture.ts'
import { type CardAsset, readFields } from './fields.ts'
import { assetBytes } from './icon.ts'
import { isObject, type Json, type JsonObject, listOf, mostJsonBytes, objectOf, textOf } from './json.ts'
import { olderCopy } from './older-copy.ts'
import { writePngCard } from './png-card.ts'
import { isPng } from './png-chunks.ts'
import { type Card, cardFileName } from './read-card.ts'
import { type CardVersion, strictRoot } from './strict.ts'

export const cardFormats = ['png', 'json', 'charx'] as const
export type CardFormat = (typeof cardFormats)[number]

const mostAssetBytes = 64 * 1024 * 1024
const inCard = 'ccdefault:'

/**
 * Writes a card. `picture` is the character's, where the card has none of its own.
 * Throws `HearthError` where the format cannot hold the card.
 */
export function writeCard(
  card: Card,
  format: CardFormat,
  version: CardVersion,
  picture: Uint8Array | undefined,
): Uint8Array {
  switch (format) {
    case 'json':
      return Buffer.from(`${jsonText(withAssetsInside(card, strictRoot(card, version), undefined), 2)}\n`)
    case 'png':
      return pngOf(card, version, picture)
    case 'charx':
      if (version !== 3) {
        throw personaError('A CHARX archive holds a card of version 3 alone.', {
          code: 'card-format',
          mend: 'Leave --version out, or take --format png.',
        })
      }
      return charxOf(card, card.picture ?? picture)
  }
}

function pngOf(card: Card, version: CardVersion, picture: Uint8Array | undefined): Uint8Array {
  const own = card.container === 'png'
  const icon = mainIcon(readFields(card.root, card.data).assets)
  const iconBytes = icon && !own ? assetBytes(card, icon.uri, mostAssetBytes) : undefined
  const shown = iconBytes !== undefined && isPng(iconBytes) ? icon : undefined
  const chunks = own ? card.chunks : pictureChunks(shown === undefined ? picture : iconBytes)
  const other = own || icon !== undefined || picture === undefined || isPng(picture) ? undefined : picture
  const json = (root: JsonObject) =>
    jsonText(own ? root : withIcon(withAssetsInside(card, root, shown), other))
  const second = strictRoot(card, 2)
  if (version === 2) return writePngCard(chunks, [['chara', json(second)]])
  return writePngCard(chunks, [
    ['chara', json(olderCopy(second))],
    ['ccv3', json(strictRoot(card, 3))],
  ])
}

/** With a picture that a PNG cannot show, since it is of another kind. */
function withIcon(root: JsonObject, picture: Uint8Array | undefined): JsonObject {
  if (picture === undefined) return root
  const type = imageTypeOf(picture) ?? 'image/png'
  const uri = `data:${type};base64,${Buffer.from(picture).toString('base64')}`
  const data = objectOf(root.data)
  const icon: JsonObject = { type: 'icon', uri, name: 'main', ext: extensionOf(picture) }
  return { ...root, data: { ...data, assets: [...listOf(data.assets), icon] } }
}

/** `png`, `jpeg`, `webp`, `gif`. */
const extensionOf = (picture: Uint8Array): string =>
  (imageTypeOf(picture) ?? 'image/png').replace('image/', '')

const mainIcon = (assets: readonly CardAsset[]): CardAsset | undefined => {
  const icons = assets.filter(({ type }) => type === 'icon')
  return icons.find(({ name }) => name === 'main') ?? icons[0]
}

/** What lies beside the JSON in an archive goes into it, since a card in another container has no room for it. */
function withAssetsInside(card: Card, root: JsonObject, shown: CardAsset | undefined): JsonObject {
  return withAssets(root, (asset) => {
    const uri = textOf(asset.uri)
    if (shown !== undefined && uri === shown.uri) return { ...asset, uri: inCard }
    if (!/^(?:embed|__asset:)/i.test(uri)) return asset
    const bytes = assetBytes(card, uri, mostAssetBytes)
    if (bytes === undefined) return asset
    const type = `image/${textOf(asset.ext) || 'png'}`
    return { ...asset, uri: `data:${type};base64,${Buffer.from(bytes).toString('base64')}` }
  })
}

function withAssets(root: JsonObject, change: (asset: JsonObject) => Json): JsonObject {
  const data = objectOf(root.data)
  if (!Array.isArray(data.assets)) return root
  return {
    ...root,
    data: { ...data, assets: listOf(data.assets).map((each) => (isObject(each) ? change(each) : each)) },
  }
}

function charxOf(card: Card, picture: Uint8Array | undefined): Uint8Array {
  const files = new Map<string, Uint8Array>()
  for (const path of card.assetPaths) files.set(path, card.asset(path, mostAssetBytes) ?? new Uint8Array())
  const place = (type: string, ext: string, bytes: Uint8Array): string => {
    const folder = `assets/${/^\w+$/.test(type) ? type : 'other'}/images/`
    let path = `${folder}main.${ext}`
    for (let n = 1; files.has(path); n++) path = `${folder}${n}.${ext}`
    files.set(path, bytes)
    return `embeded://${path}`
  }
  const strict = strictRoot(card, 3)
  const data = objectOf(strict.data)
  const pictured = mainIcon(readFields(card.root, card.data).assets) !== undefined
  const icon: JsonObject = { type: 'icon', uri: inCard, name: 'main', ext: 'png' }
  const assets = [...listOf(data.assets), ...(pictured || picture === undefined ? [] : [icon])]
  const root = withAssets({ ...strict, data: { ...data, assets } }, (asset) => {
    const uri = textOf(asset.uri)
    const outside = uri.startsWith('data:') || uri.startsWith('__asset:')
    const bytes = uri === inCard ? picture : outside ? assetBytes(card, uri, mostAssetBytes) : undefined
    if (bytes === undefined) return asset
    const ext = uri === inCard ? extensionOf(bytes) : safeExtension(asset.ext)
    return { ...asset, ext, uri: place(textOf(asset.type), ext, bytes) }
  })
  return writeZip([[cardFileName, Buffer.from(jsonText(root, 2))], ...files])
}

const safeExtension = (ext: Json | undefined): string => {
  const written = textOf(ext).toLowerCase()
  return /^[a-z0-9]{1,10}$/.test(written) ? written : 'png'
}

function jsonText(root: JsonObject, indent?: number): string {
  const text = JSON.stringify(root, null, indent)
  if (text.length > mostJsonBytes) {
    throw personaError('The pictures in this card are too large for a card without an archive.', {
      code: 'card-format',
      mend: 'Take --format charx.',
    })
  }
  return text
}
