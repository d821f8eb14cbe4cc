import {
  type ErrorCode,
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
} from 'yaml'

export type Path = readonly PropertyKey[]

/** What is wrong with a text as YAML, each with its line. */
export type YamlSlip = { readonly line: number } & (
  | { readonly kind: 'too-deep' }
  /** `message`: the library's own; it may quote the line. */
  | { readonly kind: 'no-yaml'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'alias'; readonly path: Path }
  | { readonly kind: 'twice'; readonly path: Path; readonly first: number }
)

export interface YamlTree {
  /** Objects, arrays and scalars; undefined where the text is no YAML. An alias is `*`. */
  readonly data: unknown
  /** The line of the nearest thing that is there at or above the path. */
  lineOf(path: Path): number
  readonly slips: readonly YamlSlip[]
}

/**
 * Reads YAML that may be hostile, in time that grows with its length alone. Never throws.
 *
 * Aliases are refused, so nothing can explode; the nesting is bounded before the parser recurses, because at
 * the end of the stack V8 may end the process in place of throwing; duplicate names are found here, because
 * the library compares each with each (44 s for 256 KiB).
 */
export function readYaml(source: string, { deepest }: { readonly deepest: number }): YamlTree {
  const deepLine = lineOfTooDeep(source, deepest)
  if (deepLine !== undefined) return failed([{ line: deepLine, kind: 'too-deep' }])
  const counter = new LineCounter()
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line)
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
    return failed(
      onePerLine(
        broken.map(({ code, message, pos }) => ({ line: lineAt(pos[0]), kind: 'no-yaml', code, message })),
      ),
    )
  }

  const lines = new Map<string, number>()
  const slips: YamlSlip[] = []
  return { data: plain(document.contents, []), lineOf, slips }

  function plain(node: ParsedNode | null, path: Path): unknown {
    if (node === null) return null
    const line = lineAt(node.range[0])
    if (!lines.has(keyOf(path))) lines.set(keyOf(path), line)
    if (isScalar(node)) return node.value
    if (isSeq(node)) return node.items.map((item, index) => plain(item as ParsedNode, [...path, index]))
    if (isMap(node)) return fieldsOf(node.items as Pair<ParsedNode, ParsedNode | null>[], path)
    if (isAlias(node)) slips.push({ line, kind: 'alias', path })
    return '*'
  }

  function fieldsOf(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: Path) {
    const fields = new Map<string, unknown>()
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? String(key.value) : ''
      const inner = [...path, name]
      const line = lineAt(key.range[0])
      const first = lines.get(keyOf(inner))
      if (first !== undefined) {
        slips.push({ line, kind: 'twice', path: inner, first })
        continue
      }
      lines.set(keyOf(inner), line)
      fields.set(name, plain(value, inner))
    }
    return Object.fromEntries(fields)
  }

  function lineOf(path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const line = lines.get(keyOf(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return 1
  }
}

/** `examples[2].reply`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

/** Unlike `pathText`, never the same for two paths. */
const keyOf = (path: Path): string => JSON.stringify(path)

const failed = (slips: readonly YamlSlip[]): YamlTree => ({ data: undefined, lineOf: () => 1, slips })

/** One slip makes the parser stumble several times in the same line. */
function onePerLine(slips: readonly YamlSlip[]): readonly YamlSlip[] {
  const found = new Map<number, YamlSlip>()
  for (const slip of slips) if (!found.has(slip.line)) found.set(slip.line, slip)
  return [...found.values()].sort((a, b) => a.line - b.line)
}

/** The library's lexer and parser keep stacks of their own; only what comes after them recurses. */
function lineOfTooDeep(source: string, deepest: number): number | undefined {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(source)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > deepest) return source.slice(0, parser.offset).split('\n').length
  }
  return undefined
}
