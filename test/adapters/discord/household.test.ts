import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresDatabase } from '../../support/databases.ts'
import { type Discord, startDiscord } from '../../support/discord/discord.ts'
import { makeHouse } from '../../support/discord/house.ts'
import type { Bot } from '../../support/discord/world.ts'
import { type OllamaServer, startOllamaServer } from '../../support/ollama-server.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })
const isNone = 'What is given as the token of the bot on Discord is none.'

describe('a house with bots on Discord', () => {
  const stack = new AsyncDisposableStack()
  let discord: Discord
  let ollama: OllamaServer
  beforeAll(async () => {
    discord = stack.use(await startDiscord({ identifySpacingMs: 0 }))
    const script: OllamaServer['script'] = ({ messages = [] }) => {
      const last = messages.findLast(({ role }) => role === 'user')?.content ?? ''
      // As models do, it goes on with what others might say.
      const talk = last.includes('ask somebody')
        ? ['Mira, what is the sea?', '\nMira: The sea', ' is mine.\nada: No.']
        : undefined
      return { pieces: talk ?? [`You said: ${last}`] }
    }
    ollama = stack.use(await startOllamaServer({ script }))
  })
  afterAll(() => stack.disposeAsync())

  it('is set up, checked, lets in whom the operator approves, and goes on with one bot without the other', async () => {
    const database = stack.use(await postgresDatabase())
    const [mira, pascoe] = [discord.addBot('mira'), discord.addBot('pascoe')]
    const ada = discord.addPerson('ada')
    const { home, ready } = await makeHouse(
      discord,
      { mira, pascoe },
      { ...database.environment, OLLAMA_HOST: ollama.url },
      ['allow: []'],
    )
    stack.use(home)
    const invite = await home.run(['discord', 'invite'])
    expect(invite).toMatchObject({ code: 0 })
    for (const { applicationId } of [mira, pascoe]) {
      expect(invite.stdout).toContain(
        `client_id=${applicationId}&scope=bot+applications.commands&permissions=`,
      )
      expect(invite.stdout).toContain(
        `client_id=${applicationId}&scope=applications.commands&integration_type=1`,
      )
    }
    expect((await home.run(['doctor'])).stdout).toMatch(/discord: mira does not offer its commands yet/)

    const hearth = home.start(['run'])
    await discord.until(() => mira.commands.size > 0 && pascoe.commands.size > 0, 30_000)
    const channel = ada.openDirect(mira)
    const answers = () => discord.messages(channel).filter(({ author }) => author === 'mira')
    ada.say(channel, 'Hello?')
    await discord.until(() => answers().length === 1, 20_000)
    const code = /[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(answers()[0]?.content ?? '')?.[0] ?? ''
    expect((await home.run(['discord', 'pending'])).stdout).toContain(`${code}  ${ada.id}`)
    expect((await home.run(['discord', 'approve', 'ZZZZ-ZZZZ'])).code).toBe(1)
    expect((await home.run(['discord', 'approve', code])).stdout).toContain(
      `${ada.id} may talk with mira now`,
    )
    ada.say(channel, 'Hello again.')
    await discord.until(() => answers().at(-1)?.content === 'You said: Hello again.', 20_000)
    expect((await home.run(['doctor'])).stdout).toMatch(/discord: .*mira.*are well.*pascoe.*are well/)

    discord.gateway.close(pascoe, 4004)
    await hearth.until(() => /Pascoe on Discord .* has stopped\. Discord does not accept/.test(hearth.stdout))
    expect(await ready()).toContain('does not accept the token')
    const regretted = ada.say(channel, 'Still there?')
    await discord.until(() => answers().at(-1)?.content === 'You said: Still there?', 20_000)
    for (const { token } of [mira, pascoe]) expect(hearth.stdout + hearth.stderr).not.toContain(token)
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)

    // What is deleted while nobody listens takes its answer along; and a token that is none stops nobody else.
    ada.delete(regretted)
    const configured = await readFile(path.join(home.folder, 'hearth.yaml'), 'utf8')
    const spoil = (...bots: Bot[]) =>
      home.configure(bots.reduce((yaml, { token }, n) => yaml.replace(token, `none-${n}`), configured))
    await spoil(pascoe)
    const again = home.start(['run'])
    await discord.until(() => answers().at(-1)?.content === 'You said: Hello again.', 30_000)
    again.kill('SIGTERM')
    expect((await again.ended).code).toBe(0)
    expect(again.stdout).toContain(`Pascoe on Discord does not start. ${isNone}`)

    await spoil(mira, pascoe)
    const last = await home.run(['run'])
    expect(last).toMatchObject({ code: 1, stdout: '' })
    expect(last.stderr).toContain(isNone)
  })

  it('lets several personas speak through one bot in a server', async () => {
    const database = stack.use(await postgresDatabase())
    const bot = discord.addBot('mira')
    const ada = discord.addPerson('ada')
    const place = discord.addGuild('Home', { members: [ada], bots: [bot] })
    const general = place.addChannel('general')
    place.allow(general, bot, ['ManageWebhooks'])
    const environment = { ...database.environment, OLLAMA_HOST: ollama.url }
    const { home } = await makeHouse(discord, { 'mira+pascoe': bot }, environment, [
      "allow: ['*']",
      `channels: ['${general.id}']`,
    ])
    stack.use(home)
    const hearth = home.start(['run'])
    await discord.until(() => bot.commands.size > 0, 30_000)
    const answers = () =>
      discord
        .messages(general)
        .filter(({ author }) => author !== 'ada')
        .map(({ author, content }) => `${author}: ${content}`)
    ada.say(general, 'Good evening, Pascoe.')
    await discord.until(() => answers().length === 1, 20_000)
    ada.say(general, `And you, <@${bot.account.id}>?`)
    await discord.until(() => answers().length === 2, 20_000)
    expect(answers()[0]).toMatch(/^Pascoe.*: You said: .*Good evening, Pascoe\./)
    expect(answers()[1]).toMatch(/^mira: You said: .*And you, @mira\?/)
    // Each hears what the other says, as said by the other, and nobody says anything for another.
    ada.say(general, 'Pascoe, ask somebody.')
    await discord.until(() => answers().length >= 4, 20_000)
    expect(answers().slice(2, 4)).toEqual([
      expect.stringMatching(/^Pascoe.*: Mira, what is the sea\?$/),
      expect.stringMatching(/^mira: You said: Pascoe.*: Mira, what is the sea\?$/),
    ])
    hearth.kill('SIGTERM')
    expect((await hearth.ended).code).toBe(0)
  })
})
