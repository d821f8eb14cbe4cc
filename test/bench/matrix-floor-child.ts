/** The floor: the smallest bot that matrix-bot-sdk can make, which says what it hears. Plain rooms alone. */
import { matrixSdk } from '../../adapters/matrix/sdk.ts'

// The SDK with a request function that is maintained: the same one that Hearth gives it.
const { AutojoinRoomsMixin, MatrixClient, MemoryStorageProvider } = matrixSdk()

const { HOMESERVER = '', TOKEN = '' } = process.env
const client = new MatrixClient(HOMESERVER, TOKEN, new MemoryStorageProvider())
AutojoinRoomsMixin.setupOnClient(client)
const self = await client.getUserId()
client.on('room.message', async (room: string, event: { sender: string; content: { body?: string } }) => {
  if (event.sender !== self) await client.sendText(room, `echo ${event.content.body}`)
})
await client.start()
process.send?.('ready')
process.once('disconnect', () => process.exit())
