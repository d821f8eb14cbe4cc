import { dirname, join } from 'node:path'
import { personaError } from './core/errors.ts'
import type { PersonaId } from './core/ids.ts'
import { nearest } from './core/nearest.ts'
import type { Persona } from './core/persona.ts'
import { shownPath } from './persona/place.ts'
import { type PersonaProblem, problemText } from './persona/problem.ts'

/**
 * A persona whose files are wrong is left out; the others speak.
 * Throws `HearthError`: `no-personas`, `persona-invalid` or `no-such-persona`.
 */
export function choosePersona(
  id: PersonaId,
  personas: readonly Persona[],
  problems: readonly PersonaProblem[],
  folder: string,
): Persona {
  const found = personas.find((persona) => persona.id === id)
  if (found !== undefined) return found
  const mend = 'Then see whether all is well with: npx hearth persona check'
  if (personas.length === 0) {
    throw personaError(problemList('No persona can be used:', problems), { code: 'no-personas', mend })
  }
  const own = join(shownPath(folder), id)
  const itsProblems = problems.filter(({ file }) => file === own || dirname(file) === own)
  if (itsProblems.length > 0) {
    throw personaError(problemList(`The persona ${id} cannot be used:`, itsProblems), {
      code: 'persona-invalid',
      mend,
    })
  }
  const names = personas.map((persona) => persona.id)
  const meant = nearest(id, names)
  throw personaError(`There is no persona ${id}.`, {
    code: 'no-such-persona',
    mend: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are: ${names.join(', ')}.`,
  })
}

function problemList(title: string, problems: readonly PersonaProblem[]): string {
  return [title, ...problems.map((problem) => `${problemText(problem)}. ${problem.mend}`)].join('\n')
}
