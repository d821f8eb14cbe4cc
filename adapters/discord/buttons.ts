import { type APIActionRowComponent, type APIButtonComponent, ButtonStyle, ComponentType } from 'discord.js'
import { type CommandName, commands } from '../../src/core/events.ts'

export type Buttons = readonly APIActionRowComponent<APIButtonComponent>[]

/** Under a reply that is being written, and under one that is whole. */
const whileWriting: readonly CommandName[] = ['stop']
const afterwards: readonly CommandName[] = ['retry', 'previous', 'next']

/**
 * The row under a room's last reply. Each button tells, unseen, by which key the message was sent: so it is
 * found again when Discord has forgotten the nonce.
 */
export function buttonsOf(final: boolean, mark: string): Buttons {
  const components = (final ? afterwards : whileWriting).map(
    (name): APIButtonComponent => ({
      type: ComponentType.Button,
      style: ButtonStyle.Secondary,
      custom_id: `${name} ${mark}`,
      emoji: { name: commands.find((command) => command.name === name)?.emoji ?? '' },
    }),
  )
  return [{ type: ComponentType.ActionRow, components }]
}

/** What a click means. Undefined: the button is none of ours. */
export function readButton(customId: string): CommandName | undefined {
  const [name, mark] = customId.split(' ')
  return mark === undefined ? undefined : [...whileWriting, ...afterwards].find((each) => each === name)
}

/** By which key a message was sent, where it has a row of ours. */
export function markIn(components: unknown): string | undefined {
  const [row] = Array.isArray(components) ? (components as Buttons) : []
  const [button] = row?.components ?? []
  return button !== undefined && 'custom_id' in button ? button.custom_id.split(' ')[1] : undefined
}
