import type { Persona } from '../core/persona.ts'
import type { PersonaProblem } from './problem.ts'
import { personaSize } from './size.ts'

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
