/** The floor: the smallest bot that discord.js can make, which says what it hears. */
import { Client, GatewayIntentBits, Partials } from 'discord.js'

const { DISCORD_API = '', TOKEN = '' } = process.env
const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.DirectMessages],
  partials: [Partials.Channel],
  rest: { api: DISCORD_API },
})
client.on('messageCreate', async (message) => {
  if (!message.author.bot && message.channel.isSendable())
    await message.channel.send(`echo ${message.content}`)
})
client.once('clientReady', () => process.send?.('ready'))
await client.login(TOKEN)
process.once('disconnect', () => process.exit())
