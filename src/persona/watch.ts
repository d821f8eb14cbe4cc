import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { PersonaId } from '../core/ids.ts'
import type { Persona } from '../core/persona.ts'
import { fileMarks } from './file-marks.ts'
import { sharedLoreFolder } from './lore-folder.ts'
import type { PersonaProblem } from './problem.ts'
import { readPersona } from './read.ts'

/** `broken`: the version before stays. `mended`: it reads as before the problem. */
export type PersonaNews =
  | { readonly kind: 'changed'; readonly before: Persona; readonly after: Persona }
  | { readonly kind: 'broken'; readonly persona: PersonaId; readonly problems: readonly PersonaProblem[] }
  | { readonly kind: 'mended' | 'gone'; readonly persona: PersonaId }
  /** A folder that nobody who speaks here has: by its name. */
  | { readonly kind: 'new-folder'; readonly folder: string }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface PersonaWatch {
  /** The folder that holds one folder for each persona. */
  readonly folder: string
  /** Whose folders are looked at: as they were read. */
  readonly personas: readonly Persona[]
  readonly tell: (news: PersonaNews) => void
  /** Between two looks. */
  readonly pollMs?: number
  readonly read?: typeof readPersona
}

/**
 * Looks at names, sizes and times of the files, each second: 0.35 ms of one core for a persona. Node's `fs.watch`
 * would wake us sooner, and hears nothing more of a file that an editor has put another one in the place of, nor of
 * a change that another machine makes on a network mount.
 */
const usualPollMs = 1_000

/** What is known of one persona's folder. */
interface Folder {
  persona: Persona
  /** At the look before. */
  seen: string | undefined
  /** When it was read last, and all of it was right: what could not be read is tried again at each look. */
  read: string | undefined
  /** What was told of it last, where it is not well. */
  trouble: string | undefined
}

/**
 * Reads a persona anew when its files have changed and then stayed the same from one look to the next, so that
 * nothing is read that is still being written. Never throws; disposing of it ends it.
 */
export function watchPersonas({
  folder,
  personas,
  tell,
  pollMs = usualPollMs,
  read = readPersona,
}: PersonaWatch): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const folders: readonly Folder[] = personas.map((persona) => ({
    persona,
    seen: undefined,
    read: undefined,
    trouble: undefined,
  }))
  let known: ReadonlySet<string> | undefined

  async function look(each: Folder): Promise<void> {
    const path = join(folder, each.persona.id)
    const marks = await fileMarks(path)
    const settled = marks === each.seen
    each.seen = marks
    if (!settled || (marks !== undefined && marks === each.read)) return
    const { id } = each.persona
    if (marks === undefined) return worse(each, 'gone', { kind: 'gone', persona: id })
    const reading = await read(path, signal)
    if (!reading.ok) {
      const { problems } = reading
      return worse(each, JSON.stringify(problems), { kind: 'broken', persona: id, problems })
    }
    each.read = marks
    const before = each.persona
    const wasWell = each.trouble === undefined
    each.trouble = undefined
    if (!isDeepStrictEqual(before, reading.persona)) {
      each.persona = reading.persona
      tell({ kind: 'changed', before, after: reading.persona })
    } else if (!wasWell) tell({ kind: 'mended', persona: id })
  }

  /** The same trouble is told once. */
  function worse(each: Folder, trouble: string, news: PersonaNews): void {
    each.read = undefined
    if (each.trouble === trouble) return
    each.trouble = trouble
    tell(news)
  }

  async function lookAt(each: Folder): Promise<void> {
    try {
      await look(each)
    } catch (error) {
      if (!signal.aborted) worse(each, 'failed', { kind: 'failed', error })
    }
  }

  async function lookForNew(): Promise<void> {
    const names = await foldersIn(folder)
    const before = known
    known = new Set([...(before ?? []), ...names])
    for (const name of names) if (before?.has(name) === false) tell({ kind: 'new-folder', folder: name })
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      for (const each of folders) await lookAt(each)
      await lookForNew()
      await sleep(pollMs, undefined, { signal }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

/** Names of the folders; none where the place cannot be read just now. */
async function foldersIn(place: string): Promise<readonly string[]> {
  const names = (await readdir(place).catch(() => [])).filter(
    (name) => !name.startsWith('.') && name !== sharedLoreFolder,
  )
  const kinds = await Promise.all(
    names.map((name) =>
      stat(join(place, name)).then(
        (about) => about.isDirectory(),
        () => false,
      ),
    ),
  )
  return names.filter((_, index) => kinds[index])
}
