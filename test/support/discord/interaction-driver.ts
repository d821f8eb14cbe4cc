import { type APIApplicationCommandOption, ApplicationCommandType } from 'discord-api-types/v10'

import type { Json } from './body.ts'
import { begin, type Interaction, type Interactions, isLate } from './interactions.ts'
import { messageView } from './message-views.ts'
import { type Seen, seen } from './seen.ts'
import { channelView, memberView, userView } from './views.ts'
import { type Account, type Bot, botOf, type Channel, type Message, type World } from './world.ts'

/** What a person sees of what they set going. */
export interface Used {
  /** `failed`: "The application did not respond". */
  readonly state: Interaction['state'] | 'failed'
  /** The answer as it stands now. */
  readonly answer: Seen | undefined
  /** A form that has opened. */
  readonly form: Json | undefined
  /** What is offered while somebody types an option. */
  readonly choices: readonly Json[]
}

/** By name. Users, channels and roles are ids. */
export type Options = Readonly<Record<string, string | number | boolean>>

export interface Uses {
  /** `memory forget` names a sub-command. Throws where the command is not on offer. */
  slash(bot: Bot, channel: Channel, command: string, options?: Options): Used
  /** What is typed into one option so far. */
  complete(bot: Bot, channel: Channel, command: string, option: string, typed: string): Used
  /** A command in the menu of a message or a person. */
  menu(bot: Bot, channel: Channel, command: string, target: Message | Account): Used
  click(message: { readonly id: string }, customId: string): Used
  select(message: { readonly id: string }, customId: string, values: readonly string[]): Used
  /** Answers the form that `used` opened; what is not named stays empty. */
  submit(used: Used, values: Readonly<Record<string, string>>): Used
}

const everywhere = { GUILD: 0, BOT_DM: 1 } as const
const numbersOf = { sub: 1, group: 2, user: 6, channel: 7, role: 8 } as const

interface Part {
  readonly type: number
  readonly custom_id?: string
  readonly components?: readonly Part[]
  readonly component?: Part
  readonly accessory?: Part
  readonly disabled?: boolean
}

