import { expect, test, vi } from 'vitest'
import type { Outgoing } from '../../../src/core/adapter.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { type Listening, listen, makeAccount } from './account.ts'
import { type Discord, type DiscordOptions, startDiscord } from './discord.ts'
import type { Channel } from './world.ts'

/**
 * A test of a bot of Hearth's, with what it asks for: a Discord, the `bot`, `ada` and her direct `channel` with
 * it; `start` connects the bot. What is put into `open` ends with the test.
 */
export const onDiscord = (options: DiscordOptions = {}, { maySlowDown = false } = {}) =>
  test
    .extend('options', { identifySpacingMs: 0, ...options })
    .extend('discord', async ({ options: given }, { onCleanup }) => {
      const discord = await startDiscord(given)
      onCleanup(async () => {
        await discord[Symbol.asyncDispose]()
        // Whatever happens in a test, Discord never had to slow us down.
        if (!maySlowDown) expect(discord.limits.refused).toEqual([])
      })
      return discord
    })
    .extend('bot', async ({ discord }) => discord.addBot('mira'))
    .extend('ada', async ({ discord }) => discord.addPerson('ada'))
    .extend('channel', async ({ ada, bot }) => ada.openDirect(bot))
    .extend('open', async ({ discord: _first }, { onCleanup }) => {
      const open = new AsyncDisposableStack()
      onCleanup(() => open.disposeAsync())
      return open
    })
    .extend(
      'start',
      async ({ discord, bot, open }) =>
        async (given: Parameters<typeof makeAccount>[2] = {}) => {
          const account = makeAccount(discord, bot, given)
          const listening = open.use(await listen(discord, bot, account.connect()))
          return { ...account, listening, adapter: listening.adapter }
        },
    )

export const soon = { timeout: 20_000, interval: 5 }
export const signal = () => AbortSignal.timeout(20_000)
export const key = (id = newUuid()) => ({ id, firstTriedAt: new Date() })
export const reply = (text: string, final = true): Outgoing => ({ text, kind: 'reply', final })

export const texts = ({ of }: Listening) => of('message').map(({ text }) => text)
export const received = (listening: Listening, count: number) =>
  vi.waitFor(() => expect(listening.of('message')).toHaveLength(count), soon)

/** What the bot has said there. */
export const seen = (discord: Discord, channel: Channel) =>
  discord.messages(channel).filter(({ author }) => author === 'mira')
