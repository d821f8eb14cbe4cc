import { roomOf } from '../../../adapters/discord/places.ts'
import { type AdapterHarness, adapterContract } from '../../contract/adapter.ts'
import { makeAccount } from '../../support/discord/account.ts'
import { startDiscord } from '../../support/discord/discord.ts'

const harness: AdapterHarness = {
  name: 'Discord',
  refused: 'delivered again',
  async start() {
    const discord = await startDiscord({ identifySpacingMs: 0 })
    const bot = discord.addBot('mira')
    const ada = discord.addPerson('ada')
    const channel = ada.openDirect(bot)
    const account = makeAccount(discord, bot)
    const connected = () => discord.until(() => discord.gateway.connected(bot) > 0, 20_000)
    return {
      adapter: account.connect(),
      room: roomOf(channel.id, undefined),
      person: {
        async say(text) {
          await connected()
          ada.say(channel, text)
        },
        seen: () =>
          discord
            .messages(channel)
            .filter(({ author }) => author === 'mira')
            .map(({ id, content }) => ({
              id,
              text: content.replace(/^-# /gm, ''),
              kind: content.startsWith('-# ') ? 'notice' : 'reply',
            })),
      },
      restart: async () => account.connect(),
      held: () => [],
      release: async () => discord[Symbol.asyncDispose](),
    }
  },
}

adapterContract(harness)
