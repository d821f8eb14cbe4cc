import type { Platform } from '../core/conversation.ts'
import { configError, type HearthError } from '../core/errors.ts'
import { externalId } from '../core/ids.ts'
import type { MemoryCounts } from '../core/memory.ts'
import type { Store } from '../store/store.ts'
import { factLine } from '../turn/memory-words.ts'

/** `memory status`: how much is remembered, and whether the work on it keeps up. */
export function statusText(counts: MemoryCounts, now: Date): string {
  const vectors = [...counts.vectors].map(([model, count]) => `${amount(count)} by ${model}`)
  const lines: readonly (readonly [string, string])[] = [
    ['people', `${amount(counts.people)}, of whom ${amount(counts.paused)} have paused it`],
    ['messages', amount(counts.messages)],
    ['facts', `${amount(counts.facts)}, of which ${amount(counts.superseded)} are not true any more`],
    ['episodes', amount(counts.episodes)],
    ['months', amount(counts.months)],
    ['summaries', amount(counts.summaries)],
    ['vectors', vectors.join(', ') || 'none'],
    ['to be read', `${amount(counts.newMessages)} messages in ${amount(counts.waitingRooms)} rooms`],
  ]
  return [
    ...lines.map(([name, text]) => `${name.padEnd(11)} ${text}`),
    ...(counts.waitingSince === undefined
      ? []
      : [`${'waiting'.padEnd(11)} for ${minutes(counts.waitingSince, now)} minutes at most`]),
    ...(counts.passedOver.size === 0
      ? []
      : [`passed over ${passedOver(counts.passedOver)}: the model made nothing of them.`]),
    ...(counts.failingRooms === 0
      ? []
      : [`${amount(counts.failingRooms)} rooms could not be read, and are tried again. The log says why.`]),
  ].join('\n')
}

/** `memory show`: what is remembered of somebody who has allowed it. Throws `HearthError`: `nobody`, `not-shared`. */
export async function showText(
  { own, people }: Pick<Store, 'own' | 'people'>,
  platform: Platform,
  person: string,
): Promise<string> {
  const id = await people.find(platform, externalId(person))
  if (id === undefined) throw nobody(person)
  if (!(await own.readWishes(id)).shared) throw notShared(person)
  const facts = await own.readFacts(id)
  return facts.length === 0 ? 'Nothing is remembered of them.' : facts.map(factLine).join('\n')
}

const passedOver = (byReason: ReadonlyMap<string, number>) =>
  [...byReason].map(([reason, count]) => `${amount(count)} (${reason})`).join(', ')

const amount = (count: number) => count.toLocaleString('en')
const minutes = (since: Date, now: Date) =>
  amount(Math.max(0, Math.round((now.getTime() - since.getTime()) / 60_000)))

const nobody = (person: string): HearthError =>
  configError(`Nobody has spoken here as ${person}.`, {
    code: 'nobody',
    mend: 'Give the id as the platform shows it: @ada:home, a Discord user id, or what /whoami says at a terminal.',
  })

const notShared = (person: string): HearthError =>
  configError(`${person} has not allowed anybody to see what is remembered of them.`, {
    code: 'not-shared',
    mend: 'They can: by the command memory share, in their own conversation.',
  })
