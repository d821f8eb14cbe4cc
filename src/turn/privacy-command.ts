import type { AdapterLimits } from '../core/adapter.ts'
import type { CommandEvent } from '../core/events.ts'
import type { ParticipantId } from '../core/ids.ts'
import type { OwnMemory } from '../core/memory.ts'
import type { Observer } from '../core/observer.ts'
import type { KeptPeople } from '../core/people.ts'
import type { Doorway } from '../core/store.ts'
import { cleanText } from '../core/text.ts'
import { isYes, onlyAlone } from './memory-words.ts'
import { certificateText, eraseText, notAsked, nothingKept, privacyUsage, showText } from './privacy-words.ts'

export interface PrivacyCommandTools {
  readonly own: OwnMemory
  readonly people: KeptPeople
  readonly observer: Pick<Observer, 'erased'>
}

/** Carries out `privacy …`: what is told of it, to whoever gave it alone. Throws `HearthError`. */
export async function privacyCommand(
  event: CommandEvent,
  doorway: Doorway,
  limits: Pick<AdapterLimits, 'answersAlone'>,
  tools: PrivacyCommandTools,
): Promise<string> {
  if (event.room.kind === 'group' && !limits.answersAlone) return onlyAlone
  const { own, people } = tools
  const person = await people.find(doorway.platform, event.sender.externalId)
  if (person === undefined) return nothingKept
  const [, part = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(cleanText(event.text ?? '').trim()) ?? []
  switch (part.toLowerCase()) {
    case '':
    case 'show': {
      const [counts, wishes] = await Promise.all([people.count(person), own.readWishes(person)])
      return counts === undefined ? nothingKept : showText(counts, wishes)
    }
    case 'erase':
      return await erase(person, rest, tools)
    default:
      return privacyUsage
  }
}

/** First shows what would go; then, at a yes, it goes. */
async function erase(
  person: ParticipantId,
  answer: string,
  { people, observer }: PrivacyCommandTools,
): Promise<string> {
  if (!isYes(answer)) {
    const counts = await people.count(person)
    if (counts === undefined) return nothingKept
    await people.proposeErasure(person)
    return eraseText(counts)
  }
  if (!(await people.takeErasure(person))) return notAsked
  const certificate = await people.erase(person)
  if (certificate === undefined) return nothingKept
  observer.erased(certificate)
  return certificateText(certificate)
}
