import { GatewayIntentBits } from 'discord-api-types/v10'
import { describe, expect, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { everybody } from '../../support/discord/account.ts'
import { key, onDiscord, received, reply, seen, signal, soon, texts } from '../../support/discord/scene.ts'

const it = onDiscord()

describe('a direct conversation with a bot on Discord', () => {
  it('asks for no more than it needs', async ({ discord, start }) => {
    await start()
    const intents = () =>
      discord.gateway.frames.flatMap((frame) => {
        const { op, d } = frame as unknown as { op: number; d: { intents: number } }
        return op === 2 ? [d.intents] : []
      })
    await start({ allowed: { ...everybody, guilds: ['123456789012345678'] } })
    await vi.waitFor(() => expect(intents()).toHaveLength(2), soon)
    const [alone, servers] = intents()
    expect(alone! & GatewayIntentBits.MessageContent).toBe(0)
    expect(servers! & GatewayIntentBits.MessageContent).not.toBe(0)
  })

  it('takes what is said, with names in the place of ids', async ({ bot, ada, channel, start }) => {
    const { listening } = await start()
    ada.say(channel, `Hello <@${bot.account.id}>, look at <:cat:123456789012345678> ||a secret|| at <t:0:F>`)
    await received(listening, 1)
    expect(texts(listening)).toEqual([
      'Hello @mira, look at :cat: (spoiler: a secret) at Thursday, 1 January 1970 at 00:00 UTC',
    ])
    expect(listening.of('message')[0]).toMatchObject({
      room: { externalId: channel.id, kind: 'direct' },
      sender: { externalId: ada.id, displayName: 'Ada' },
    })
  })

  it('leaves what stands between backticks as it is, and takes one stroke for what it is', async ({
    ada,
    channel,
    start,
  }) => {
    const { listening } = await start()
    const said = [
      'Is `a || b || c` the same?',
      '```js\nif (a || b || c) {}\n```',
      '||The `a || b` of it|| and ||x | y||',
      '`one, || and ||',
      `||${'`a`'.repeat(600)}`,
    ]
    for (const text of said) ada.say(channel, text)
    await received(listening, said.length)
    expect(texts(listening)).toEqual([
      said[0],
      said[1],
      '(spoiler: The `a || b` of it) and (spoiler: x | y)',
      '`one, (spoiler:  and )',
      said[4],
    ])
  })

  it('takes what is said first also where Discord does not show what was said before, and that later', async ({
    discord,
    ada,
    channel,
    start,
  }) => {
    ada.say(channel, 'Are you there?')
    const { listening, news } = await start()
    // As often as the library tries.
    const history = 'GET /channels/:channel/messages'
    discord.faults.next({ route: history, kind: 500, when: 'before', times: 4 })
    ada.say(channel, 'Hello?')
    await received(listening, 2)
    expect(texts(listening)).toEqual(['Hello?', 'Are you there?'])
    expect(news.map(({ kind }) => kind)).not.toContain('passed-over')
  })

  it('loads pictures, from Discord alone, and tells of what it cannot load', async ({
    discord,
    ada,
    channel,
    start,
  }) => {
    const { listening } = await start()
    const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex')
    const picture = { name: 'cat.png', bytes: png, contentType: 'image/png' }
    ada.say(channel, 'See?', {
      files: [picture, { name: 'notes.txt', bytes: png, contentType: 'text/plain' }],
    })
    await received(listening, 1)
    expect(texts(listening)).toEqual(['[an image: cat.png]\n[a file: notes.txt]\nSee?'])
    expect(listening.of('message')[0]!.attachments).toEqual([
      { kind: 'image', mediaType: 'image/png', bytes: png },
    ])
    discord.faults.next({ route: 'GET /attachments', kind: 500, when: 'before', times: 5 })
    ada.say(channel, '', { files: [picture] })
    await received(listening, 2)
    expect(texts(listening)[1]).toBe('[an image that could not be loaded: cat.png]')
  })

  it('tells of what is passed on, with its pictures', async ({ ada, bot, channel, start }) => {
    const { listening } = await start()
    const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex')
    const original = ada.say(channel, `See, <@${bot.account.id}>?`, {
      files: [
        { name: 'cat.png', bytes: png, contentType: 'image/png' },
        { name: 'notes.txt', bytes: png, contentType: 'text/plain' },
      ],
    })
    ada.forward(channel, original)
    await received(listening, 2)
    expect(listening.of('message')[1]).toMatchObject({
      text: '[forwarded] [an image: cat.png]\n[a file: notes.txt]\nSee, @mira?',
      attachments: [{ kind: 'image', mediaType: 'image/png', bytes: png }],
    })
  })

  it('follows edits and deletions, and not what Discord has looked up', async ({ ada, channel, start }) => {
    const { listening } = await start()
    const message = ada.say(channel, 'I like plums.')
    await received(listening, 1)
    ada.edit(message, 'I like pears.')
    await vi.waitFor(() => expect(listening.of('edit')).toHaveLength(1), soon)
    expect(listening.of('edit')[0]).toMatchObject({ target: message.id, text: 'I like pears.' })
    ada.delete(message)
    await vi.waitFor(() => expect(listening.of('redaction')).toHaveLength(1), soon)
    expect(listening.of('redaction')[0]).toMatchObject({ target: message.id })
  })

  it('does not take for a deletion what it has taken back itself', async ({ ada, channel, start }) => {
    const { listening } = await start()
    const room = roomOf(channel.id, undefined)
    const id = await listening.adapter.send(room, reply('Hm.'), key(), signal())
    await listening.adapter.remove(room, id, key(), signal())
    const message = ada.say(channel, 'Hello.')
    ada.delete(message)
    await vi.waitFor(() => expect(listening.of('redaction')).toHaveLength(1), soon)
    expect(listening.of('redaction')[0]!.target).toBe(message.id)
  })

  it('takes reactions to its own messages', async ({ ada, channel, start }) => {
    const { listening } = await start()
    const room = roomOf(channel.id, undefined)
    const id = await listening.adapter.send(room, reply('Hm.'), key(), signal())
    ada.react(ada.say(channel, 'Mine.'), '🔁')
    ada.react({ id }, '🔁')
    await vi.waitFor(() => expect(listening.of('reaction')).toHaveLength(1), soon)
    expect(listening.of('reaction')[0]).toMatchObject({ target: id, emoji: '🔁' })
  })

  it('rings nobody, whatever the model writes', async ({ discord, ada, channel, start }) => {
    const { listening } = await start()
    const room = roomOf(channel.id, undefined)
    const text = `@everyone @here <@${ada.id}> <@&${ada.id}> <#${channel.id}> hello`
    const id = await listening.adapter.send(room, reply(text), key(), signal())
    await listening.adapter.edit(room, id, reply(`${text} again`), key(), signal())
    expect(seen(discord, channel)).toMatchObject([
      { pinged: [], unfurls: false, mentions: [], mentionsEveryone: false },
    ])
    expect(seen(discord, channel)[0]!.content).not.toContain(ada.id)
  })

  it('knows by name who reacts', async ({ ada, channel, start }) => {
    const { listening } = await start()
    const room = roomOf(channel.id, undefined)
    const id = await listening.adapter.send(room, reply('Hm.'), key(), signal())
    ada.react({ id }, '🔁')
    await vi.waitFor(() => expect(listening.of('reaction')).toHaveLength(1), soon)
    expect(listening.of('reaction')[0]!.sender.displayName).toBe('Ada')
  })
})
