import type { Entry, Place, Reason, Speaker } from './entry.ts'
import { fromNewToOld, tooManyChanges } from './errors.ts'

/** Bounds on what a hostile file can make us keep. */
const speakersMost = 10_000
const conversationsMost = 100_000
const changesMostChars = 16 << 20
/** Of ids and names; what is longer belongs to nobody. */
const nameMostChars = 300
const placesShown = 5

export interface FoundSpeaker extends Speaker {
  readonly messages: number
}

/** What a first reading finds out, before anything is taken in. */
export interface Survey {
  readonly messages: number
  readonly speakers: readonly FoundSpeaker[]
  /** The first dates of conversations, for messages before them that have none. */
  readonly begun: ReadonlyMap<string, Date>
  /** The latest words of what was edited, by message. */
  readonly edits: ReadonlyMap<string, { readonly speaker: string; readonly text: string }>
  readonly deleted: ReadonlySet<string>
  readonly unreadable: { readonly count: number; readonly first: readonly Place[] }
}

interface Course {
  first: number
  last: number
  forward: number
  backward: number
}

/** Reads all of it. Throws `HearthError`: `import-reversed`, `import-too-many-changes`, and what reading throws. */
export async function survey(entries: AsyncIterable<Entry>): Promise<Survey> {
  const speakers = new Map<string, { names: Set<string>; role: Speaker['role']; messages: number }>()
  const names = new Map<string, string>()
  const courses = new Map<string, Course>()
  const edits = new Map<string, { readonly speaker: string; readonly text: string }>()
  const deleted = new Set<string>()
  const places: Place[] = []
  let [messages, unreadable, changesChars] = [0, 0, 0]

  function heard({ speaker, conversation, at }: Extract<Entry, { kind: 'said' }>): void {
    messages++
    const known = speakers.get(speaker.id)
    if (known !== undefined) {
      known.messages++
      // Somebody may have been called otherwise in the meantime.
      if (known.names.size < 20) for (const name of speaker.names) known.names.add(shortened(name))
    } else if (speakers.size < speakersMost && speaker.id.length <= nameMostChars) {
      const own = new Set(speaker.names.map(shortened))
      speakers.set(speaker.id, { names: own, role: speaker.role, messages: 1 })
    }
    if (at !== undefined) follow(courses, conversation, at.getTime())
  }

  function changed(chars: number): void {
    changesChars += chars
    // What was deleted, or said otherwise, must not come in for want of room.
    if (changesChars > changesMostChars) throw tooManyChanges()
  }

  for await (const entry of entries) {
    switch (entry.kind) {
      case 'said':
        heard(entry)
        break
      case 'named':
        if (names.size < speakersMost && entry.speaker.length <= nameMostChars)
          names.set(entry.speaker, shortened(entry.name))
        break
      case 'edit':
        changed(entry.target.length + entry.text.length)
        edits.set(entry.target, entry)
        break
      case 'deletion':
        changed(entry.target.length)
        deleted.add(entry.target)
        break
      case 'left-out':
        if (!isUnreadable(entry.reason)) break
        if (unreadable++ < placesShown) places.push(entry.place)
    }
  }
  if ([...courses.values()].some(isReversed)) throw fromNewToOld()
  return {
    messages,
    speakers: [...speakers].map(([id, { names: own, role, messages: count }]) => {
      const name = names.get(id)
      const all = name === undefined ? [...own] : [name, ...own]
      return { id, names: all, messages: count, ...(role === undefined ? {} : { role }) }
    }),
    begun: new Map([...courses].map(([conversation, { first }]) => [conversation, new Date(first)])),
    edits,
    deleted,
    unreadable: { count: unreadable, first: places },
  }
}

const shortened = (name: string): string => name.slice(0, nameMostChars)

const isUnreadable = (reason: Reason): boolean => reason === 'unreadable' || reason === 'too-long'

function follow(courses: Map<string, Course>, conversation: string, at: number): void {
  const course = courses.get(conversation)
  if (course === undefined) {
    if (courses.size < conversationsMost)
      courses.set(conversation, { first: at, last: at, forward: 0, backward: 0 })
    return
  }
  if (at > course.last) course.forward++
  else if (at < course.last) course.backward++
  course.last = at
}

/** Single messages may have wrong clocks: all of it must run backwards. */
const isReversed = ({ forward, backward }: Course): boolean => backward >= 3 && forward === 0
