import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Attachment } from '../../src/core/attachment.ts'
import { externalId } from '../../src/core/ids.ts'
import { sql } from '../../src/store/drizzle.ts'
import { databases } from '../support/databases.ts'
import { ada, bob, type OpenedStore, openTestStore, query, type SayOptions, scene } from './harness.ts'

type Scene = ReturnType<typeof scene>

/** A picture that is like no other, so that it is known again. */
const picture = (): Buffer => Buffer.concat([Buffer.from('GIF89a'), randomBytes(40)])
const image = (bytes: Uint8Array): Attachment => ({ kind: 'image', mediaType: 'image/gif', bytes })
const voice = (bytes: Uint8Array): Attachment => ({
  kind: 'voice',
  mediaType: 'audio/ogg',
  bytes,
  durationMs: 7_000,
})

describe.each(databases)('attachments over $name', (kind) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const show = (
    here: Scene,
    attachments: readonly Attachment[],
    options: SayOptions = {},
    unanswered = false,
  ) =>
    opened.store.inbox.accept(
      here.doorway,
      { ...here.message('[an image]', options), attachments, unanswered },
      0,
    )
  const messagesOf = (here: Scene) =>
    sql`(select m.id from messages m join rooms r on r.owner_id = m.owner_id and r.id = m.room_id
      where r.account = ${opened.vault.lookup({ kind: 'account', account: here.doorway.account })})`
  const stored = async (here: Scene) =>
    await query(
      opened.database,
      sql`select kind, number from attachments where message_id in ${messagesOf(here)} order by number`,
    )
  /** In the order of the conversation. */
  async function seen(here: Scene, after = 0): Promise<readonly Buffer[]> {
    const turn = await here.claim()
    const images = await opened.store.history.readImages(turn, after)
    const { messages } = await here.history(turn)
    return messages.flatMap(({ id }) => (images.get(id) ?? []).map(({ bytes }) => Buffer.from(bytes)))
  }

  it('come back as they were, with the message that they came with', async () => {
    const here = scene(opened)
    const [one, two, three] = [picture(), picture(), picture()]
    await show(here, [image(one), voice(Buffer.from('Oggs')), image(two)])
    await here.say('and this')
    await show(here, [image(three)])
    expect(await stored(here)).toEqual(
      expect.arrayContaining([
        { kind: 'image', number: 0 },
        { kind: 'voice', number: 1 },
        { kind: 'image', number: 2 },
      ]),
    )
    const turn = await here.claim()
    const images = await opened.store.history.readImages(turn, 0)
    const { messages } = await here.history(turn)
    const of = (index: number) => images.get(messages[index]!.id)?.map(({ bytes }) => Buffer.from(bytes))
    expect([of(0), of(1), of(2)]).toEqual([[one, two], undefined, [three]])
    expect(images.get(messages[0]!.id)?.[0]?.mediaType).toBe('image/gif')
  })

  it('are read after the anchor that is asked for, and the newest four at most', async () => {
    const here = scene(opened)
    const pictures = Array.from({ length: 6 }, picture)
    await show(here, pictures.slice(0, 3).map(image))
    await show(here, pictures.slice(3).map(image))
    expect(await seen(here)).toEqual(pictures.slice(2))
  })

  it('of what was answered, or comes after what the turn answers, are left out', async () => {
    const here = scene(opened)
    const [old, overheard, asked, late] = [picture(), picture(), picture(), picture()]
    await show(here, [image(old)])
    await here.answer('a cat')
    await show(here, [image(overheard)], { sender: bob }, true)
    await show(here, [image(asked)])
    const turn = await here.claim()
    await here.show(turn)
    await show(here, [image(late)])
    const images = await opened.store.history.readImages(turn, 1)
    expect([...images.values()].flat().map(({ bytes }) => Buffer.from(bytes))).toEqual([overheard, asked])
  })

  it('are written once, however often their message comes', async () => {
    const here = scene(opened)
    const first = picture()
    await show(here, [image(first)], { id: 'twice' })
    expect(await show(here, [image(picture()), image(picture())], { id: 'twice' })).toMatchObject({
      status: 'duplicate',
    })
    expect(await stored(here)).toHaveLength(1)
    expect(await seen(here)).toEqual([first])
  })

  it('go with the message that is redacted, also when that came first, and by its edit', async () => {
    for (const [order, redact] of [
      ['after', (here: Scene) => here.redact('gone')],
      ['edited', (here: Scene) => here.redact('its edit', bob)],
    ] as const) {
      const here = scene(opened)
      await show(here, [image(picture())], { id: 'gone' })
      await show(here, [image(picture())])
      await here.edit('gone', 'other words', ada, { id: 'its edit' })
      expect(await stored(here), order).toHaveLength(2)
      await redact(here)
      expect(await stored(here), order).toHaveLength(1)
      expect(await seen(here), order).toHaveLength(1)
    }
    const here = scene(opened)
    await here.redact('gone', bob)
    await show(here, [image(picture())], { id: 'gone' })
    expect(await stored(here)).toEqual([])
  })

  it('stay with a message that is edited', async () => {
    const here = scene(opened)
    const only = picture()
    await show(here, [image(only)], { id: 'captioned' })
    await here.edit('captioned', '[an image]\nwith other words')
    expect(await seen(here)).toEqual([only])
  })

  it('open in their own place alone', async () => {
    const here = scene(opened)
    await show(here, [image(picture()), image(picture())])
    await opened.database.drizzle.execute(
      sql`update attachments a set content = b.content from attachments b
          where a.message_id in ${messagesOf(here)} and a.message_id = b.message_id
            and a.number = 0 and b.number = 1`,
    )
    await expect(seen(here)).rejects.toMatchObject({ code: 'cannot-open' })
  })

  it('of somebody who was erased are gone', async () => {
    const here = scene(opened)
    const cleo = { externalId: externalId(`cleo ${here.doorway.account}`), displayName: 'Cleo' }
    const room = { externalId: externalId(`!group ${here.doorway.account}`), kind: 'group' } as const
    const theirs = picture()
    await show(here, [image(picture())], { sender: cleo, room })
    await show(here, [image(theirs)], { room })
    const [row] = await query(
      opened.database,
      sql`select participant_id from messages where id in ${messagesOf(here)} order by position limit 1`,
    )
    const turn = await here.claim()
    await opened.vault.destroy(
      { kind: 'participant', id: String(row!.participant_id) as never },
      new AbortController().signal,
    )
    const images = await opened.store.history.readImages(turn, 0)
    expect([...images.values()].flat().map(({ bytes }) => Buffer.from(bytes))).toEqual([theirs])
  })
})
