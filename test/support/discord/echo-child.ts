import { Client, GatewayIntentBits, Partials } from 'discord.js'

/** A bot in a process of its own, which says again what it hears. `argv`: the API's address, the token. */
const [, , api = '', token = ''] = process.argv
const client = new Client({
  intents: [GatewayIntentBits.DirectMessages],
  partials: [Partials.Channel],
  rest: { api },
})
client.on('messageCreate', async (message) => {
  if (!message.author.bot && message.channel.isSendable())
    await message.channel.send(`again: ${message.content}`)
})
await client.login(token)
