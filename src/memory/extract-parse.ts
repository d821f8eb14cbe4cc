import { z } from 'zod'
import { personaFactKinds, personFactKinds, sensitivities } from '../core/fact.ts'
import { factsPerCallMost } from './extract-prompt.ts'
import type { Candidate, Refusal } from './fact.ts'
import { noRefusals } from './gate.ts'

/** A reply longer than this is read no further. */
export const replyCharsMost = 32_000

/** What is missing or odd in the lesser fields gets a modest value; without quote or statement there is no fact. */
const candidateShape = z.object({
  message: z.coerce.number().int(),
  quote: z.string().min(1),
  statement: z.string().min(1),
  kind: z.enum([...personFactKinds, ...personaFactKinds]).catch('attribute'),
  importance: z.union([z.literal(1), z.literal(2), z.literal(3)]).catch(1),
  sensitivity: z.enum(sensitivities).catch('none'),
})

export interface ReadReply {
  readonly candidates: readonly Candidate[]
  readonly refused: Readonly<Record<Refusal, number>>
  /** `false`: nothing in it has the shape that was asked for. */
  readonly readable: boolean
}

/** Never throws. A reply that breaks off gives what was whole of it. */
export function readReply(reply: string): ReadReply {
  const refused = noRefusals()
  const candidates: Candidate[] = []
  const objects = innermostObjects(reply.slice(0, replyCharsMost))
  for (const text of objects) {
    const read = candidateShape.safeParse(parseJson(text))
    if (!read.success) refused.unreadable++
    else if (candidates.length >= factsPerCallMost) refused['too-many']++
    else candidates.push(read.data)
  }
  if (objects.length === 0 && !/\{\s*"facts"\s*:\s*\[\s*\]\s*\}/.test(reply)) refused.unreadable++
  return { candidates, refused, readable: candidates.length > 0 || refused.unreadable === 0 }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Objects that hold no objects, whatever stands around them and however it ends. */
function innermostObjects(text: string): readonly string[] {
  const found: string[] = []
  let start = -1
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = start >= 0
    else if (char === '{') start = at
    else if (char === '}' && start >= 0) {
      found.push(text.slice(start, at + 1))
      start = -1
    }
  }
  return found.filter((each) => !/^\{\s*"facts"\s*:\s*\[\s*\]\s*\}$/.test(each))
}
