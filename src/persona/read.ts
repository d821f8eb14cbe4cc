import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type PersonaId, personaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import { readAvatar } from './avatar.ts'
import { personaOfCard } from './card/to-persona.ts'
import { cardPathIn, readCardFile } from './card-file.ts'
import { errnoOf, fileProblem } from './errors.ts'
import { badFolderName, missingFile, strayFile } from './folder-problems.ts'
import { bookFor } from './lore/only-for.ts'
import { readLoreFolder, readSharedLore, sharedLoreFolder } from './lore-folder.ts'
import { readPersonaYaml } from './persona-yaml.ts'
import { idOf, personaFile, shownPath } from './place.ts'
import type { PersonaProblem } from './problem.ts'
import { type PersonaFields, personaSchema, withoutEmptyFields } from './schema.ts'
import { sentencesFor } from './sentences.ts'
import { readTextFile } from './text-file.ts'
import { tooLong, tooMuchLore } from './too-long.ts'

/** Some 16,000 tokens of English. The slowest hostile file of this size took 1.1 s on one busy core. */
export const mostFileBytes = 64 * 1024
/** A file with more than this is best mended from the top. */
const mostProblems = 20

export type PersonaReading =
  | { readonly ok: true; readonly persona: Persona; readonly notes?: readonly PersonaNote[] }
  | { readonly ok: false; readonly problems: readonly PersonaProblem[] }

/** Nothing that is wrong, but that somebody should know. */
export type PersonaNote = Pick<PersonaProblem, 'file' | 'message'>

export interface PersonaReadings {
  /** In the order of their folders' names. */
  readonly personas: readonly Persona[]
  readonly problems: readonly PersonaProblem[]
  readonly notes: readonly PersonaNote[]
}

/**
 * Reads every persona below `folder`, and finds all problems of all files together.
 * Files beside the folders and names that begin with a dot are left alone.
 * Throws only what the aborted signal throws, or a failure of the machine that nobody can mend here.
 */
export async function readPersonas(folder: string, signal: AbortSignal): Promise<PersonaReadings> {
  const shown = shownPath(folder)
  let entries: readonly string[]
  try {
    entries = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  } catch (error) {
    return { personas: [], problems: [fileProblem(error, shown)], notes: [] }
  }
  const personas: Persona[] = []
  const problems: PersonaProblem[] = []
  const notes: PersonaNote[] = []
  for (const name of entries) {
    signal.throwIfAborted()
    if (name === sharedLoreFolder) continue
    const path = join(folder, name)
    if (!(await isFolder(path))) {
      if (/\.ya?ml$/i.test(name)) problems.push(strayFile(path))
      continue
    }
    const reading = await readPersona(path, signal)
    if (reading.ok) {
      personas.push(reading.persona)
      notes.push(...(reading.notes ?? []))
    } else problems.push(...reading.problems.filter((each) => !isToldAlready(each, problems)))
  }
  if (personas.length === 0 && problems.length === 0) {
    problems.push({
      file: shown,
      message: 'there is no persona in this folder',
      mend: 'Run: npx hearth persona new <name>, or correct `personas` in hearth.yaml.',
    })
  }
  return { personas, problems, notes }
}

/** What is wrong with a shared book is so for every persona. */
const isToldAlready = (problem: PersonaProblem, told: readonly PersonaProblem[]): boolean =>
  told.some(({ file, message }) => file === problem.file && message === problem.message)

/**
 * Reads `<folder>/persona.yaml`, or the card beside it, or both: then the file says what is other than on the card.
 * The folder's name is the persona's id, unless `as` is given. Throws as `readPersonas` does.
 */
export async function readPersona(
  folder: string,
  signal: AbortSignal,
  as?: PersonaId,
): Promise<PersonaReading> {
  const id = as ?? idOf(folder)
  const problems: PersonaProblem[] = id === undefined ? [badFolderName(folder)] : []
  const path = join(folder, personaFile)
  const entries = await readdir(folder).catch(() => [])
  const cardPath = cardPathIn(folder, entries)
  const bare = await isMissing(path)
  if (bare && cardPath === undefined) return { ok: false, problems: [...problems, await missingFile(folder)] }
  const base = cardPath === undefined ? undefined : await personaInCard(cardPath, id ?? fallbackId, signal)
  if (base?.ok === false) return { ok: false, problems: [...problems, ...base.problems] }
  const read = bare ? undefined : await personaInFile(path, id ?? fallbackId, base?.persona, signal)
  const reading = read?.ok !== false && base !== undefined ? { ...base, ...read } : read
  if (id === undefined || reading === undefined || !reading.ok) {
    return { ok: false, problems: [...problems, ...(reading?.ok === false ? reading.problems : [])] }
  }
  return withCompany(reading, folder, entries, signal)
}

