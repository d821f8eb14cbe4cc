import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Adapter, DeliveryKey } from '../core/adapter.ts'
import { HearthError } from '../core/errors.ts'
import { type CommandEvent, commands } from '../core/events.ts'
import { newUuid, type PersonaId } from '../core/ids.ts'
import type { OwnMemory } from '../core/memory.ts'
import type { Generator } from '../core/model.ts'
import type { Persona } from '../core/persona.ts'
import type { ChangeCommand, CommandOutcome, Doorway, Inbox } from '../core/store.ts'
import { cleanName } from '../core/text.ts'
import { type MannersCommandTools, mannersCommand } from './manners-command.ts'
import { type MeAsCommandTools, meAsCommand } from './me-as-command.ts'
import { type MemoryCommandTools, memoryCommand } from './memory-command.ts'
import { outcomeSentence } from './notices.ts'
import { type PrivacyCommandTools, privacyCommand, type Told } from './privacy-command.ts'
import { fileRefused, notPrivate } from './privacy-words.ts'
import { type PromptCommandTools, promptCommand } from './prompt-command.ts'
import { split } from './split.ts'
import { type UnpromptedCommandTools, unpromptedCommand } from './unprompted-command.ts'

const noticeTimeoutMs = 10_000
const fileTimeoutMs = 60_000
/** The last of a reply is shown a moment before its turn is closed: who asks for another one then is in time. */
const endingMs = 2_000
const endingPollMs = 25

export interface CommandTools
  extends MannersCommandTools,
    MeAsCommandTools,
    MemoryCommandTools,
    PrivacyCommandTools,
    PromptCommandTools,
    UnpromptedCommandTools {
  readonly own: OwnMemory
  readonly inbox: Inbox
  readonly generator: Generator
  readonly personas: ReadonlyMap<PersonaId, Persona>
}

/** Carries a command out. What it leads to is shown by the turn; what it does not lead to, by a notice. */
export async function receiveCommand(
  event: CommandEvent,
  adapter: Adapter,
  doorway: Doorway,
  tools: CommandTools,
): Promise<void> {
  const key = noticeKey(event)
  const told = asTold(await carryOut(event, adapter, doorway, tools))
  if (told === undefined) return
  if (told.attachment === undefined) await tell(event, adapter, key, told.text)
  else await handOut(event, adapter, key, told)
}

const asTold = (told: string | Told | undefined): Told | undefined =>
  typeof told === 'string' ? { text: told } : told

async function tell(event: CommandEvent, adapter: Adapter, key: DeliveryKey, text: string): Promise<void> {
  const { externalId: answers } = event
  for (const [index, part] of split(text, adapter.limits.messageChars).entries()) {
    const content = { text: part, kind: 'notice', final: true, ...(answers && { answers }) } as const
    const { id } = key
    const own = { ...key, id: index === 0 ? id : `${id}.${index}` }
    await adapter.send(event.room, content, own, AbortSignal.timeout(noticeTimeoutMs))
  }
}

/** The file is a message of its own, and in its place a sentence where the platform does not take it. */
async function handOut(event: CommandEvent, adapter: Adapter, key: DeliveryKey, told: Told): Promise<void> {
  const content = { ...told, kind: 'notice', final: true } as const
  try {
    await adapter.send(event.room, content, key, AbortSignal.timeout(fileTimeoutMs))
  } catch (error) {
    const sentence = error instanceof HearthError ? refusedFile[error.code] : undefined
    if (sentence === undefined) throw error
    await tell(event, adapter, { ...key, id: `${key.id}.refused` }, sentence)
  }
}

const refusedFile: Readonly<Record<string, string>> = {
  'not-private': notPrivate,
  'file-refused': fileRefused,
}

/** A command that comes again has the same notice, and does not show it a second time. */
function noticeKey({ room, externalId, at }: CommandEvent) {
  if (externalId === undefined) return { id: `command.${newUuid()}`, firstTriedAt: new Date() }
  const name = createHash('sha256').update(`${room.externalId} ${externalId}`).digest('hex').slice(0, 32)
  return { id: `command.${name}`, firstTriedAt: Number.isNaN(at.getTime()) ? new Date() : at }
}

async function carryOut(
  event: CommandEvent,
  adapter: Adapter,
  doorway: Doorway,
  tools: CommandTools,
): Promise<string | Told | undefined> {
  switch (event.name) {
    case 'help':
      return commands
        .map(({ name, summary, emoji }) => `${name}${emoji === undefined ? '' : ` (${emoji})`}: ${summary}`)
        .join('\n')
    case 'persona':
      return await introduction(tools, doorway)
    case 'whoami':
      return whoIs(event, adapter, tools)
    case 'me-as':
      return await meAsCommand(event, doorway, tools)
    case 'memory':
      return await memoryCommand(event, doorway, adapter.limits, tools)
    case 'manners':
      return await mannersCommand(event, doorway, tools)
    case 'unprompted':
      return await unpromptedCommand(event, doorway, tools)
    case 'privacy':
      return await privacyCommand(event, doorway, adapter.limits, tools)
    case 'prompt':
      return await promptCommand(event, doorway, adapter.limits, tools)
    default: {
      const { name } = event
      return outcomeSentence(await change({ ...event, name }, doorway, tools.inbox), adapter.limits.canEdit)
    }
  }
}

async function change(command: ChangeCommand, doorway: Doorway, inbox: Inbox): Promise<CommandOutcome> {
  for (let waitedMs = 0; ; waitedMs += endingPollMs) {
    const outcome = await inbox.command(doorway, command)
    if (outcome !== 'ending' || waitedMs >= endingMs) return outcome
    await sleep(endingPollMs)
  }
}

/** Says so also where the model is away, and does not wait for it for long. */
async function introduction({ generator, personas }: CommandTools, { persona }: Doorway): Promise<string> {
  const { name = persona, model } = personas.get(persona) ?? {}
  const written = await generator.info(model?.name, AbortSignal.timeout(noticeTimeoutMs)).then(
    (info) => `Its words are written by the model ${info.name}.`,
    () => 'The model that writes its words does not answer just now.',
  )
  return `${name} speaks here. ${name} is an AI, and no human. ${written}`
}

function whoIs({ sender }: CommandEvent, { account, limits }: Adapter, tools: CommandTools): string {
  const runs = limits.operator || tools.isOperator(account.platform, sender.externalId)
  const role = runs ? ' You run this Hearth.' : ''
  return `You are ${cleanName(sender.displayName)}, known on ${account.platform} as ${cleanName(sender.externalId)}.${role}`
}
