import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { guestAccountId } from '../../../adapters/discord/token.ts'
import type { Outgoing } from '../../../src/core/adapter.ts'
import { newUuid, personaId } from '../../../src/core/ids.ts'
import { everybody, type Listening, listenAll, makeAccount } from '../../support/discord/account.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import type { Place } from '../../support/discord/guild-driver.ts'
import type { Person } from '../../support/discord/person.ts'
import type { Bot, Channel } from '../../support/discord/world.ts'

const soon = { timeout: 10_000, interval: 5 }
const signal = () => AbortSignal.timeout(10_000)
const key = (id = newUuid()) => ({ id, firstTriedAt: new Date() })
const reply = (text: string, final = true): Outgoing => ({ text, kind: 'reply', final })
const png = Buffer.from('\x89PNG\r\n\x1a\n a picture', 'latin1')

describe('guests of a bot on Discord', () => {
  let discord: Discord
  let bot: Bot
  let ada: Person
  let place: Place
  let general: Channel
  let open: readonly [Listening, Listening] | undefined

  beforeEach(async () => {
    discord = await startDiscord({ identifySpacingMs: 0 })
    bot = discord.addBot('mira')
    ada = discord.addPerson('ada')
    place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    general = place.addChannel('general')
    place.allow(general, bot, ['ManageWebhooks'])
  })
  afterEach(async () => {
    await close()
    expect(discord.limits.refused).toEqual([])
    await discord[Symbol.asyncDispose]()
  })

  /** Mira is the bot, and Lena her guest. */
  async function start(
    account = made(),
    options: Parameters<typeof account.connectAll>[0] = {},
  ): Promise<readonly [mira: Listening, lena: Listening]> {
    const [mira, lena] = await listenAll(discord, bot, account.connectAll(options))
    if (mira === undefined || lena === undefined) throw new Error('Two were asked for.')
    open = [mira, lena]
    return open
  }
  const guestsWith = (bytes: Buffer) => [
    {
      account: { id: guestAccountId(bot.token, personaId('lena')), platform: 'discord' } as const,
      personaName: 'Lena',
      avatar: { mediaType: 'image/png', bytes } as const,
    },
  ]
  const made = (bytes = png) =>
    makeAccount(discord, bot, {
      allowed: { ...everybody, guilds: [place.guild.id] },
      guests: guestsWith(bytes),
    })
  async function close() {
    for (const each of open ?? []) await each[Symbol.asyncDispose]()
    open = undefined
  }
  const room = (channel = general) => roomOf(channel.id, place.guild.id)
  const shown = (channel = general) =>
    discord.messages(channel).map(({ author, content }) => `${author}: ${content}`)
  const buttons = (author: string) =>
    discord
      .messages(general)
      .filter((message) => message.author === author)
      .map(({ components }) => components.length)
  const asked = ({ of }: Listening) =>
    of('message').map(({ text, unanswered }) => (unanswered === true ? `(${text})` : text))

  it('speak under a name and picture of their own, and change and take back what they said', async () => {
    const [mira, lena] = await start()
    await mira.adapter.send(room(), reply('I am Mira.'), key(), signal())
    const said = await lena.adapter.send(room(), reply('I am', false), key(), signal())
    await lena.adapter.edit(room(), said, reply('I am Lena.'), key(), signal())
    expect(shown()).toEqual(['mira: I am Mira.', 'Lena: I am Lena.'])
    const [webhook] = discord.world.webhooks.values()
    expect(webhook).toMatchObject({ name: 'Lena', avatar: expect.stringMatching(/^\w+$/) })
    await lena.adapter.remove(room(), said, key(), signal())
    expect(shown()).toEqual(['mira: I am Mira.'])
  })

  it('are seen typing as the bot, which goes on when they have spoken, and is not said twice', async () => {
    const [mira, lena] = await start()
    await lena.adapter.signalTyping(room(), signal())
    expect(discord.typing(general)).toEqual(['mira'])
    await lena.adapter.send(room(), reply('I am Lena.'), key(), signal())
    await lena.adapter.signalTyping(room(), signal())
    const asked = () => discord.requests.filter(({ route }) => route.endsWith('/typing'))
    expect(asked()).toHaveLength(1)
    await mira.adapter.send(room(), reply('I am Mira.'), key(), signal())
    expect(discord.typing(general)).toEqual([])
    await lena.adapter.signalTyping(room(), signal())
    expect(asked()).toHaveLength(2)
  })

  it('are found again after a restart, and made again where somebody has taken them away', async () => {
    const account = made()
    const [, lena] = await start(account)
    const said = await lena.adapter.send(room(), reply('Before.'), key(), signal())
    await close()
    const [, again] = await start(account)
    await again.adapter.edit(room(), said, reply('Changed.'), key(), signal())
    await again.adapter.send(room(), reply('After.'), key(), signal())
    expect(discord.world.webhooks.size).toBe(1)
    for (const webhook of discord.world.webhooks.values()) place.removeWebhook(webhook)
    await again.adapter.send(room(), reply('And then.'), key(), signal())
    expect(shown()).toEqual(['Lena: Changed.', 'Lena: After.', 'Lena: And then.'])
  })

  it('are shown with the picture that they have now', async () => {
    const account = made()
    const pictures: unknown[] = []
    const changes = () => discord.requests.filter(({ route }) => route === 'PATCH /webhooks/:webhook').length
    for (const bytes of [png, png, Buffer.concat([png, png])]) {
      const [, lena] = await start(account, { guests: guestsWith(bytes) })
      await lena.adapter.send(room(), reply('Look!'), key(), signal())
      await close()
      pictures.push([...discord.world.webhooks.values()][0]?.avatar)
    }
    expect(pictures[1]).toBe(pictures[0])
    expect(pictures[2]).not.toBe(pictures[0])
    expect(changes()).toBe(2)
  })

  it('speak without a picture that Discord refuses', async () => {
    const account = made(Buffer.alloc(0))
    const [, lena] = await start(account)
    await lena.adapter.send(room(), reply('I am Lena.'), key(), signal())
    expect(shown()).toEqual(['Lena: I am Lena.'])
    expect(account.news).toContainEqual({
      kind: 'picture-refused',
      error: expect.objectContaining({ message: expect.stringContaining('show the picture of a guest') }),
    })
  })

  it('do not touch what belongs to another application', async () => {
    place.addWebhook(general, 'Lena')
    const [, lena] = await start()
    await lena.adapter.send(room(), reply('Mine.'), key(), signal())
    expect([...discord.world.webhooks.values()].map(({ applicationId }) => applicationId)).toEqual([
      null,
      bot.applicationId,
    ])
  })

  it('speak in threads by the webhook of their channel', async () => {
    const [, lena] = await start()
    const thread = ada.startThread(general, 'Story')
    ada.say(thread, 'Lena, once upon a time?')
    await vi.waitFor(() => expect(lena.of('message')).toHaveLength(1), soon)
    const said = await lena.adapter.send(room(thread), reply('Once', false), key(), signal())
    await lena.adapter.edit(room(thread), said, reply('Once upon a time.'), key(), signal())
    expect(shown(thread)).toContain('Lena: Once upon a time.')
  })

  it('each answers what is said to them, and hears the rest', async () => {
    const [mira, lena] = await start()
    const said = await lena.adapter.send(room(), reply('Hello.'), key(), signal())
    ada.say(general, 'Hello Lena')
    ada.say(general, `<@${bot.account.id}> hello`)
    ada.say(general, 'How are you?', { reply: { id: said } })
    ada.say(general, 'Nice weather.')
    await vi.waitFor(() => expect(asked(mira)).toHaveLength(4), soon)
    await vi.waitFor(() => expect(asked(lena)).toHaveLength(4), soon)
    expect(asked(mira)).toEqual(['(Hello Lena)', '@mira hello', '(How are you?)', '(Nice weather.)'])
    expect(asked(lena)).toEqual(['Hello Lena', '(@mira hello)', 'How are you?', '(Nice weather.)'])
    ada.say(ada.openDirect(bot), 'Lena?')
    await vi.waitFor(() => expect(asked(mira)).toHaveLength(5), soon)
    expect(asked(lena)).toHaveLength(4)
  })

  it('take their own buttons, reactions and commands', async () => {
    const [mira, lena] = await start()
    const hers = await mira.adapter.send(room(), reply('Mira speaks.'), key(), signal())
    const theirs = await lena.adapter.send(room(), reply('Lena speaks.'), key(), signal())
    const again = (author: string) => {
      const message = discord.messages(general).find((each) => each.author === author)
      return /retry [\w-]+/.exec(JSON.stringify(message?.components))?.[0] ?? ''
    }
    const targets = ({ of }: Listening) => of('command').map(({ name, target }) => `${name} ${target}`)
    ada.click({ id: theirs }, again('Lena'))
    ada.click({ id: hers }, again('mira'))
    ada.slash(bot, general, 'stop', { whom: 'Lena' })
    ada.slash(bot, general, 'quiet')
    await vi.waitFor(() => expect(targets(lena)).toEqual([`retry ${theirs}`, 'stop undefined']), soon)
    await vi.waitFor(() => expect(targets(mira)).toEqual([`retry ${hers}`, 'quiet undefined']), soon)
    ada.react({ id: theirs }, '🔁')
    ada.react({ id: hers }, '🔁')
    await vi.waitFor(() => expect(lena.of('reaction').map(({ target }) => target)).toEqual([theirs]), soon)
    expect(mira.of('reaction').map(({ target }) => target)).toEqual([hers])
  })

  it('have their buttons under their own last reply', async () => {
    const [mira, lena] = await start()
    await lena.adapter.send(room(), reply('One.'), key(), signal())
    await lena.adapter.send(room(), reply('Two.'), key(), signal())
    await mira.adapter.send(room(), reply('Three.'), key(), signal())
    await discord.until(() => buttons('Lena').join() === '0,1', 10_000)
    expect(buttons('mira')).toEqual([1])
  })

  it('say a thing once, though Discord takes no nonce from them', async () => {
    const [, lena] = await start()
    await lena.adapter.send(room(), reply('Ready.'), key(), signal())
    const lost = key()
    discord.faults.next({ route: 'POST /webhooks/:webhook/:token', kind: 502, when: 'after' })
    const first = lena.adapter.send(room(), reply('Once.'), lost, signal())
    await expect(first).rejects.toMatchObject({ code: 'discord-away', retryable: true })
    await lena.adapter.send(room(), reply('Once.'), lost, signal())
    expect(shown()).toEqual(['Lena: Ready.', 'Lena: Once.'])
  })

  it('say it once also where another process takes over', async () => {
    const account = made()
    const [, lena] = await start(account)
    const before = { ...key(), firstTriedAt: new Date(Date.now() - 2_000) }
    discord.faults.next({ route: 'POST /webhooks/:webhook/:token', kind: 'reset', when: 'after' })
    await lena.adapter.send(room(), reply('Once.'), before, signal()).catch(() => undefined)
    await close()
    const [, again] = await start(account)
    await again.adapter.send(room(), reply('Once.'), before, signal())
    expect(shown()).toEqual(['Lena: Once.'])
  })

  it('say why where the bot may not speak for several', async () => {
    place.forbid(general, bot, ['ManageWebhooks'])
    const [, lena] = await start()
    await expect(lena.adapter.send(room(), reply('Hello?'), key(), signal())).rejects.toMatchObject({
      code: 'discord-forbidden',
      message: expect.stringContaining('speak there as several personas'),
    })
    place.allow(general, bot, ['ManageWebhooks'])
    await lena.adapter.send(room(), reply('Hello.'), key(), signal())
    expect(shown()).toEqual(['Lena: Hello.'])
  })

  it('end together', async () => {
    const [mira, lena] = await start()
    discord.gateway.close(bot, 4004)
    for (const { ended } of [mira, lena])
      await expect(ended).rejects.toMatchObject({ code: 'discord-wrong-token' })
  })
})