/** A card alone, wherever it lies. Throws as `readPersonas` does. */
export async function personaInCard(
  path: string,
  id: PersonaId,
  signal: AbortSignal,
): Promise<PersonaReading> {
  const reading = await readCardFile(path, signal)
  if (!reading.ok) return { ok: false, problems: [reading.problem] }
  const { file } = reading
  const { persona, notes } = personaOfCard(reading.card, id)
  const problem = tooLong(persona, file)
  if (problem !== undefined) return { ok: false, problems: [problem] }
  return { ok: true, persona, notes: notes.map((message) => ({ file, message })) }
}

async function personaInFile(
  path: string,
  id: PersonaId,
  base: Persona | undefined,
  signal: AbortSignal,
): Promise<PersonaReading> {
  const source = await readTextFile(path, shownPath(path), mostFileBytes, signal)
  if (!source.ok) return { ok: false, problems: [source.problem] }
  return personaFrom(source.text, id, shownPath(path), base)
}

/** With the picture and the books that stand beside it. */
async function withCompany(
  { persona, ...rest }: Extract<PersonaReading, { ok: true }>,
  folder: string,
  entries: readonly string[],
  signal: AbortSignal,
): Promise<PersonaReading> {
  const avatar = await readAvatar(folder, entries, signal)
  const { books, problems } = await readLoreFolder(folder, entries, signal)
  const shared = await readSharedLore(folder, signal)
  const all = [
    ...(avatar !== undefined && !('bytes' in avatar) ? [avatar] : []),
    ...problems,
    ...shared.problems,
  ]
  if (all.length > 0) return { ok: false, problems: all }
  const every = [...(persona.lore ?? []), ...books, ...shared.books]
  const lore = every.map((book) => bookFor(book, persona))
  const note = tooMuchLore(lore, persona, shownPath(folder))
  return {
    ...rest,
    ...(note !== undefined && { notes: [...(rest.notes ?? []), note] }),
    persona: {
      ...persona,
      ...(avatar !== undefined && 'bytes' in avatar && { avatar }),
      ...(lore.length > 0 && { lore }),
    },
  }
}

/**
 * Pure. `file` is what the problems call it; `base` says what the text leaves out. Never throws, whatever the text.
 */
export function personaFrom(source: string, id: PersonaId, file: string, base?: Persona): PersonaReading {
  const tree = readPersonaYaml(source)
  const problems: PersonaProblem[] = tree.problems.map((problem) => ({ file, ...problem }))
  if (tree.data === undefined) return { ok: false, problems: first(problems) }
  const given = base === undefined ? tree.data : (tree.data ?? {})
  const fields = withoutEmptyFields(given)
  const parsed = personaSchema.safeParse(base === undefined ? fields : overBase(fields), {
    reportInput: true,
  })
  for (const { path, ...sentence } of parsed.error?.issues.flatMap(sentencesFor) ?? []) {
    problems.push({ file, line: tree.lineOf(path), ...sentence })
  }
  if (!parsed.success || problems.length > 0) {
    return { ok: false, problems: first(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))) }
  }
  const own = toPersona(id, parsed.data)
  const persona = base === undefined ? own : { ...base, ...onlyGiven(own, fields) }
  const problem = tooLong(persona, file, tree.lineOf(['budget', 'contextTokens']))
  return problem === undefined ? { ok: true, persona } : { ok: false, problems: [problem] }
}

/** A card has the two fields that must be there. */
const overBase = (fields: unknown): unknown =>
  fields !== null && typeof fields === 'object' && !Array.isArray(fields)
    ? { name: 'card', description: 'card', ...fields }
    : fields

const onlyGiven = (persona: Persona, fields: unknown): Partial<Persona> =>
  Object.fromEntries(Object.entries(persona).filter(([name]) => Object.hasOwn(Object(fields), name)))

/** Only ever seen in a reading that is refused. */
const fallbackId = personaId('unnamed')

function toPersona(id: PersonaId, { model, ...fields }: PersonaFields): Persona {
  const { name, stop, ...sampling } = model
  return {
    id,
    ...fields,
    model: { ...(name !== undefined && { name }), sampling, ...(stop !== undefined && { stop }) },
  }
}

function first(problems: readonly PersonaProblem[]): readonly PersonaProblem[] {
  const last = problems[mostProblems - 1]
  if (last === undefined || problems.length === mostProblems) return problems
  const rest: PersonaProblem = {
    file: last.file,
    message: `and ${problems.length - mostProblems} more problems`,
    mend: 'Mend these first.',
  }
  return [...problems.slice(0, mostProblems), rest]
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // A link that leads nowhere: reading the persona says so.
    return true
  }
}

/** A link to nowhere is there, and wrong. */
async function isMissing(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  )
}
