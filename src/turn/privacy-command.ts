import type { AdapterLimits } from '../core/adapter.ts'
import type { CommandEvent } from '../core/events.ts'
import type { OwnMemory } from '../core/memory.ts'
import type { KeptPeople } from '../core/people.ts'
import type { Doorway } from '../core/store.ts'
import { cleanText } from '../core/text.ts'
import { onlyAlone } from './memory-words.ts'
import { nothingKept, privacyUsage, showText } from './privacy-words.ts'

export interface PrivacyCommandTools {
  readonly own: OwnMemory
  readonly people: KeptPeople
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
  const person = await own.findPerson(doorway.platform, event.sender.externalId)
  if (person === undefined) return nothingKept
  const [part = ''] = cleanText(event.text ?? '')
    .trim()
    .split(/\s/)
  switch (part.toLowerCase()) {
    case '':
    case 'show': {
      const [counts, wishes] = await Promise.all([people.count(person), own.readWishes(person)])
      return counts === undefined ? nothingKept : showText(counts, wishes)
    }
    default:
      return privacyUsage
  }
}
