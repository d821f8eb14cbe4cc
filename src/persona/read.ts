import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type PersonaId, personaId } from '../core/ids.ts'
import { nearest } from '../core/nearest.ts'
import type { Persona } from '../core/persona.ts'
import { readAvatar } from './avatar.ts'
import { errnoOf, fileProblem } from './errors.ts'
import { readPersonaYaml } from './persona-yaml.ts'
import { idOf, personaFile, shownPath, slugFrom } from './place.ts'
import { type PersonaProblem, shownName } from './problem.ts'
import { type PersonaFields, personaSchema, withoutEmptyFields } from './schema.ts'
import { sentencesFor } from './sentences.ts'
import { personaSize } from './size.ts'
import { readTextFile } from './text-file.ts'

/** Some 16,000 tokens of English. The slowest hostile file of this size took 1.1 s on one busy core. */
export const mostFileBytes = 64 * 1024
/** A file with more than this is best mended from the top. */
const mostProblems = 20

export type PersonaReading =
  | { readonly ok: true; readonly persona: Persona }
  | { readonly ok: false; readonly problems: readonly PersonaProblem[] }

export interface PersonaReadings {
  /** In the order of their folders' names. */
  readonly personas: readonly Persona[]
  readonly problems: readonly PersonaProblem[]
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
    return { personas: [], problems: [fileProblem(error, shown)] }
  }
  const personas: Persona[] = []
  const problems: PersonaProblem[] = []
  for (const name of entries) {
    signal.throwIfAborted()
    const path = join(folder, name)
    if (!(await isFolder(path))) {
      if (/\.ya?ml$/i.test(name)) problems.push(strayFile(path))
      continue
    }
    const reading = await readPersona(path, signal)
    if (reading.ok) personas.push(reading.persona)
    else problems.push(...reading.problems)
  }
  if (personas.length === 0 && problems.length === 0) {
    problems.push({
      file: shown,
      message: 'there is no persona in this folder',
      mend: 'Run: npx hearth persona new <name>, or correct `personas` in hearth.yaml.',
    })
  }
  return { personas, problems }
}

/** Reads `<folder>/persona.yaml`; the folder's name is the persona's id. Throws as `readPersonas` does. */
export async function readPersona(folder: string, signal: AbortSignal): Promise<PersonaReading> {
  const id = idOf(folder)
  const problems: PersonaProblem[] = id === undefined ? [badFolderName(folder)] : []
  const path = join(folder, personaFile)
  if (await isMissing(path)) return { ok: false, problems: [...problems, await missingFile(folder)] }
  const source = await readTextFile(path, shownPath(path), mostFileBytes, signal)
  if (!source.ok) return { ok: false, problems: [...problems, source.problem] }
  const read = personaFrom(source.text, id ?? fallbackId, shownPath(path))
  if (id !== undefined) return read.ok ? await withAvatar(read.persona, folder, signal) : read
  return { ok: false, problems: [...problems, ...(read.ok ? [] : read.problems)] }
}

async function withAvatar(persona: Persona, folder: string, signal: AbortSignal): Promise<PersonaReading> {
  const avatar = await readAvatar(folder, await readdir(folder), signal)
  if (avatar === undefined) return { ok: true, persona }
  return 'bytes' in avatar ? { ok: true, persona: { ...persona, avatar } } : { ok: false, problems: [avatar] }
}

/** Pure. `file` is what the problems call it. Never throws, whatever the text. */
export function personaFrom(source: string, id: PersonaId, file: string): PersonaReading {
  const tree = readPersonaYaml(source)
  const problems: PersonaProblem[] = tree.problems.map((problem) => ({ file, ...problem }))
  if (tree.data === undefined) return { ok: false, problems: first(problems) }
  const parsed = personaSchema.safeParse(withoutEmptyFields(tree.data), { reportInput: true })
  for (const { path, ...sentence } of parsed.error?.issues.flatMap(sentencesFor) ?? []) {
    problems.push({ file, line: tree.lineOf(path), ...sentence })
  }
  if (!parsed.success || problems.length > 0) {
    return { ok: false, problems: first(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))) }
  }
  const persona = toPersona(id, parsed.data)
  const { tokens } = personaSize(persona)
  const { contextTokens, replyTokens } = persona.budget
  const room = Math.floor((contextTokens - replyTokens) / 2)
  if (tokens <= room) return { ok: true, persona }
  const problem: PersonaProblem = {
    file,
    line: tree.lineOf(['budget', 'contextTokens']),
    field: 'budget.contextTokens',
    message: `leaves too little for the conversation: the persona takes about ${tokens} tokens of ${contextTokens}, and may take ${room}`,
    mend: 'Shorten the texts and examples, or raise budget.contextTokens.',
  }
  return { ok: false, problems: [problem] }
}

/** Only ever seen in a reading that is refused. */
const fallbackId = personaId('unnamed')

function toPersona(id: PersonaId, { model, ...fields }: PersonaFields): Persona {
  const { name, ...sampling } = model
  return { id, ...fields, model: { ...(name === undefined ? {} : { name }), sampling } }
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

function badFolderName(folder: string): PersonaProblem {
  const slug = slugFrom(basename(resolve(folder)))
  return {
    file: shownPath(folder),
    message: 'the folder of a persona is named with small letters a to z, digits, - and _, at most 63',
    mend: slug === undefined ? 'Rename it.' : `Rename it to ${slug}.`,
  }
}

function strayFile(path: string): PersonaProblem {
  const slug = slugFrom(basename(path).replace(/\.ya?ml$/i, '')) ?? 'name'
  return {
    file: shownPath(path),
    message: 'each persona has a folder of its own',
    mend: `Move it to ${join(shownPath(dirname(path)), slug, personaFile)}.`,
  }
}

/** For a folder without the file: what may have been meant, or how to begin. */
async function missingFile(folder: string): Promise<PersonaProblem> {
  const entries = await readdir(folder).catch(() => [])
  const meant = nearest(personaFile, entries)
  const id = idOf(folder)
  return {
    file: shownPath(folder),
    message: `there is no ${personaFile} in this folder`,
    mend:
      meant !== undefined
        ? `Rename ${shownName(meant)} to ${personaFile}.`
        : id === undefined
          ? 'Write one, or remove the folder.'
          : `Run: npx hearth persona new ${id}, or remove the folder.`,
  }
}

/** A link to nowhere is there, and wrong. */
async function isMissing(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  )
}