export function createUses(
  world: World,
  interactions: Interactions,
  user: Account,
  findAnywhere: (message: { readonly id: string }) => Message,
): Uses {
  const opened = new Map<Used, Interaction>()

  function watch(interaction: Interaction): Used {
    const used: Used = {
      get state() {
        return interaction.state === 'waiting' && isLate(interaction, interactions.times)
          ? 'failed'
          : interaction.state
      },
      get answer() {
        const { original, channel } = interaction
        const there = original !== undefined && channel.messages.get(original.id) === original
        return there ? seen(world, original) : undefined
      },
      get form() {
        return interaction.form
      },
      get choices() {
        return interaction.choices
      },
    }
    opened.set(used, interaction)
    return used
  }

  function findCommand(bot: Bot, channel: Channel, name: string, type: ApplicationCommandType) {
    const command = [...bot.commands.values()].find((each) => each.name === name && each.type === type)
    const context = channel.guild === undefined ? everywhere.BOT_DM : everywhere.GUILD
    const offered = command?.contexts === null || command?.contexts?.includes(context)
    if (command === undefined || !offered) throw new Error(`Discord does not offer /${name} here.`)
    return command
  }

  /** What the options of a command name, beside their values. */
  function resolve(channel: Channel, options: readonly Json[]): Json {
    const of = (type: number): string[] =>
      options.filter((option) => option.type === type).map(({ value }) => String(value))
    const accounts = of(numbersOf.user).flatMap((id) => world.accounts.get(id) ?? [])
    const members = accounts.flatMap(({ id }) => channel.guild?.members.get(id) ?? [])
    const channels = of(numbersOf.channel).flatMap((id) => world.channels.get(id) ?? [])
    const roles = of(numbersOf.role).flatMap((id) => channel.guild?.roles.get(id) ?? [])
    const table = (rows: readonly (readonly [string, unknown])[], name: string): Json =>
      rows.length === 0 ? {} : { [name]: Object.fromEntries(rows) }
    const resolved = {
      ...table(
        accounts.map((each) => [each.id, userView(each)]),
        'users',
      ),
      ...table(
        members.map((each) => [each.account.id, memberView(each)]),
        'members',
      ),
      ...table(
        channels.map((each) => [each.id, channelView(each, user)]),
        'channels',
      ),
      ...table(
        roles.map((each) => [each.id, each]),
        'roles',
      ),
    }
    return Object.keys(resolved).length === 0 ? {} : { resolved }
  }

  function chat(bot: Bot, channel: Channel, line: string, given: Options, focused?: string): Begin {
    const [name = '', ...path] = line.split(' ')
    const command = findCommand(bot, channel, name, ApplicationCommandType.ChatInput)
    let known = (command.options ?? []) as readonly APIApplicationCommandOption[]
    const subs = path.map((step) => {
      const sub = known.find((option) => option.name === step)
      if (sub === undefined) throw new Error(`There is no /${line}.`)
      known = ('options' in sub ? (sub.options ?? []) : []) as readonly APIApplicationCommandOption[]
      return { name: step, type: sub.type as number }
    })
    const missing = known.find((option) => option.required === true && !(option.name in given))
    if (missing !== undefined && focused === undefined) {
      throw new Error(`Discord does not send /${line} without ${missing.name}.`)
    }
    const values: Json[] = Object.entries(given).map(([key, value]) => {
      const option = known.find((each) => each.name === key)
      if (option === undefined) throw new Error(`/${line} has no option ${key}.`)
      return { name: key, type: option.type, value, ...(key === focused && { focused: true }) }
    })
    const options = subs.reduceRight<readonly Json[]>((inner, sub) => [{ ...sub, options: inner }], values)
    const data = { id: command.id, name, type: 1, options, ...resolve(channel, values) }
    return { bot, user, channel, name: line, data }
  }

  function component(message: { readonly id: string }, customId: string, values?: readonly string[]): Used {
    const source = findAnywhere(message)
    const part = flatten(source.components as unknown as readonly Part[]).find(
      (each) => each.custom_id === customId,
    )
    const bot =
      botOf(world, source.author) ?? world.bots.find((each) => each.applicationId === source.applicationId)
    if (part === undefined || bot === undefined || part.disabled === true) {
      throw new Error(`There is nothing to press that is called ${customId}.`)
    }
    if (source.ephemeralFor !== undefined && source.ephemeralFor !== user) {
      throw new Error(`${user.username} does not see it.`)
    }
    const data = {
      custom_id: customId,
      component_type: part.type,
      ...(values !== undefined && { values }),
    }
    return watch(begin(world, interactions, { type: 3, bot, user, channel: source.channel, data, source }))
  }

  return {
    slash: (bot, channel, command, options = {}) =>
      watch(begin(world, interactions, { type: 2, ...chat(bot, channel, command, options) })),
    complete: (bot, channel, command, option, typed) =>
      watch(
        begin(world, interactions, { type: 4, ...chat(bot, channel, command, { [option]: typed }, option) }),
      ),
    menu(bot, channel, name, target) {
      const onMessage = 'channel' in target
      const type = onMessage ? ApplicationCommandType.Message : ApplicationCommandType.User
      const command = findCommand(bot, channel, name, type)
      const resolved = onMessage
        ? { messages: { [target.id]: messageView(world, target, { bot, intents: 0, seesContent: true }) } }
        : { users: { [target.id]: userView(target) } }
      const data = { id: command.id, name, type, target_id: target.id, resolved }
      return watch(begin(world, interactions, { type: 2, bot, user, channel, name, data }))
    },
    click: (message, customId) => component(message, customId),
    select: (message, customId, values) => component(message, customId, values),
    submit(used, values) {
      const earlier = opened.get(used)
      const form = earlier?.form
      if (earlier === undefined || form === undefined) throw new Error('No form has opened.')
      const { bot, channel, source } = earlier
      const fill = (part: Part): Json => ({
        type: part.type,
        ...(part.custom_id !== undefined && {
          custom_id: part.custom_id,
          value: values[part.custom_id] ?? '',
        }),
        ...(part.components !== undefined && { components: part.components.map(fill) }),
        ...(part.component !== undefined && { component: fill(part.component) }),
      })
      const components = ((form.components ?? []) as readonly Part[]).map(fill)
      const data = { custom_id: form.custom_id, components }
      return watch(begin(world, interactions, { type: 5, bot, user, channel, data, source }))
    },
  }
}

type Begin = Omit<Parameters<typeof begin>[2], 'type'>

const flatten = (parts: readonly Part[]): Part[] =>
  parts.flatMap((part) => [
    part,
    ...flatten(part.components ?? []),
    ...flatten(part.accessory === undefined ? [] : [part.accessory]),
  ])
