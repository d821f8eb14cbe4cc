import type { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { pathText } from '../files/yaml.ts'
import { type PersonaProblem, shownName } from './problem.ts'
import { fieldNames } from './schema.ts'

type Issue = z.core.$ZodIssue
type Sentence = Pick<PersonaProblem, 'field' | 'message' | 'mend'>
export type Located = Sentence & { readonly path: readonly PropertyKey[] }

/** What a character card, or a model server, calls a thing that has another name here. */
const elsewhere: Readonly<Record<string, string>> = {
  first_mes: 'greetings',
  alternate_greetings: 'greetings',
  mes_example: 'examples',
  post_history_instructions: 'reminder',
  repetition_penalty: 'model.repeatPenalty',
  num_ctx: 'budget.contextTokens',
  max_tokens: 'budget.replyTokens',
  num_predict: 'budget.replyTokens',
}

const textMend = 'Write it in quotes, or on the next lines after `>`.'

/** Says in plain words what the schema found. One issue may name several unknown fields. */
export function sentencesFor(issue: Issue): readonly Located[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(issue.path, key))
  return [{ path: issue.path, ...fieldIn(issue.path), ...sentenceFor(issue) }]
}

/** The whole file has no field to name. */
const fieldIn = (path: readonly PropertyKey[]) => (path.length === 0 ? {} : { field: pathText(path) })

function sentenceFor(issue: Exclude<Issue, z.core.$ZodIssueUnrecognizedKeys>): {
  readonly message: string
  readonly mend: string
} {
  const field = pathText(issue.path)
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue, field)
    case 'too_big':
    case 'too_small':
      return outOfBounds(issue)
    case 'invalid_value':
      return { message: `must be one of: ${issue.values.join(', ')}`, mend: 'Write one of them.' }
    case 'invalid_format':
      return { message: 'must be two times of day', mend: 'Write it like "23:00-07:00", in quotes.' }
    default:
      return issue.message === 'must not be empty'
        ? { message: issue.message, mend: 'Write the text, or take the line out.' }
        : { message: issue.message, mend: 'Lower it, or raise budget.contextTokens.' }
  }
}

function wrongType(issue: z.core.$ZodIssueInvalidType, field: string) {
  if (field === '') {
    return {
      message: 'a persona is written as fields, and this file has none',
      mend: 'Begin with `name: ` and `description: >`; `npx hearth persona new` writes an example.',
    }
  }
  if (issue.input === undefined || issue.input === null) {
    return { message: 'is missing', mend: `Write it: ${exampleOf(issue.path)}.` }
  }
  switch (issue.expected) {
    case 'string':
      return typeof issue.input === 'object'
        ? {
            message: 'must be text',
            mend: `A colon or a bracket made it something else. ${textMend}`,
          }
        : { message: 'must be text', mend: 'Write it in quotes.' }
    case 'array':
      return {
        message: 'must be a list',
        mend: 'Begin each item on a line of its own with `- `.',
      }
    case 'object':
      return {
        message: `must have fields: ${namesIn(issue.path).join(', ')}`,
        mend: 'Write each on a line of its own, two spaces further in.',
      }
    case 'int':
      return { message: 'must be a whole number', mend: 'Write digits alone, without quotes or a unit.' }
    default:
      return {
        message: 'must be a number',
        mend: 'Write digits and a point alone, without quotes or a unit.',
      }
  }
}

function outOfBounds(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall) {
  const most = issue.code === 'too_big'
  const bound = Number(most ? issue.maximum : issue.minimum).toLocaleString('en')
  if (issue.origin === 'string') {
    return {
      message: `is longer than ${bound} characters`,
      mend: 'Shorten it: what is always said to the model leaves less room for the conversation.',
    }
  }
  if (issue.origin === 'array') {
    return { message: `has more than ${bound} items`, mend: 'Keep the best of them.' }
  }
  return {
    message: `must be at ${most ? 'most' : 'least'} ${bound}`,
    mend: `${most ? 'Lower' : 'Raise'} it.`,
  }
}

function unknownField(path: readonly PropertyKey[], key: string): Located {
  const names = namesIn(path)
  const meant = Object.hasOwn(elsewhere, key) ? elsewhere[key] : (nearest(key, names) ?? inOtherGroup(key))
  return {
    path: [...path, key],
    field: shownName(pathText([...path, key])),
    message: 'is no field of a persona',
    mend: meant === undefined ? `The fields here are ${names.join(', ')}.` : `Did you mean ${meant}?`,
  }
}

/** `temperature` at the top is most likely `model.temperature`. */
function inOtherGroup(key: string): string | undefined {
  for (const [group, names] of Object.entries(fieldNames)) {
    const found = nearest(key, names)
    if (found !== undefined) return group === '' ? found : `${group}.${found}`
  }
  return undefined
}

function namesIn(path: readonly PropertyKey[]): readonly string[] {
  return fieldNames[pathText(path).replace(/\[\d+\]/g, '[]')] ?? []
}

function exampleOf(path: readonly PropertyKey[]): string {
  switch (path.at(-1)) {
    case 'name':
      return '`name: Mira`'
    case 'description':
      return '`description: >`, and below it who the persona is'
    case 'user':
      return '`user: ` and what a person says'
    case 'reply':
      return '`reply: ` and what the persona answers'
    default:
      return 'the text after `- `'
  }
}
