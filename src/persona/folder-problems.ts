import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { nearest } from '../core/nearest.ts'
import { idOf, personaFile, shownPath, slugFrom } from './place.ts'
import { type PersonaProblem, shownName } from './problem.ts'

export function badFolderName(folder: string): PersonaProblem {
  const slug = slugFrom(basename(resolve(folder)))
  return {
    file: shownPath(folder),
    message: 'the folder of a persona is named with small letters a to z, digits, - and _, at most 63',
    mend: slug === undefined ? 'Rename it.' : `Rename it to ${slug}.`,
  }
}

export function strayFile(path: string): PersonaProblem {
  const slug = slugFrom(basename(path).replace(/\.ya?ml$/i, '')) ?? 'name'
  return {
    file: shownPath(path),
    message: 'each persona has a folder of its own',
    mend: `Move it to ${join(shownPath(dirname(path)), slug, personaFile)}.`,
  }
}

/** For a folder without the file: what may have been meant, or how to begin. */
export async function missingFile(folder: string): Promise<PersonaProblem> {
  const entries = await readdir(folder).catch(() => [])
  const meant = nearest(personaFile, entries)
  const picture = entries.find((name) => /\.(a?png|webp|charx)$/i.test(name))
  const id = idOf(folder)
  return {
    file: shownPath(folder),
    message: `there is no ${personaFile} in this folder`,
    mend:
      meant !== undefined
        ? `Rename ${shownName(meant)} to ${personaFile}.`
        : picture !== undefined && !/^avatar\./i.test(picture)
          ? `If ${shownName(picture)} is a character card, rename it to card.${picture.split('.').at(-1)?.toLowerCase()}.`
          : id === undefined
            ? 'Write one, or remove the folder.'
            : `Run: npx hearth persona new ${id}, or remove the folder.`,
  }
}
