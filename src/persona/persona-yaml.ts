import { pathText, readYaml, type YamlSlip, type YamlTree } from '../files/yaml.ts'
import { oneLine, shownName } from './problem.ts'

/** Deeper than any persona, shallow enough for code that recurses. */
const deepest = 32

interface YamlProblem {
  readonly line: number
  readonly message: string
  readonly mend: string
}

/** Reads a persona's YAML, which may be hostile: see `readYaml`. */
export function readPersonaYaml(
  source: string,
): Pick<YamlTree, 'data' | 'lineOf'> & { readonly problems: readonly YamlProblem[] } {
  const { data, lineOf, slips } = readYaml(source, { deepest })
  // One line may have many aliases, and is told of once.
  const problems = new Map<string, YamlProblem>()
  for (const slip of slips) {
    const problem = { line: slip.line, ...sentencesFor(slip) }
    problems.set(`${problem.line} ${problem.message}`, problem)
  }
  return { data, lineOf, problems: [...problems.values()] }
}

const noAliases = {
  message: 'text that begins with `*` is read as a YAML alias, and persona files have none',
  mend: 'Put the text in quotes, or on the next lines after `>`.',
} as const

function sentencesFor(slip: YamlSlip): Omit<YamlProblem, 'line'> {
  switch (slip.kind) {
    case 'too-deep':
      return {
        message: `lists or fields are nested more than ${deepest} deep`,
        mend: 'Put text with brackets in it in quotes, or after `>`.',
      }
    case 'alias':
      return noAliases
    case 'twice':
      return {
        message: `${shownName(pathText(slip.path))} is given twice, first in line ${slip.first}`,
        mend: 'Keep one of the two.',
      }
    case 'no-yaml':
      return syntaxSentences(slip)
  }
}

function syntaxSentences({
  code,
  message,
}: Extract<YamlSlip, { kind: 'no-yaml' }>): Omit<YamlProblem, 'line'> {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab stands where YAML wants spaces', mend: 'Indent with two spaces.' }
    case 'MULTIPLE_DOCS':
      return {
        message: 'a second document begins here',
        mend: 'Take out the line `---`: a file holds one persona.',
      }
    case 'BAD_ALIAS':
      return noAliases
    case 'TAG_RESOLVE_FAILED':
      return {
        message: 'text that begins with `!` is read as a YAML tag, and persona files have none',
        mend: 'Put the text in quotes, or on the next lines after `>`.',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a second colon makes YAML see a field inside the text',
        mend: 'Put the text in quotes, or on the next lines after `>`.',
      }
    case 'NON_STRING_KEY':
      return { message: 'a field has a name that is not text', mend: 'Put the text in quotes, or after `>`.' }
    default:
      return {
        message: `this is not valid YAML: ${shortened(message)}`,
        mend: 'Look at the indentation; text with a colon, a quote or # in it goes in quotes, or after `>`.',
      }
  }
}

function shortened(message: string): string {
  const line = oneLine(message)
  return line.length <= 100 ? line : `${line.slice(0, 100).toWellFormed()}…`
}
