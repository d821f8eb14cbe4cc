import { type Lorebook, loreShare } from '../core/lore.ts'
import type { Persona } from '../core/persona.ts'
import type { PersonaProblem } from './problem.ts'
import { personaSize, standingTokens } from './size.ts'

/** The problem of a persona that takes more than half of what its budget leaves beside the reply. */
export function tooLong(persona: Persona, file: string, line?: number): PersonaProblem | undefined {
  const { tokens } = personaSize(persona)
  const { contextTokens, replyTokens } = persona.budget
  const room = Math.floor((contextTokens - replyTokens) / 2)
  if (tokens <= room) return undefined
  return {
    file,
    ...(line !== undefined && { line, field: 'budget.contextTokens' }),
    message: `leaves too little for the conversation: the persona takes about ${tokens} tokens of ${contextTokens}, and may take ${room}`,
    mend: 'Shorten the texts and examples, or raise budget.contextTokens.',
  }
}

/** What is to be said of lore that always stands, and of which a part will be missing. */
export function tooMuchLore(
  lore: readonly Lorebook[],
  { budget }: Persona,
  file: string,
): Pick<PersonaProblem, 'file' | 'message'> | undefined {
  const tokens = standingTokens(lore)
  const room = Math.floor(budget.contextTokens * loreShare)
  if (tokens <= room) return undefined
  return {
    file,
    message: `the lore that always stands takes about ${tokens} tokens, and may take ${room} of budget.contextTokens: some of it is left out`,
  }
}
