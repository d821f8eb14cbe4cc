import type { APIAttachment, APIEmbed, APIMessageTopLevelComponent } from 'discord-api-types/v10'
import { MessageFlags } from 'discord-api-types/v10'

import { type FieldError, invalidForm } from './api-error.ts'
import type { Json, Upload } from './body.ts'
import { storeFile } from './files.ts'
import { type AllowedMentions, readAllowedMentions } from './mentions.ts'
import type { World } from './world.ts'

/** What a body says of a message, checked as Discord checks it. Unknown fields are let through, as there. */
export interface MessageBody {
  readonly content?: string
  readonly embeds?: readonly APIEmbed[]
  readonly components?: readonly APIMessageTopLevelComponent[]
  readonly attachments?: readonly APIAttachment[]
  readonly allowedMentions: AllowedMentions | undefined
  readonly flags: number | undefined
  readonly nonce: string | number | undefined
  readonly enforceNonce: boolean
}

const maxCharacters = 2000

/** Discord's API is Python: it counts code points (night, of Discord, in discord-api-docs issue 1315). */
export const countCharacters = (text: string): number => [...text].length

const tooLong = (at: string, limit: number): FieldError => {
  return { at, code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${limit} or fewer in length.` }
}

function checkEmbeds(embeds: readonly APIEmbed[]): FieldError[] {
  const long = (at: string, text: string | undefined, limit: number): FieldError[] =>
    countCharacters(text ?? '') > limit ? [tooLong(at, limit)] : []
  const total = embeds.reduce((sum, embed) => {
    const fields = (embed.fields ?? []).flatMap(({ name, value }) => [name, value])
    const texts = [embed.title, embed.description, embed.footer?.text, embed.author?.name, ...fields]
    return sum + texts.reduce((length, text) => length + countCharacters(text ?? ''), 0)
  }, 0)
  return [
    ...(embeds.length > 10 ? [tooLong('embeds', 10)] : []),
    ...embeds.flatMap((embed, index) => [
      ...long(`embeds.${index}.title`, embed.title, 256),
      ...long(`embeds.${index}.description`, embed.description, 4096),
      ...((embed.fields?.length ?? 0) > 25 ? [tooLong(`embeds.${index}.fields`, 25)] : []),
    ]),
    ...(total > 6000
      ? [
          {
            at: 'embeds',
            code: 'MAX_EMBED_SIZE_EXCEEDED',
            message: 'Embed size exceeds maximum size of 6000',
          },
        ]
      : []),
  ]
}

interface Part {
  readonly type?: number
  readonly custom_id?: string
  readonly label?: string
  readonly style?: number
  readonly url?: string
  readonly components?: readonly Part[]
}

function checkComponents(components: readonly Part[], modern: boolean): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  if (components.length > (modern ? 40 : 5)) errors.push(tooLong('components', modern ? 40 : 5))
  const visit = (part: Part, at: string): void => {
    for (const [index, child] of (part.components ?? []).entries()) visit(child, `${at}.components.${index}`)
    if ((part.components?.length ?? 0) > 5 && part.type === 1) errors.push(tooLong(`${at}.components`, 5))
    if (countCharacters(part.label ?? '') > 80) errors.push(tooLong(`${at}.label`, 80))
    const id = part.custom_id
    if (id === undefined) {
      if (part.type === 2 && part.url === undefined && part.style !== 6) {
        const message = 'A custom id or url is required'
        errors.push({ at, code: 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', message })
      }
      return
    }
    if (countCharacters(id) > 100) errors.push(tooLong(`${at}.custom_id`, 100))
    if (seen.has(id)) {
      const message = 'Component custom id cannot be duplicated'
      errors.push({ at: `${at}.custom_id`, code: 'COMPONENT_CUSTOM_ID_DUPLICATED', message })
    }
    seen.add(id)
  }
  for (const [index, part] of components.entries()) visit(part, `components.${index}`)
  return errors
}

interface AttachmentNote {
  readonly id: string | number
  readonly filename?: string
  readonly description?: string
}

/** Uploads, and those of the message that the body keeps. */
function readAttachments(
  world: World,
  channelId: string,
  notes: readonly AttachmentNote[] | undefined,
  uploads: readonly Upload[],
  kept: readonly APIAttachment[],
): readonly APIAttachment[] | undefined {
  if (notes === undefined && uploads.length === 0) return undefined
  const stay =
    notes === undefined ? kept : kept.filter(({ id }) => notes.some((note) => String(note.id) === id))
  const added = uploads.map((upload) => {
    const note = notes?.find(({ id }) => String(id) === upload.index)
    const { bytes, contentType } = upload
    const described = note?.description === undefined ? {} : { description: note.description }
    return storeFile(world, channelId, {
      name: note?.filename ?? upload.name,
      bytes,
      contentType,
      ...described,
    })
  })
  return [...stay, ...added]
}

export function readMessageBody(
  world: World,
  channelId: string,
  body: Json,
  uploads: readonly Upload[],
  kept: readonly APIAttachment[] = [],
): MessageBody {
  const { content, nonce, flags } = body
  const embeds = (body.embeds ?? undefined) as readonly APIEmbed[] | undefined
  const components = (body.components ?? undefined) as readonly APIMessageTopLevelComponent[] | undefined
  const errors: FieldError[] = []
  if (content !== undefined && content !== null && typeof content !== 'string') {
    errors.push({
      at: 'content',
      code: 'STRING_TYPE_CONVERT',
      message: `Could not interpret "${content}" as string.`,
    })
  }
  const text = typeof content === 'string' ? content : content === null ? '' : undefined
  if (text !== undefined && countCharacters(text) > maxCharacters)
    errors.push(tooLong('content', maxCharacters))
  if (typeof nonce === 'string' && countCharacters(nonce) > 25) errors.push(tooLong('nonce', 25))
  errors.push(...checkEmbeds(embeds ?? []))
  const modern = (Number(flags ?? 0) & MessageFlags.IsComponentsV2) !== 0
  errors.push(...checkComponents((components ?? []) as readonly Part[], modern))
  if (modern && ((text ?? '') !== '' || (embeds?.length ?? 0) > 0)) {
    const message = 'The content and embeds fields cannot be used when using MessageFlags.IS_COMPONENTS_V2'
    errors.push({ at: 'content', code: 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', message })
  }
  if (errors.length > 0) throw invalidForm(...errors)
  const allowedMentions = readAllowedMentions(body.allowed_mentions)
  const notes = (body.attachments ?? undefined) as readonly AttachmentNote[] | undefined
  const attachments = readAttachments(world, channelId, notes, uploads, kept)
  return {
    // What stands around a message is cut off before it is kept.
    ...(text !== undefined && { content: text.trim() }),
    ...(embeds !== undefined && { embeds: embeds.map((embed) => ({ ...embed, type: 'rich' }) as APIEmbed) }),
    ...(components !== undefined && { components }),
    ...(attachments !== undefined && { attachments }),
    allowedMentions,
    flags: typeof flags === 'number' ? flags : undefined,
    nonce: typeof nonce === 'string' || typeof nonce === 'number' ? nonce : undefined,
    enforceNonce: body.enforce_nonce === true,
  }
}

export function isEmpty({ content, embeds, components, attachments }: Partial<MessageBody>): boolean {
  const nothing = (list: readonly unknown[] | undefined): boolean => (list?.length ?? 0) === 0
  return (content ?? '') === '' && nothing(embeds) && nothing(components) && nothing(attachments)
}
