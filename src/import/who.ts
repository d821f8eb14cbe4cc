import { configError, type HearthError } from '../core/errors.ts'
import { cleanName } from '../core/text.ts'
import type { FoundSpeaker } from './survey.ts'

/** What is known before the file is read. */
export interface Hints {
  /** The person's id on the platform, and the names under which they speak in the file, where given. */
  readonly person: string
  readonly personNames: readonly string[]
  /** What the persona is called: its own names, and those it has in the file, where given. */
  readonly persona: readonly string[]
  readonly personaNames: readonly string[]
}

/** The ids of speakers. */
export interface Cast {
  readonly person: ReadonlySet<string>
  readonly persona: ReadonlySet<string>
}

const shownMost = 20

/**
 * Who in the file is the person, and who the persona: as it was given; else as the format, an id or a name says;
 * else as whoever is left over. There may be no persona, where nobody but the person speaks.
 * Throws `HearthError`: `import-who`.
 */
export function whoIsWho(speakers: readonly FoundSpeaker[], hints: Hints): Cast {
  const person = given(speakers, hints.personNames, '--as') ?? knownPerson(speakers, hints)
  const persona = given(speakers, hints.personaNames, '--persona-as') ?? knownPersona(speakers, hints)
  const persons = person ?? leftOver(speakers, persona)
  const personas = persona ?? (speakers.length === persons?.length ? [] : leftOver(speakers, persons))
  if (persons === undefined) throw askWho(speakers, 'the person', '--as')
  if (personas === undefined) throw askWho(speakers, 'the persona', '--persona-as')
  if (persons.some((each) => personas.includes(each))) {
    throw askWho(speakers, 'the person and who the persona', '--as')
  }
  return { person: new Set(persons.map(({ id }) => id)), persona: new Set(personas.map(({ id }) => id)) }
}

type Some = readonly FoundSpeaker[]

const some = (found: Some): Some | undefined => (found.length > 0 ? found : undefined)
const only = (found: Some): Some | undefined => (found.length === 1 ? found : undefined)

export const same = (a: string, b: string) => cleanName(a).toLowerCase() === cleanName(b).toLowerCase()

const called = (speakers: Some, names: readonly string[]): Some =>
  speakers.filter((each) => names.some((name) => [each.id, ...each.names].some((own) => same(own, name))))

function given(speakers: Some, names: readonly string[], option: string): Some | undefined {
  for (const name of names) {
    if (called(speakers, [name]).length === 0) throw nobodyCalled(speakers, name, option)
  }
  return names.length === 0 ? undefined : called(speakers, names)
}

function knownPerson(speakers: Some, { person }: Hints): Some | undefined {
  return some(speakers.filter(({ id, role }) => role === 'person' || id === person))
}

/** A chat with several characters has several companions: one of them must have the persona's name. */
function knownPersona(speakers: Some, { persona }: Hints): Some | undefined {
  const others = speakers.filter(({ role }) => role !== 'person')
  return (
    some(called(others, persona)) ??
    only(others.filter(({ role }) => role === 'companion')) ??
    only(others.filter(({ role }) => role === 'program'))
  )
}

/** Two speak, and who one of them is, is known. */
function leftOver(speakers: Some, others: Some | undefined): Some | undefined {
  return others === undefined ? undefined : only(speakers.filter((each) => !others.includes(each)))
}

const listed = (speakers: Some): string => {
  const shown = [...speakers].sort((a, b) => b.messages - a.messages).slice(0, shownMost)
  const names = shown.map(({ id, names: [name = id], messages }) => `  ${cleanName(name)} (${messages})`)
  const more = speakers.length > shownMost ? [`  and ${speakers.length - shownMost} more`] : []
  return [...names, ...more].join('\n')
}

function askWho(speakers: Some, whom: string, option: string): HearthError {
  return configError(
    `Who in the file is ${whom} cannot be told. In it speak, with so many messages:\n${listed(speakers)}`,
    {
      code: 'import-who',
      mend: `Name the person with --as "<name>", and the persona with --persona-as "<name>"; here ${option} is missing or wrong. Each may be given several times.`,
    },
  )
}

function nobodyCalled(speakers: Some, name: string, option: string): HearthError {
  return configError(
    `Nobody in the file is called ${JSON.stringify(cleanName(name))}. In it speak, with so many messages:\n${listed(speakers)}`,
    { code: 'import-who', mend: `Give one of these names with ${option}.` },
  )
}
