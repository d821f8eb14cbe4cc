import type { AdapterLimits } from '../core/adapter.ts'
import type { Author, RoomKey } from '../core/conversation.ts'
import type { CommandEvent } from '../core/events.ts'
import type { FactContent, KnownFact } from '../core/fact.ts'
import type { ParticipantId, PersonaId } from '../core/ids.ts'
import type {
  Forgetting,
  MemoryRefs,
  OwnFacts,
  OwnMemory,
  OwnWishes,
  Receipt,
  Wishes,
} from '../core/memory.ts'
import type { Doorway } from '../core/store.ts'
import { cleanText } from '../core/text.ts'
import { claimsRights } from '../memory/gate-statement.ts'
import {
  confirmLine,
  factLine,
  isYes,
  listText,
  noRights,
  numbersIn,
  onlyAlone,
  pausedText,
  saidLine,
  sharedText,
  topicOf,
  usage,
  whyText,
} from './memory-words.ts'

export interface MemoryCommandTools {
  readonly own: OwnMemory
  readonly now: () => Date
}

type WriteTools = Pick<MemoryCommandTools, 'now'> & { readonly own: OwnFacts }

/** A person's list is read on a screen. */
const shownMost = 25
const statementCharacters = 500
/** Words that are shown, and go, at once. */
const forgottenMost = 50

