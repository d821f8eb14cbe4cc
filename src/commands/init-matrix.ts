import { select, text } from '@clack/prompts'
import type { MatrixChoice } from '../ops/config-template.ts'
import { given, type Terminal } from './wizard.ts'

/** Asks whether the persona has an account on Matrix, and with whom it talks there; undefined: it has none. */
export async function askMatrix(persona: string, terminal: Terminal): Promise<MatrixChoice | undefined> {
  const matrix = given(
    await select({
      message: 'Where do you talk?',
      options: [
        { value: false, label: 'in this terminal', hint: 'nothing to set up' },
        { value: true, label: 'on Matrix', hint: 'in encrypted rooms of your own homeserver' },
      ],
      ...terminal,
    }),
  )
  if (!matrix) return undefined
  const homeserver = await askText(terminal, {
    message: 'At which address is the homeserver?',
    initialValue: 'http://localhost:8008',
    pattern: /^https?:\/\/[^\s/@]+\/?$/,
    otherwise: 'Write it like this: http://localhost:8008',
  })
  const owner = await askText(terminal, {
    message: 'Who are you there? Only you may talk with it, until you allow others.',
    placeholder: '@ada:home',
    pattern: /^@[^\s:*?]+:[^\s:*?]+(?::\d+)?$/,
    otherwise: 'Write your whole id, like this: @ada:home',
  })
  const user = await askText(terminal, {
    message: 'What is the account of the companion called?',
    initialValue: persona,
    pattern: /^[a-z0-9._=/+-]+$/,
    otherwise: 'Use small letters, digits and . _ = / + - only.',
  })
  return { homeserver, owner, user }
}

interface Question {
  readonly message: string
  readonly initialValue?: string
  readonly placeholder?: string
  readonly pattern: RegExp
  /** Said where the answer is another one. */
  readonly otherwise: string
}

async function askText(terminal: Terminal, { pattern, otherwise, ...question }: Question): Promise<string> {
  const validate = (value: string | undefined) => (pattern.test(value?.trim() ?? '') ? undefined : otherwise)
  return given(await text({ ...question, validate, ...terminal })).trim()
}
