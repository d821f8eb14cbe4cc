import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, Parser, parseDocument } from 'yaml'

/** Deeper than hearth.yaml ever is, shallow enough for code that recurses. */
const deepest = 24

export interface Problem {
  readonly line?: number
  /** `models.hosts[0].url`, or the name of an environment variable; absent where the whole file is meant. */
  readonly path?: string
  /** Goes on from the path where there is one. Never quotes a value. */
  readonly sentence: string
}

export interface ConfigTree {
  /** Objects, arrays and scalars; undefined where this is no YAML. A key without a value is left out, so that it gets its default. */
  readonly data: unknown
  /** The line of the nearest thing that is there at or above the path. */
  lineOf(path: readonly PropertyKey[]): number
  readonly problems: readonly Problem[]
}

/** Gives the text that stands in the configuration its meaning, or says what is wrong with it. */
export type Substitute = (text: string) => { readonly text: string } | { readonly problem: string }

/**
 * Reads YAML in time that grows with its length. Never throws. Aliases are refused, so that nothing
 * can explode; nesting is bounded before the parser recurses, since at the end of the stack V8 may
 * end the process; duplicate keys are found here, since the library compares each with each.
 *
 * The library's own messages are not used: they may quote the line, which may hold a password.
 */
export function readTree(source: string, substitute: Substitute): ConfigTree {
  const counter = new LineCounter()
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line)
  const deepLine = lineOfTooDeep(source)
  if (deepLine !== undefined) {
    return failed([{ line: deepLine, sentence: `is nested more than ${deepest} deep` }])
  }
  const document = parseDocument(source, {
    lineCounter: counter,
    logLevel: 'warn',
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
  })
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) {
    const found = new Map<number, Problem>()
    for (const { code, pos } of broken) {
      const line = lineAt(pos[0])
      // One slip makes the parser stumble several times in the same line.
      if (!found.has(line)) found.set(line, { line, sentence: sentenceFor(code, lineText(source, line)) })
    }
    return failed([...found.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)))
  }

  const lines = new Map<string, number>()
  const problems: Problem[] = []
  const data = plain(document.contents, []) ?? {}
  return { data, lineOf, problems }

  function plain(node: Node | null, path: readonly PropertyKey[]): unknown {
    if (node === null) return null
    const line = lineAt(node.range?.[0] ?? 0)
    if (!lines.has(pathText(path))) lines.set(pathText(path), line)
    if (isSeq<Node>(node)) return node.items.map((item, index) => plain(item, [...path, index]))
    if (isMap<Node, Node | null>(node)) return fieldsOf(node.items, path)
    if (isAlias(node)) {
      problems.push({ line, ...pathField(path), sentence: 'begins with `*`: put it in quotes' })
    }
    if (!isScalar(node) || typeof node.value !== 'string') return isScalar(node) ? node.value : undefined
    const meant = substitute(node.value)
    if ('text' in meant) return meant.text
    problems.push({ line, ...pathField(path), sentence: meant.problem })
    return unreadable
  }

  function fieldsOf(pairs: readonly { key: Node; value: Node | null }[], path: readonly PropertyKey[]) {
    const fields = new Map<string, unknown>()
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? String(key.value) : ''
      const inner = [...path, name]
      const line = lineAt(key.range?.[0] ?? 0)
      const first = lines.get(pathText(inner))
      if (first !== undefined) {
        problems.push({ line, ...pathField(inner), sentence: `is given twice, first in line ${first}` })
        continue
      }
      lines.set(pathText(inner), line)
      const read = plain(value, inner)
      if (read !== null) fields.set(name, read)
    }
    return Object.fromEntries(fields)
  }

  function lineOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length >= 0; length--) {
      const line = lines.get(pathText(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return 1
  }
}

/** Stands for a text that has been complained about already: nothing more is to be said about it. */
export const unreadable = Symbol('unreadable')

/** `models.hosts[0].url`. A name that is no plain word may be a slip that holds a secret, and is not shown. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

export function shownPath(path: readonly PropertyKey[]): string {
  return pathText(
    path.map((part) => (typeof part === 'number' || /^[\w-]{1,40}$/.test(String(part)) ? part : '…')),
  )
}

function pathField(path: readonly PropertyKey[]): Pick<Problem, 'path'> {
  return path.length === 0 ? {} : { path: shownPath(path) }
}

function failed(problems: readonly Problem[]): ConfigTree {
  return { data: undefined, lineOf: () => 1, problems }
}

/** The library's lexer and parser keep stacks of their own; only what comes after them recurses. */
function lineOfTooDeep(source: string): number | undefined {
  const counter = new LineCounter()
  const parser = new Parser(counter.addNewLine)
  let offset = 0
  for (const lexeme of new Lexer().lex(source)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > deepest) return Math.max(1, counter.linePos(offset).line)
    offset = parser.offset
  }
  return undefined
}

const lineText = (source: string, line: number): string => source.split('\n')[line - 1] ?? ''

function sentenceFor(code: string, line: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab stands where YAML wants spaces'
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here: take out the line `---`'
  if (code === 'BAD_ALIAS') return 'text that begins with `*` or `&` must be in quotes'
  if (code === 'TAG_RESOLVE_FAILED') return 'text that begins with `!` must be in quotes'
  if (line.includes('${')) return 'this is not valid YAML: within brackets, text with ${ must be in quotes'
  return 'this is not valid YAML: look at indentation, colons, quotes and brackets'
}
