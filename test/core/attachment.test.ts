import { describe, expect, it } from 'vitest'
import {
  type Attachment,
  attachmentMostBytes,
  imageTypeOf,
  keptAttachments,
  voiceInWords,
} from '../../src/core/attachment.ts'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const png = bytes('\x89PNG\r\n\x1a\n and so on')
const image = (content: Uint8Array, mediaType = 'image/png'): Attachment => ({
  kind: 'image',
  mediaType,
  bytes: content,
})

describe('an attachment', () => {
  it.each([
    ['image/png', '\x89PNG\r\n\x1a\n'],
    ['image/jpeg', '\xff\xd8\xff\xe0'],
    ['image/gif', 'GIF89a'],
    ['image/gif', 'GIF87a'],
    ['image/webp', 'RIFF\n\x00\r\x00WEBPVP8 '],
    [undefined, 'RIFF\n\x00\r\x00WAVE'],
    [undefined, '<svg onload="x">'],
    [undefined, 'xGIF89a'],
    [undefined, '\x89PNG'],
    [undefined, ''],
  ])('is known by its first bytes: %s', (mediaType, head) => {
    expect(imageTypeOf(bytes(head))).toBe(mediaType)
  })

  it('is kept under its real type, and only where it is an image of a bearable size', () => {
    const large = new Uint8Array(attachmentMostBytes + 1)
    large.set(png)
    const voice = (size: number): Attachment => ({
      kind: 'voice',
      mediaType: 'audio/ogg',
      bytes: new Uint8Array(size),
      durationMs: 900,
    })
    expect(keptAttachments([image(png, 'text/html')])).toEqual([image(png)])
    expect(keptAttachments([image(large), image(bytes('<svg>')), image(bytes(''))])).toEqual([])
    expect(keptAttachments([voice(0), voice(attachmentMostBytes + 1), voice(9)])).toEqual([voice(9)])
    expect(keptAttachments(Array.from({ length: 9 }, () => image(png)))).toHaveLength(4)
  })

  it('that is heard is told with its length', () => {
    expect([0, 900, 61_400].map(voiceInWords)).toEqual([
      'a voice message',
      'a voice message of 1 second',
      'a voice message of 61 seconds',
    ])
  })
})
