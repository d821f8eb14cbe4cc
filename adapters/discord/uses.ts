import { ComponentType, InteractionContextType, InteractionType } from 'discord.js'
import type { OnEvent } from '../../src/core/adapter.ts'
import { type CommandName, commands } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import { readButton } from './buttons.ts'
import { talkCommand, talkOption } from './commands.ts'
import { displayNameOf } from './decode.ts'
import { type Interactions, optionOf, partOf, type Use } from './interactions.ts'
import type { Lanes } from './lanes.ts'
import { type Places, roomOf } from './places.ts'
import type { TakeSaid } from './said.ts'
import { sentAt } from './snowflake.ts'

const tooMuch = 'I cannot take that just now: too much is waiting here. Please try again in a few minutes.'

export interface UsesOptions {
  readonly lanes: Lanes
  readonly places: Places
  readonly said: Pick<TakeSaid, 'inWords' | 'isHeard' | 'mayTalk' | 'isNamed' | 'maySpeak'>
  readonly interactions: Interactions
  /** Several may speak through the bot: whether this one is meant. */
  readonly isMeant: (use: Use) => boolean
  /** What somebody is told who may not talk. */
  readonly refusal: (user: string) => Promise<string>
}

/** Slash commands and buttons. */
export interface Uses {
  /** Acknowledges it at once, however much is under way in its channel, and does it when its turn comes there. */
  begin(use: Use): void
}

export function createUses(options: UsesOptions, onEvent: OnEvent, signal: AbortSignal): Uses {
  const { lanes, said, interactions } = options

  /** `spoken`: the id under which everybody will see what was said by `/talk`. */
  async function take(use: Use, spoken: string | undefined): Promise<void> {
    const user = userOf(use)
    const channel = use.channel?.id
    if (user === undefined || channel === undefined) return
    const { guild_id: guild, member } = use
    const id = externalId(use.id)
    if (!isPlace(use)) {
      await interactions.answer(id, 'I do not talk in this channel.', signal)
      return
    }
    if (!(await said.mayTalk(user.id, member?.roles ?? []))) {
      await interactions.answer(id, await options.refusal(user.id), signal)
      return
    }
    const base = {
      room: roomOf(channel, guild),
      sender: { externalId: externalId(user.id), displayName: displayNameOf(user, member?.nick) },
      at: sentAt(use.id),
    }
    // Whoever was put out is there again, and hears of it by the first thing that somebody does there.
    const isBack = options.places.find(channel)?.left === true
    if (isBack) await onEvent({ ...base, kind: 'membership', change: 'joined' })
    const text = spokenIn(use)
    if (text === '') await onEvent({ ...base, kind: 'membership', change: 'joined' })
    else if (text !== undefined) {
      const words = { externalId: externalId(spoken ?? `talk ${use.id}`), text: said.inWords(text) }
      await onEvent({ ...base, kind: 'message', ...words })
      // Nobody is shown what could still be lost.
      if (spoken !== undefined)
        await interactions.answer(id, `**${base.sender.displayName}:** ${text}`, signal)
    } else {
      const name = commandIn(use)
      const target =
        use.type === InteractionType.MessageComponent ? { target: externalId(use.message.id) } : {}
      if (name !== undefined)
        await onEvent({ ...base, kind: 'command', name, externalId: id, ...textOf(use, name), ...target })
    }
    await interactions.finish(use, signal)
  }

  /** Not among other people, where somebody has taken the app along. */
  function isPlace(use: Use): boolean {
    const channel = use.channel?.id ?? ''
    return (
      use.context !== InteractionContextType.PrivateChannel &&
      said.isHeard(channel, use.guild_id) &&
      said.maySpeak(channel, use.guild_id)
    )
  }

  /** In sight of all only where it is certain at once that they may talk there. */
  async function acknowledge(use: Use): Promise<string | undefined> {
    const user = userOf(use)
    if (
      !spokenIn(use) ||
      user === undefined ||
      !isPlace(use) ||
      !said.isNamed(user.id, use.member?.roles ?? [])
    ) {
      await interactions.acknowledge(use, signal)
      return undefined
    }
    return await interactions.acknowledgeOpenly(use, signal)
  }

  /** Nobody is left to believe that it will be done. */
  const refuse = (use: Use) => interactions.answer(externalId(use.id), tooMuch, signal).catch(() => undefined)

  return {
    begin(use) {
      if (!options.isMeant(use)) return
      // Where Discord has given it up by then, nobody waits for it: what it asks for is done all the same.
      const acknowledged = acknowledge(use).catch(() => undefined)
      // What is said has its place among what is said there, and so has what is asked of what is kept: what was said
      // before is erased too. A stop must not wait for pictures to be loaded.
      const channel = use.channel?.id ?? ''
      const inOrder = spokenIn(use) !== undefined || isOfWhatIsKept(commandIn(use))
      const lane = inOrder ? channel : `use ${channel}`
      const kept = lanes.run(lane, async () => take(use, await acknowledged), use)
      if (!kept) void acknowledged.then(() => refuse(use))
    },
  }
}

const isOfWhatIsKept = (name: CommandName | undefined) => name === 'privacy' || name === 'memory'

const userOf = (use: Use) => use.member?.user ?? use.user

/** What `/talk` says; empty where it asks to be greeted; undefined for everything else. */
function spokenIn(use: Use): string | undefined {
  if (use.type !== InteractionType.ApplicationCommand || use.data.name !== talkCommand) return undefined
  return optionOf(use, talkOption)?.trim() ?? ''
}

/** `forget` and what is to be forgotten, where the command has parts. */
function textOf(use: Use, name: CommandName): { readonly text?: string } {
  if (commands.find((command) => command.name === name)?.parts === undefined) return {}
  return { text: [partOf(use)?.name, optionOf(use, talkOption)].filter(Boolean).join(' ') }
}

function commandIn(use: Use): CommandName | undefined {
  if (use.type === InteractionType.ApplicationCommand)
    return commands.find(({ name }) => name === use.data.name)?.name
  return use.data.component_type === ComponentType.Button ? readButton(use.data.custom_id) : undefined
}
