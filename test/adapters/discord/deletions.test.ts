import { describe, expect, vi } from 'vitest'
import { roomOf } from '../../../adapters/discord/places.ts'
import { everybody, type Listening, listen, makeAccount } from '../../support/discord/account.ts'
import { key, onDiscord, received, reply, signal, soon, texts } from '../../support/discord/scene.ts'

const hourMs = 60 * 60_000
const history = 'GET /channels/:channel/messages'
const redacted = ({ of }: Listening) => of('redaction').map(({ target }) => String(target))

const it = onDiscord().extend('inGeneral', async ({ discord, bot, ada, open }) => async () => {
  const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
  const general = place.addChannel('general')
  // By code: what they say by a command is shown to nobody else, since it is not known at once that they may.
  const doorman = { mayTalk: async () => true, refusal: async () => '' }
  const allowed = { ...everybody, users: [], channels: [general.id] }
  const { connect } = makeAccount(discord, bot, { allowed, doorman })
  const present = async () => open.use(await listen(discord, bot, connect()))
  const asked = () => discord.requests.filter(({ route }) => route === history)
  /** What is said comes after what was missed. */
  async function once(): Promise<Listening> {
    const before = asked().length
    const listening = await present()
    await discord.until(() => asked().length > before)
    ada.say(general, 'Now.')
    await vi.waitFor(() => expect(texts(listening)).toContain('Now.'), soon)
    await listening[Symbol.asyncDispose]()
    return listening
  }
  return { place, general, present, once, asked }
})

describe('what was deleted on Discord while the bot was away', () => {
  it('goes here too, whoever said it, and nothing else', async ({ ada, inGeneral }) => {
    const { place, general, present, once } = await inGeneral()
    const first = await present()
    const [one, two] = [ada.say(general, 'Mira, one.'), ada.say(general, 'Mira, two.')]
    await received(first, 2)
    const room = roomOf(general.id, place.guild.id)
    const answer = await first.adapter.send(room, reply('So.'), key(), signal())
    const stays = await first.adapter.send(room, reply('And so.'), key(), signal())
    const last = ada.say(general, 'Mira, three.')
    await received(first, 3)
    const latest = await first.adapter.send(room, reply('Hm.'), key(), signal())
    await first[Symbol.asyncDispose]()
    const missed = ada.say(general, 'Never heard.')
    place.bulkDelete(general, [two, { id: answer }, last, { id: latest }, missed])
    expect(redacted(await once())).toEqual([two.id, answer, last.id])
    // As far as anybody knows, it may have come after what Discord was asked for.
    expect(redacted(await once())).toEqual([latest])
    expect(redacted(await once())).toEqual([])
    expect([one.id, String(stays)].every((id) => general.messages.has(id))).toBe(true)
  })

  it('is told from what may not be read', async ({ discord, bot, ada, inGeneral }) => {
    const { place, general, present, once } = await inGeneral()
    const first = await present()
    const messages = ['Mira, one.', 'Mira, two.'].map((text) => ada.say(general, text))
    await received(first, 2)
    await first[Symbol.asyncDispose]()
    place.forbid(general, bot, ['ReadMessageHistory'])
    expect(redacted(await once())).toEqual([])
    place.forbid(general, bot, ['ViewChannel'])
    const second = await present()
    await discord.until(() => discord.requests.some(({ status }) => status === 403))
    await second[Symbol.asyncDispose]()
    expect(redacted(second)).toEqual([])
    place.allow(general, bot, ['ReadMessageHistory', 'ViewChannel'])
    place.bulkDelete(general, [messages[1]!])
    expect(redacted(await once())).toEqual([messages[1]!.id])
  })

  it('is told from what nobody else could see', async ({ discord, bot, ada, inGeneral }) => {
    const { general, present, once } = await inGeneral()
    const first = await present()
    await discord.until(() => bot.commands.size > 0)
    ada.say(general, 'Mira, one.')
    const used = ada.slash(bot, general, 'talk', { text: 'Mira, two.' })
    const three = ada.say(general, 'Mira, three.')
    await received(first, 3)
    await discord.until(() => used.answer === undefined)
    await first[Symbol.asyncDispose]()
    ada.delete(three)
    expect(redacted(await once())).toEqual([three.id])
  })

  it('is looked for, with what was changed, a day back and a few pages', async ({ ada, inGeneral }) => {
    const { place, general, present, once, asked } = await inGeneral()
    const first = await present()
    const nowMs = Date.now()
    const say = (hoursAgo: number) =>
      Array.from({ length: 75 }, (_, n) =>
        ada.say(general, `${n}`, { sentAt: new Date(nowMs - hoursAgo * hourMs + n) }),
      )
    const said: ReturnType<typeof say>[] = []
    // No more at once than one channel may have waiting.
    for (const hoursAgo of [31, 30, 3, 2]) {
      said.push(say(hoursAgo))
      await received(first, said.length * 75)
    }
    const [old, lately] = [said.slice(0, 2).flat(), said.slice(2).flat()]
    await first[Symbol.asyncDispose]()
    place.bulkDelete(general, [old[0]!, old[149]!, lately[0]!])
    ada.edit(lately[1]!, 'changed')
    const second = await once()
    expect(redacted(second)).toEqual([old[149]!.id, lately[0]!.id])
    expect(second.of('edit')).toMatchObject([{ target: lately[1]!.id }])
    expect(asked()).toHaveLength(2)
  })

  it('is looked for beside very much that was missed', async ({ ada, inGeneral }) => {
    const { place, general, present, once } = await inGeneral()
    const first = await present()
    const messages = ['Mira, one.', 'Mira, two.', 'Mira, three.'].map((text) => ada.say(general, text))
    await received(first, 3)
    await first[Symbol.asyncDispose]()
    for (let n = 0; n < 120; n++) ada.say(general, `${n}`)
    place.bulkDelete(general, [messages[1]!])
    const second = await once()
    expect(redacted(second)).toEqual([messages[1]!.id])
    expect(second.of('message')).toHaveLength(121)
  })
})
