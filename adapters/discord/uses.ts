import { ComponentType, InteractionType } from 'discord.js'
import type { OnEvent } from '../../src/core/adapter.ts'
import { type CommandName, commands } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import { readButton } from './buttons.ts'
import { talkCommand } from './commands.ts'
import { displayNameOf } from './decode.ts'
import type { Interactions, Use } from './interactions.ts'
import type { Lanes } from './lanes.ts'
import { roomOf } from './places.ts'
import type { TakeSaid } from './said.ts'
import { sentAt } from './snowflake.ts'

export interface UsesOptions {
  readonly lanes: Lanes
  readonly said: Pick<TakeSaid, 'isHeard' | 'mayTalk' | 'maySpeak'>
  readonly interactions: Interactions
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

  async function takeUse(use: Use): Promise<void> {
    const user = userOf(use)
    const channel = use.channel?.id
    if (user === undefined || channel === undefined) return
    const { guild_id: guild, member } = use
    const id = externalId(use.id)
    if (!said.isHeard(channel, guild) || !said.maySpeak(channel, guild)) {
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
    const text = spokenIn(use)
    if (text !== undefined) {
      const event =
        text === ''
          ? ({ ...base, kind: 'membership', change: 'joined' } as const)
          : ({ ...base, kind: 'message', externalId: id, text } as const)
      await onEvent(event)
    } else {
      const name = commandIn(use)
      const target =
        use.type === InteractionType.MessageComponent ? { target: externalId(use.message.id) } : {}
      if (name !== undefined) await onEvent({ ...base, kind: 'command', name, externalId: id, ...target })
    }
    await interactions.finish(use, signal)
  }

  function acknowledge(use: Use): Promise<void> {
    const text = spokenIn(use)
    const user = userOf(use)
    if (!text || user === undefined) return interactions.acknowledge(use, signal)
    const name = displayNameOf(user, use.member?.nick)
    return interactions.acknowledgeOpenly(use, `**${name}:** ${text}`, signal)
  }

  function begin(use: Use): void {
    const acknowledged = acknowledge(use)
    acknowledged.catch(() => undefined)
    lanes.run(use.channel?.id ?? '', async () => {
      // Where Discord has given it up by then, nobody waits for it: what it asks for is done all the same.
      await acknowledged.catch(() => undefined)
      await takeUse(use)
    })
  }

  return { begin }
}

const userOf = (use: Use) => use.member?.user ?? use.user

/** What `/talk` says; empty where it asks to be greeted; undefined for everything else. */
function spokenIn(use: Use): string | undefined {
  if (use.type !== InteractionType.ApplicationCommand || use.data.name !== talkCommand) return undefined
  const [option] = use.data.options ?? []
  return option !== undefined && 'value' in option ? String(option.value).trim() : ''
}

function commandIn(use: Use): CommandName | undefined {
  if (use.type === InteractionType.ApplicationCommand)
    return commands.find(({ name }) => name === use.data.name)?.name
  return use.data.component_type === ComponentType.Button ? readButton(use.data.custom_id) : undefined
}
