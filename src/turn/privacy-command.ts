import { archiveName, makeArchive } from '../archive/archive.ts'
import type { AdapterLimits } from '../core/adapter.ts'
import type { HandedFile } from '../core/attachment.ts'
import type { CommandEvent } from '../core/events.ts'
import type { ParticipantId, PersonaId } from '../core/ids.ts'
import type { OwnWishes } from '../core/memory.ts'
import type { Observer } from '../core/observer.ts'
import type { KeptPeople } from '../core/people.ts'
import type { Persona } from '../core/persona.ts'
import type { Doorway } from '../core/store.ts'
import { cleanText } from '../core/text.ts'
import { isYes, onlyAlone } from './memory-words.ts'
import {
  certificateText,
  eraseText,
  handedText,
  handedWithoutMedia,
  notAsked,
  nothingKept,
  privacyUsage,
  showText,
  tooLarge,
} from './privacy-words.ts'

export interface PrivacyCommandTools {
  readonly own: OwnWishes
  readonly people: KeptPeople
  readonly observer: Pick<Observer, 'erased'>
  readonly personas: ReadonlyMap<PersonaId, Persona>
  readonly now: () => Date
}

/** What is told of a command, and handed out with it. */
export interface Told {
  readonly text: string
  readonly attachment?: HandedFile
}

/** What Discord takes from a bot; other platforms take more. */
const fileMostBytes = 9 * 1024 * 1024

/** Carries out `privacy …`: what is told of it, to whoever gave it alone. Throws `HearthError`. */
export async function privacyCommand(
  event: CommandEvent,
  doorway: Doorway,
  limits: Pick<AdapterLimits, 'answersAlone' | 'operator'>,
  tools: PrivacyCommandTools,
): Promise<string | Told> {
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
    case 'export':
      // A file is no answer that one of many is shown alone.
      if (event.room.kind === 'group') return onlyAlone
      return await hand(person, limits.operator ? Number.POSITIVE_INFINITY : fileMostBytes, tools)
    case 'erase':
      return await erase(person, rest, tools)
    default:
      return privacyUsage
  }
}

async function hand(
  person: ParticipantId,
  mostBytes: number,
  { people, personas, now }: PrivacyCommandTools,
): Promise<string | Told> {
  const data = await people.read(person, [...personas.keys()])
  if (data === undefined) return nothingKept
  const whole = makeArchive(data, now(), true)
  const small = whole.length <= mostBytes ? whole : makeArchive(data, now(), false)
  if (small.length > mostBytes) return tooLarge
  return {
    text: small === whole ? handedText : handedWithoutMedia,
    attachment: { kind: 'file', name: archiveName, mediaType: 'application/zip', bytes: small },
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