/** Carries out `memory …`: what is told of it, to whoever gave it alone. Throws `HearthError`. */
export async function memoryCommand(
  event: CommandEvent,
  doorway: Doorway,
  limits: Pick<AdapterLimits, 'answersAlone'>,
  tools: MemoryCommandTools,
): Promise<string> {
  if (event.room.kind === 'group' && !limits.answersAlone) return onlyAlone
  const { own } = tools
  const found = await own.find(doorway, event)
  if (found === undefined) return 'I know nothing of you yet.'
  const { person, room } = found
  const { externalId: command } = event
  const receipt: KeepReceipt = (tell) => (command === undefined ? undefined : { room, command, tell })
  const before = command === undefined ? undefined : await own.readTold({ room, command })
  if (before !== undefined) return before
  const wish = async (wishes: Partial<Wishes>, text: string) => {
    await own.setWishes(
      person,
      wishes,
      receipt(() => text),
    )
    return text
  }
  const [, part = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(cleanText(event.text ?? '').trim()) ?? []
  switch (part.toLowerCase()) {
    case 'list':
      return await list(person, rest, own)
    case 'why':
      return whyText(await own.readRecalled(person, room))
    case 'forget':
      return await forget(person, room, rest, receipt, own)
    case 'correct':
      return await correct(person, doorway.persona, rest, receipt, tools)
    case 'pin':
      return await pin(person, rest, receipt, own)
    case 'remember':
      return await remember(person, doorway.persona, rest, receipt, tools)
    case 'pause':
      return await wish({ remembering: false }, pausedText)
    case 'resume':
      return await wish({ remembering: true }, 'I remember what you tell me again.')
    case 'share': {
      const shared = !(await own.readWishes(person)).shared
      return await wish({ shared }, shared ? sharedText : 'Nobody but you sees what I remember of you.')
    }
    default:
      return usage
  }
}

/** Makes what a change is written down with, so that it is done once. */
type KeepReceipt = <Outcome>(tell: (outcome: Outcome) => string) => Receipt<Outcome> | undefined

async function list(person: ParticipantId, topic: string, own: OwnFacts & OwnWishes): Promise<string> {
  const [facts, { remembering }] = await Promise.all([own.readFacts(person), own.readWishes(person)])
  const meant = facts.filter((fact) => !fact.superseded && topicOf(topic)(fact.statement))
  const paused = remembering ? '' : '\nI am remembering nothing new: memory resume changes that.'
  return `${listText(meant.map(factLine), topic, shownMost)}${paused}`
}

/** First shows what would go, with the words that it came from; then, at a yes, it goes. */
async function forget(
  person: ParticipantId,
  room: RoomKey,
  what: string,
  receipt: KeepReceipt,
  own: OwnFacts & Forgetting,
): Promise<string> {
  if (isYes(what)) return toldOfYes(await own.forgetProposed(person, room, receipt(toldOfYes)))
  if (what === '') return 'Say what: memory forget 12, or memory forget and what it is about.'
  const meant = pick(await own.readFacts(person), what)
  const facts = meant.map(({ id }) => id)
  const made = await own.readSources(person, facts)
  const isTopic = numbersIn(what).length === 0 && /[\p{L}\p{N}]/u.test(what)
  // Also what nothing was made of: it would come to mind again.
  const found = isTopic ? await own.findSaid(person, topicOf(what), forgottenMost + 1) : []
  const said = found.slice(-forgottenMost).filter(({ id }) => !made.some((each) => each.id === id))
  const sources = [...made, ...said]
  if (meant.length + sources.length === 0) return 'I remember nothing like that.'
  const proposal: MemoryRefs = { facts, messages: sources.map(({ owner, id }) => ({ owner, id })) }
  await own.propose(person, room, proposal)
  const part = (title: string, by: Author['kind']) => {
    const lines = sources.filter(({ author }) => author.kind === by).map(saidLine)
    return lines.length === 0 ? [] : [title, ...lines]
  }
  return [
    'This would go for good:',
    ...meant.map(factLine),
    ...part('and what you said of it, with the answers to that:', 'participant'),
    ...part('and what was said to you of it:', 'persona'),
    ...(found.length > forgottenMost ? ['There is more, further back: say it again when this is gone.'] : []),
    confirmLine,
  ].join('\n')
}

const toldOfYes = (forgotten: boolean) =>
  forgotten ? 'Forgotten.' : 'I do not know what you say yes to any more. Say again what I should forget.'

async function correct(
  person: ParticipantId,
  persona: PersonaId,
  text: string,
  receipt: KeepReceipt,
  { own, now }: WriteTools,
): Promise<string> {
  const [, number = '', statement = ''] = /^#?(\d+)\W*\s(.+)$/s.exec(text) ?? []
  const fact = (await own.readFacts(person)).find(
    (each) => each.number === Number(number) && !each.superseded,
  )
  if (fact === undefined) return 'Say which, by its number, and how it is: memory correct 12 I live in Graz.'
  if (claimsRights(statement)) return noRights
  const content: FactContent = {
    ...fact,
    statement: oneLine(statement),
    quote: '',
    saidAt: now(),
    validFrom: undefined,
    validTo: undefined,
  }
  return told(await own.add(person, content, [fact.id], persona, receipt(told)))
}

async function pin(
  person: ParticipantId,
  about: string,
  receipt: KeepReceipt,
  own: OwnFacts,
): Promise<string> {
  // In words nobody says it a second time to have it the other way round.
  const [, always, rest = ''] = /^(always\s+)?(.*)$/s.exec(about) ?? []
  const [number] = numbersIn(rest)
  const fact = (await own.readFacts(person)).find((each) => each.number === number)
  if (fact === undefined) return 'Say which, by its number: memory pin 12.'
  const pinned = always !== undefined || !fact.pinned
  const text = pinned
    ? `I keep ${fact.number} in mind whatever we speak of.`
    : `I call ${fact.number} to mind when it fits, as everything else.`
  await own.setPinned(
    person,
    fact.id,
    pinned,
    receipt(() => text),
  )
  return text
}

async function remember(
  person: ParticipantId,
  persona: PersonaId,
  text: string,
  receipt: KeepReceipt,
  { own, now }: WriteTools,
): Promise<string> {
  const statement = text.replace(/^(that|dass|que|che)\s+/i, '')
  if (statement === '') return 'Say what: memory remember I am allergic to nuts.'
  if (claimsRights(statement)) return noRights
  const content: FactContent = {
    statement: oneLine(statement),
    about: { kind: 'speaker' },
    kind: 'attribute',
    quote: '',
    saidAt: now(),
    validFrom: undefined,
    validTo: undefined,
    importance: 3,
    sensitivity: 'none',
  }
  return told(await own.add(person, content, [], persona, receipt(told)))
}

/** A fact is a line of the prompt, among others. */
const oneLine = (text: string) => text.replace(/\s+/g, ' ').slice(0, statementCharacters).toWellFormed()

const told = (number: number | undefined) =>
  number === undefined
    ? 'I am remembering nothing new: say memory resume first.'
    : `I remember that, as number ${number}.`

/** By their numbers, or by what they are about. */
function pick(facts: readonly KnownFact[], what: string): readonly KnownFact[] {
  const numbers = numbersIn(what)
  if (numbers.length > 0) return facts.filter(({ number }) => numbers.includes(number))
  return facts.filter(({ statement, quote }) => topicOf(what)(`${statement}\n${quote}`))
}
