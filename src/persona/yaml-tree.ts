import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Pair,
  type ParsedNode,
  Parser,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { oneLine, shownName } from './problem.ts'

/** Deeper than any persona, shallow enough for code that recurses. */
const deepest = 32

interface YamlProblem {
  readonly line: number
  readonly message: string
  readonly mend: string
}

export interface YamlTree {
  /** Objects, arrays and scalars; undefined where the text is not YAML. */
  readonly data: unknown
  /** The line of the nearest thing that exists at or above the path. */
  lineOf(path: readonly PropertyKey[]): number
  readonly problems: readonly YamlProblem[]
}

/**
 * Reads YAML that may be hostile, in time that grows with its length alone. Never throws.
 * Aliases are refused, so nothing can explode; the nesting is bounded before the parser recurses,
 * because at the end of the stack V8 may end the process in place of throwing; duplicate names are
 * found here, because the parser compares each with each (44 s for 256 KiB).
 */
export function readYaml(source: string): YamlTree {
  const tooDeep = lineOfTooDeep(source)
  if (tooDeep !== undefined) {
    const message = `lists or fields are nested more than ${deepest} deep`
    return failed({ line: tooDeep, message, mend: 'Put text with brackets in it in quotes, or after `>`.' })
  }
  const counter = new LineCounter()
  const document = parseDocument(source, {
    lineCounter: counter,
    logLevel: 'warn',
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
  })
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line)
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) return failed(...onePerLine(broken, lineAt))

  const lines = new Map<string, number>()
  const problems: YamlProblem[] = []
  const aliasLines = new Set<number>()
  const data = plain(document.contents, [])
  for (const line of aliasLines) problems.push({ line, ...noAliases })
  return { data, lineOf, problems }

  function plain(node: ParsedNode | null, path: readonly PropertyKey[]): unknown {
    if (node === null) return null
    if (!lines.has(keyOf(path))) lines.set(keyOf(path), lineAt(node.range[0]))
    if (isScalar(node)) return node.value
    if (isSeq(node)) return node.items.map((item, index) => plain(item as ParsedNode, [...path, index]))
    if (isMap(node)) return fieldsOf(node.items as Pair<ParsedNode, ParsedNode | null>[], path)
    if (isAlias(node)) aliasLines.add(lineAt(node.range[0]))
    // Text stands for it, so that the schema does not complain about the same place again.
    return '*'
  }

  function fieldsOf(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: readonly PropertyKey[]) {
    const fields = new Map<string, unknown>()
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? String(key.value) : ''
      const inner = [...path, name]
      const line = lineAt(key.range[0])
      const first = lines.get(keyOf(inner))
      if (first !== undefined) {
        const message = `${shownName(pathText(inner))} is given twice, first in line ${first}`
        problems.push({ line, message, mend: 'Keep one of the two.' })
        continue
      }
      lines.set(keyOf(inner), line)
      fields.set(name, plain(value, inner))
    }
    return Object.fromEntries(fields)
  }

  function lineOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length >= 0; length--) {
      const line = lines.get(keyOf(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return 1
  }
}

/** Unlike `pathText`, never the same for two paths. */
const keyOf = (path: readonly PropertyKey[]): string => JSON.stringify(path)

/** `examples[2].reply`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

const noAliases = {
  message: 'text that begins with `*` is read as a YAML alias, and persona files have none',
  mend: 'Put the text in quotes, or on the next lines after `>`.',
} as const

function failed(...problems: readonly YamlProblem[]): YamlTree {
  return { data: undefined, lineOf: () => 1, problems }
}

/** The library's lexer and parser keep stacks of their own; only what comes after them recurses. */
function lineOfTooDeep(source: string): number | undefined {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(source)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > deepest) return source.slice(0, parser.offset).split('\n').length
  }
  return undefined
}

/** One slip makes the parser stumble several times in the same line. */
function onePerLine(errors: readonly YAMLError[], lineAt: (offset: number) => number): YamlProblem[] {
  const found = new Map<number, YamlProblem>()
  for (const error of errors) {
    const line = lineAt(error.pos[0])
    if (!found.has(line)) found.set(line, { line, ...sentenceFor(error) })
  }
  return [...found.values()].sort((a, b) => a.line - b.line)
}

function sentenceFor(error: YAMLError): Omit<YamlProblem, 'line'> {
  switch (error.code) {
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
        message: `this is not valid YAML: ${shortened(error.message)}`,
        mend: 'Look at the indentation; text with a colon, a quote or # in it goes in quotes, or after `>`.',
      }
  }
}

function shortened(message: string): string {
  const line = oneLine(message)
  return line.length <= 100 ? line : `${line.slice(0, 100).toWellFormed()}…`
}
