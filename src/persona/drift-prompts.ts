import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { cleanText, isBlank } from '../core/text.ts'
import { readYaml, type YamlSlip } from '../files/yaml.ts'
import { type DriftPrompt, defaultPrompts } from './drift/default-prompts.ts'
import { errnoOf } from './errors.ts'
import { shownPath } from './place.ts'
import type { PersonaProblem } from './problem.ts'
import { readTextFile } from './text-file.ts'

export const promptsFile = 'drift.yaml'
const mostBytes = 64 * 1024
const deepest = 8
const most = { prompts: 200, says: 20, characters: 4_000, nameCharacters: 80 } as const

const said = z
  .string()
  .max(most.characters)
  .transform((text) => cleanText(text).trim())
  .refine((text) => !isBlank(text))
const named = z.strictObject({
  name: z.string().max(most.nameCharacters).exactOptional(),
  says: z.array(said).min(1).max(most.says),
})
const fileSchema = z.strictObject({
  prompts: z
    .array(z.union([said, named]))
    .min(1)
    .max(most.prompts),
})

export type PromptsReading =
  | { readonly ok: true; readonly prompts: readonly DriftPrompt[]; readonly file: string | undefined }
  | { readonly ok: false; readonly problem: PersonaProblem }

/** The prompts of `<folder>/drift.yaml`, or Hearth's own where there is none. Throws what the aborted signal throws. */
export async function readDriftPrompts(folder: string, signal: AbortSignal): Promise<PromptsReading> {
  const path = join(folder, promptsFile)
  if (await isMissing(path)) return { ok: true, prompts: defaultPrompts, file: undefined }
  const file = shownPath(path)
  const reading = await readTextFile(path, file, mostBytes, signal)
  return reading.ok ? promptsIn(reading.text, file) : reading
}

/** Pure. `file` is what a problem calls it. Never throws, whatever the text. */
export function promptsIn(source: string, file: string): PromptsReading {
  const tree = readYaml(source, { deepest })
  const [slip] = tree.slips
  if (slip !== undefined) return bad(file, slip.line, sentenceFor(slip))
  const parsed = fileSchema.safeParse(tree.data)
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path ?? []
    return bad(
      file,
      tree.lineOf(path),
      'a list `prompts` stands here, of texts, or of `name` and a list `says`',
    )
  }
  const prompts = parsed.data.prompts.map((each): DriftPrompt => {
    const says = typeof each === 'string' ? [each] : each.says
    const name = typeof each === 'string' ? undefined : each.name
    return { name: oneLine(name ?? says.at(-1) ?? ''), says }
  })
  return { ok: true, prompts, file }
}

const nameShown = 40
function oneLine(text: string): string {
  const line = Array.from(cleanText(text).replace(/\s+/g, ' ').trim())
  return line.length <= nameShown ? line.join('') : `${line.slice(0, nameShown - 1).join('')}…`
}

const bad = (file: string, line: number, message: string): PromptsReading => ({
  ok: false,
  problem: {
    file,
    line,
    message,
    mend: 'docs/writing-a-persona.md shows such a file; without it Hearth takes prompts of its own.',
  },
})

function sentenceFor(slip: YamlSlip): string {
  switch (slip.kind) {
    case 'too-deep':
      return `lists or fields are nested more than ${deepest} deep`
    case 'alias':
      return 'text that begins with `*` goes in quotes'
    case 'twice':
      return 'a field is given twice'
    case 'no-yaml':
      return 'this is not valid YAML: text with a colon, a quote or # in it goes in quotes'
  }
}

const isMissing = (path: string): Promise<boolean> =>
  access(path).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  )
