import {
  type APIApplicationCommand,
  type APIApplicationCommandOption,
  ApplicationCommandType,
} from 'discord-api-types/v10'

import { type FieldError, invalidForm } from './api-error.ts'
import type { Json } from './body.ts'
import { countCharacters } from './message-body.ts'

/** What Discord asks of a command before it takes it. */

const namePattern = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u
const mostCharacters = 8000
/** A group of sub-commands, a sub-command: they come with options of their own. */
const nested = new Set([1, 2])

export function checkCommand(command: Json, prefix = ''): void {
  const errors: FieldError[] = []
  const at = (key: string): string => (prefix === '' ? key : `${prefix}.${key}`)
  const type = (command.type ?? ApplicationCommandType.ChatInput) as ApplicationCommandType
  const chat = type === ApplicationCommandType.ChatInput
  errors.push(...checkName(command.name, at('name'), chat))
  if (type === ApplicationCommandType.PrimaryEntryPoint)
    errors.push(...checkLength(command.description ?? '', at('description'), 0, 100))
  else if (chat) errors.push(...checkLength(command.description, at('description'), 1, 100))
  else if ((command.description ?? '') !== '') {
    const message = 'Context menu commands cannot have description'
    errors.push({ at: at('description'), code: 'APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED', message })
  }
  errors.push(
    ...checkOptions((command.options ?? []) as readonly APIApplicationCommandOption[], at('options'), 0),
  )
  if (size(command) > mostCharacters) {
    const message = `Command exceeds maximum size (${mostCharacters})`
    errors.push({ at: prefix, code: 'APPLICATION_COMMAND_TOO_LARGE', message })
  }
  if (errors.length > 0) throw invalidForm(...errors)
}

function checkName(name: unknown, at: string, strict: boolean): FieldError[] {
  if (typeof name !== 'string') return [{ at, code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }]
  const length = checkLength(name, at, 1, 32)
  if (length.length > 0 || !strict) return length
  if (namePattern.test(name) && name === name.toLowerCase()) return []
  return [{ at, code: 'APPLICATION_COMMAND_INVALID_NAME', message: 'Command name is invalid' }]
}

function checkLength(text: unknown, at: string, least: number, most: number): FieldError[] {
  if (typeof text !== 'string') return [{ at, code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }]
  const length = countCharacters(text)
  if (length >= least && length <= most) return []
  return [{ at, code: 'BASE_TYPE_BAD_LENGTH', message: `Must be between ${least} and ${most} in length.` }]
}

function checkOptions(
  options: readonly APIApplicationCommandOption[],
  at: string,
  depth: number,
): FieldError[] {
  const errors: FieldError[] = []
  if (options.length > 25) {
    errors.push({ at, code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 25 or fewer in length.' })
  }
  const names = new Set<string>()
  let optional = false
  for (const [index, option] of options.entries()) {
    const here = `${at}.${index}`
    errors.push(...checkName(option.name, `${here}.name`, true))
    errors.push(...checkLength(option.description, `${here}.description`, 1, 100))
    if (names.has(option.name)) {
      const message = 'Option name is not unique'
      errors.push({ at: here, code: 'APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE', message })
    }
    names.add(option.name)
    if (option.required === true && optional) {
      const message = 'Required options must be placed before non-required options'
      errors.push({ at: here, code: 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID', message })
    }
    optional ||= option.required !== true
    if (nested.has(option.type)) {
      const group = option.type === 2
      if (depth > (group ? 0 : 1)) {
        const message = 'Sub-command option type is not allowed here'
        errors.push({ at: `${here}.type`, code: 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', message })
      }
      const inner = 'options' in option ? (option.options ?? []) : []
      errors.push(
        ...checkOptions(inner as readonly APIApplicationCommandOption[], `${here}.options`, depth + 1),
      )
    }
    errors.push(...checkChoices(option, here))
  }
  return errors
}

function checkChoices(option: APIApplicationCommandOption, at: string): FieldError[] {
  const choices = ('choices' in option ? option.choices : undefined) ?? []
  const errors = choices.flatMap(({ name }, index) =>
    checkLength(name, `${at}.choices.${index}.name`, 1, 100),
  )
  if (choices.length > 25) {
    errors.push({
      at: `${at}.choices`,
      code: 'BASE_TYPE_MAX_LENGTH',
      message: 'Must be 25 or fewer in length.',
    })
  }
  if (choices.length > 0 && 'autocomplete' in option && option.autocomplete === true) {
    const message = 'Autocomplete and choices are mutually exclusive'
    errors.push({ at, code: 'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES', message })
  }
  return errors
}

/** Names, descriptions and values, all together. */
function size(command: Json): number {
  const text = (value: unknown): number => (typeof value === 'string' ? countCharacters(value) : 0)
  const inner = [command.options, command.choices].flatMap((list) => (list ?? []) as readonly Json[])
  const own = text(command.name) + text(command.description) + text(command.value)
  return inner.reduce((sum, part) => sum + size(part), own)
}

export function commandFrom(
  id: string,
  applicationId: string,
  version: string,
  body: Json,
): APIApplicationCommand {
  return {
    ...body,
    id,
    application_id: applicationId,
    version,
    type: body.type ?? ApplicationCommandType.ChatInput,
    description: body.description ?? '',
    default_member_permissions: body.default_member_permissions ?? null,
    nsfw: body.nsfw ?? false,
    integration_types: body.integration_types ?? [0, 1],
    contexts: body.contexts ?? null,
    dm_permission: body.dm_permission ?? true,
  } as unknown as APIApplicationCommand
}
