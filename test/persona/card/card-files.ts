import { deflateSync } from 'node:zlib'
import { pictureChunks } from '../../../src/persona/card/blank-picture.ts'
import type { Chunk } from '../../../src/persona/card/png-chunks.ts'
import { writeChunks } from '../../../src/persona/card/png-chunks.ts'

export type Fields = Readonly<Record<string, unknown>>

export const v1 = {
  name: 'Wren',
  description: 'Wren keeps a lamp.',
  personality: 'dry',
  scenario: 'a tower',
  first_mes: 'Fog, {{user}}.',
  mes_example: '<START>\n{{user}}: Is it late?\n{{char}}: It is dark.',
}
export const v2 = (data: Fields = {}): Fields => ({
  spec: 'chara_card_v2',
  spec_version: '2.0',
  data: {
    ...v1,
    creator_notes: 'For two.',
    system_prompt: '',
    post_history_instructions: 'Stay dry.',
    alternate_greetings: ['Wind.'],
    tags: ['sea'],
    creator: 'nobody',
    character_version: '1',
    extensions: {},
    ...data,
  },
})
export const v3 = (data: Fields = {}): Fields => ({
  ...v2({ group_only_greetings: [], ...data }),
  spec: 'chara_card_v3',
  spec_version: '3.0',
})

export const json = (card: unknown): Buffer => Buffer.from(JSON.stringify(card))
export const base64 = (card: unknown): string => json(card).toString('base64')

export const tEXt = (keyword: string, text: string): Chunk => piece('tEXt', `${keyword}\0${text}`)
export const zTXt = (keyword: string, text: string): Chunk => ({
  type: 'zTXt',
  data: Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(text)]),
  intact: true,
})
export const iTXt = (keyword: string, text: string, packed: boolean): Chunk => ({
  type: 'iTXt',
  data: Buffer.concat([
    Buffer.from(`${keyword}\0${packed ? '\u0001' : '\0'}\0en\0Card\0`),
    packed ? deflateSync(text) : Buffer.from(text),
  ]),
  intact: true,
})
export const piece = (type: string, data: string): Chunk => ({
  type,
  data: Buffer.from(data, 'latin1'),
  intact: true,
})

/** A picture with the chunks after its pixels, or before them. */
export function png(chunks: readonly Chunk[], where: 'after' | 'before' = 'after'): Uint8Array {
  const picture = pictureChunks(undefined)
  const end = piece('IEND', '')
  return writeChunks(
    where === 'after'
      ? [...picture, ...chunks, end]
      : [...picture.slice(0, 1), ...chunks, ...picture.slice(1), end],
  )
}
