import { basename, relative, resolve } from 'node:path'
import { type PersonaId, personaId } from '../core/ids.ts'
import { oneLine } from './problem.ts'

export const personaFile = 'persona.yaml'

/** The persona whose folder this is, or undefined where the name cannot be an id. */
export function idOf(folder: string): PersonaId | undefined {
  try {
    return personaId(basename(resolve(folder)))
  } catch {
    return undefined
  }
}

/** A folder name that is like `name` and allowed. */
export function slugFrom(name: string): string | undefined {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '')
  return slug === '' ? undefined : slug
}

/** Relative to where the operator stands, if it lies below. */
export function shownPath(path: string): string {
  const inside = relative(process.cwd(), resolve(path))
  return oneLine(inside === '' || inside.startsWith('..') ? resolve(path) : inside)
}
