import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { MatrixOptions } from '../../../adapters/matrix/connect.ts'
import type { MatrixNews } from '../../../adapters/matrix/news.ts'
import type { Adapter } from '../../../src/core/adapter.ts'
import { attachmentMostBytes } from '../../../src/core/attachment.ts'
import type { InboundEvent, MessageEvent } from '../../../src/core/events.ts'
import { externalId, newUuid } from '../../../src/core/ids.ts'
import { fetchMedia, openAttachment, sendAttachment } from '../../support/matrix/attachments.ts'
import { type BotAccount, hasSynapse, makeBot, makePerson } from '../../support/matrix/house.ts'
import { type MediaProxy, startMediaProxy } from '../../support/matrix/media-proxy.ts'
import type { MatrixPerson } from '../../support/matrix/person.ts'

const soon = { timeout: 40_000, interval: 20 }
const signal = () => AbortSignal.timeout(40_000)
const key = (id = `${newUuid()}.0.0`) => ({ id, firstTriedAt: new Date() })
const picture = (): Buffer => Buffer.concat([Buffer.from('GIF89a'), randomBytes(5_000)])

describe.runIf(hasSynapse())('images and voice messages on a real Synapse', () => {
  let ada: MatrixPerson
  beforeAll(async () => {
    ada = await makePerson('ada')
  })
  afterAll(() => ada?.[Symbol.dispose]())

  const running: { stop: AbortController; adapter: Adapter; done: Promise<void> }[] = []
  afterEach(async () => {
    for (const { stop, adapter, done } of running.splice(0)) {
      stop.abort()
      await done.catch(() => undefined)
      await adapter[Symbol.asyncDispose]()
    }
  })

  /** An account in a room with Ada, which tells what it hears; by way of a proxy where one is given. */
  async function talk({
    encrypted = false,
    proxy,
    ...options
  }: Partial<MatrixOptions> & { readonly encrypted?: boolean; readonly proxy?: MediaProxy } = {}) {
    const bot: BotAccount = await makeBot('mira')
    if (encrypted) await bot.prepare()
    const events: InboundEvent[] = []
    const news: MatrixNews[] = []
    const session = { ...bot.session, ...(proxy !== undefined && { homeserver: proxy.url }) }
    const adapter = bot.connect({ tell: (each) => void news.push(each), session, ...options })
    const stop = new AbortController()
    const done = adapter.start(async (event) => void events.push(event), stop.signal)
    done.catch(() => undefined)
    running.push({ stop, adapter, done })
    await vi.waitFor(() => expect(news).toContainEqual({ kind: 'answering' }), soon)
    const room = await ada.makeRoom([bot.session.userId], { encrypted })
    await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toContain('membership'), soon)
    const messages = () => events.filter((event): event is MessageEvent => event.kind === 'message')
    const heard = async (count: number) => {
      await vi.waitFor(() => expect(messages()).toHaveLength(count), soon)
      return messages()[count - 1]!
    }
    const here = { externalId: externalId(room), kind: 'direct' } as const
    return { adapter, self: bot.session.userId, room, here, news, messages, heard }
  }

  it.each([true, false])('come as they were sent (encrypted: %s)', async (encrypted) => {
    const { room, heard } = await talk({ encrypted })
    const bytes = picture()
    await sendAttachment(ada, room, { bytes, encrypted, mediaType: 'image/png', caption: 'Look!' })
    expect(await heard(1)).toMatchObject({
      text: '[an image: cat.gif]\nLook!',
      attachments: [{ kind: 'image', mediaType: 'image/gif', bytes }],
    })
    const voice = randomBytes(900)
    const spoken = { bytes: voice, encrypted, voiceMs: 7_300, name: 'Voice message.ogg' }
    await sendAttachment(ada, room, { ...spoken, mediaType: 'audio/ogg' })
    const { text, attachments } = await heard(2)
    expect(text).toBe('[a voice message of 7 seconds]')
    expect(attachments).toEqual([
      { kind: 'voice', mediaType: 'audio/ogg', durationMs: 7_300, bytes: Buffer.from(voice) },
    ])
  })

  it('that are not what their hash was made of are told in words', async () => {
    const { room, heard } = await talk({ encrypted: true })
    const change = (content: Record<string, unknown>) => {
      const file = content.file as Record<string, unknown>
      return { ...content, file: { ...file, hashes: { sha256: randomBytes(32).toString('base64') } } }
    }
    await sendAttachment(ada, room, { bytes: picture(), encrypted: true, change })
    const lost = await heard(1)
    expect(lost.text).toBe('[an image that could not be loaded: cat.gif]')
    expect(lost.attachments).toBeUndefined()
  })

  it('that cannot be had are told in words, and hold up nothing that is said after them', async () => {
    await using proxy = await startMediaProxy(ada.client.baseUrl)
    const elsewhere: string[] = []
    const other = createServer((request, response) => {
      elsewhere.push(request.url ?? '')
      response.end(picture())
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}/cat.gif`
    const { room, heard, news } = await talk({ proxy })
    const attempts: readonly (readonly [ReturnType<MediaProxy['download']>, string?])[] = [
      [{ status: 404, body: '{"errcode":"M_NOT_FOUND"}' }],
      [{ status: 200, body: Buffer.concat([picture(), Buffer.alloc(attachmentMostBytes)]) }],
      [{ status: 200, body: '<svg onload="alert(1)"/>' }],
      [{ status: 307, headers: { location: address } }],
      [{ status: 502, body: '<html>' }],
      [undefined, address],
      [undefined, 'mxc://home.test/../../../secrets'],
      [undefined, 'mxc://home.test/nobodyhasthis'],
    ]
    for (const [index, [answer, url]] of attempts.entries()) {
      proxy.download = () => answer
      const change = (content: Record<string, unknown>) => ({ ...content, ...(url && { url }) })
      await sendAttachment(ada, room, { bytes: picture(), change })
      const { text, attachments } = await heard(2 * index + 1)
      expect([index, text, attachments]).toEqual([
        index,
        '[an image that could not be loaded: cat.gif]',
        undefined,
      ])
      await ada.say(room, 'Do you see it?')
      expect((await heard(2 * index + 2)).text).toBe('Do you see it?')
    }
    expect(elsewhere).toEqual([])
    expect(proxy.asked.filter((path) => path.includes('secrets'))).toEqual([])
    expect(news.filter(({ kind }) => kind === 'troubled')).toEqual([])
    await new Promise((resolve) => other.close(resolve))
  })

  it('that come too slowly are told in words', async () => {
    await using proxy = await startMediaProxy(ada.client.baseUrl)
    const { room, heard } = await talk({ proxy })
    proxy.download = () => 'silence'
    await sendAttachment(ada, room, { bytes: picture() })
    expect((await heard(1)).text).toBe('[an image that could not be loaded: cat.gif]')
  })

  it('wait for a homeserver that is away', async () => {
    await using proxy = await startMediaProxy(ada.client.baseUrl)
    const { room, heard, news, messages } = await talk({ proxy })
    const bytes = picture()
    proxy.download = () => {
      proxy.away = true
      return undefined
    }
    await sendAttachment(ada, room, { bytes })
    await vi.waitFor(() => expect(news.map(({ kind }) => kind)).toContain('troubled'), soon)
    expect(messages()).toEqual([])
    proxy.download = () => undefined
    proxy.away = false
    expect((await heard(1)).attachments).toMatchObject([{ kind: 'image', bytes }])
  })

  it('of strangers, or of long ago, are not loaded', async () => {
    await using proxy = await startMediaProxy(ada.client.baseUrl)
    let friends = true
    const doorman = { mayTalk: async () => friends, refusal: async () => 'Not here.' }
    const { room, heard } = await talk({ proxy, doorman })
    friends = false
    await sendAttachment(ada, room, { bytes: picture() })
    expect(await heard(1)).toMatchObject({ text: '[an image: cat.gif]', unanswered: true })
    const late = await talk({ proxy, catchUpMs: -1 })
    await sendAttachment(ada, late.room, { bytes: picture() })
    expect(await late.heard(1)).toMatchObject({ text: '[an image: cat.gif]', unanswered: true })
    expect(proxy.asked).toEqual([])
  })

  it.each([true, false])(
    'go out so that other clients open them, and once (encrypted: %s)',
    async (encrypted) => {
      const { room, here, adapter, self } = await talk({ encrypted })
      const bytes = picture()
      const image = { kind: 'image', mediaType: 'image/gif', bytes } as const
      const content = { text: 'A **cat**', kind: 'reply', final: true, attachment: image } as const
      const twice = key()
      const sent = await adapter.send(here, content, twice, signal())
      expect(await adapter.send(here, content, twice, signal())).toBe(sent)
      const voice = {
        kind: 'voice',
        mediaType: 'audio/ogg',
        bytes: randomBytes(700),
        durationMs: 2_500,
      } as const
      await adapter.send(here, { text: '', kind: 'reply', final: true, attachment: voice }, key(), signal())
      const spoken = await ada.until(
        () => ada.seen(room, self).find(({ kind }) => kind === 'm.audio'),
        'the voice message',
      )
      const shown = ada.seen(room, self)
      expect(shown.map(({ id, kind, text, encrypted: sealed }) => [id, kind, text, sealed])).toEqual([
        [sent, 'm.image', 'A **cat**', encrypted],
        [spoken.id, 'm.audio', 'voice.ogg', encrypted],
      ])
      const [seenImage, seenVoice] = shown.map(({ id }) =>
        ada
          .events(room)
          .find((event) => event.getId() === id)!
          .getContent(),
      )
      expect(await openAttachment(ada, seenImage!)).toEqual(bytes)
      expect(await openAttachment(ada, seenVoice!)).toEqual(voice.bytes)
      expect(seenImage).toMatchObject({
        filename: 'image.gif',
        formatted_body: expect.stringContaining('<strong>cat</strong>'),
        info: { mimetype: 'image/gif', size: bytes.length },
      })
      expect(seenVoice).toMatchObject({ info: { duration: 2_500 }, 'org.matrix.msc3245.voice': {} })
      const file = {
        kind: 'file',
        name: 'all.zip',
        mediaType: 'application/zip',
        bytes: randomBytes(300),
      } as const
      const handing = adapter.send(
        here,
        { text: '', kind: 'notice', final: true, attachment: file },
        key(),
        signal(),
      )
      if (encrypted) {
        const id = await handing
        const event = await ada.until(() => ada.events(room).find((each) => each.getId() === id), 'the file')
        expect(event.getContent()).toMatchObject({ msgtype: 'm.file', body: 'all.zip' })
        expect(await openAttachment(ada, event.getContent())).toEqual(file.bytes)
      } else await expect(handing).rejects.toMatchObject({ code: 'not-private' })
      const { url = seenImage!.file?.url } = seenImage!
      expect(Buffer.from(await fetchMedia(ada, String(url))).equals(bytes)).toBe(!encrypted)
    },
  )
})
