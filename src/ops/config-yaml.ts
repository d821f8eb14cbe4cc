import { type Path, pathText, readYaml, type YamlSlip } from '../files/yaml.ts'

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
  lineOf(path: Path): number
  readonly problems: readonly Problem[]
}

/** Gives the text that stands in the configuration its meaning, or says what is wrong with it. */
export type Substitute = (text: string) => { readonly text: string } | { readonly problem: string }

/** Reads hearth.yaml. Never throws, and never quotes a line, which may hold a password. */
export function readTree(source: string, substitute: Substitute): ConfigTree {
  const { data: read, lineOf, slips } = readYaml(source, { deepest })
  const problems = slips.map((slip) => problemOf(slip, source))
  const aliases = new Set(slips.flatMap((slip) => (slip.kind === 'alias' ? [pathText(slip.path)] : [])))
  if (read === undefined) return { data: undefined, lineOf, problems }
  return { data: meant(read, []) ?? {}, lineOf, problems }

  function meant(value: unknown, path: Path): unknown {
    if (Array.isArray(value)) return value.map((item, index) => meant(item, [...path, index]))
    if (typeof value === 'object' && value !== null) {
      const fields = Object.entries(value).filter(([, field]) => field !== null)
      return Object.fromEntries(fields.map(([name, field]) => [name, meant(field, [...path, name])]))
    }
    if (typeof value !== 'string') return value
    if (aliases.has(pathText(path))) return unreadable
    const substituted = substitute(value)
    if ('text' in substituted) return substituted.text
    problems.push({ line: lineOf(path), ...pathField(path), sentence: substituted.problem })
    return unreadable
  }
}

/** Stands for a text that has been complained about already: nothing more is to be said about it. */
export const unreadable = Symbol('unreadable')

/** A name that is no plain word may be a slip that holds a secret, and is not shown. */
export function shownPath(path: Path): string {
  return pathText(
    path.map((part) => (typeof part === 'number' || /^[\w-]{1,40}$/.test(String(part)) ? part : '…')),
  )
}

function pathField(path: Path): Pick<Problem, 'path'> {
  return path.length === 0 ? {} : { path: shownPath(path) }
}

function problemOf(slip: YamlSlip, source: string): Problem {
  const { line } = slip
  switch (slip.kind) {
    case 'too-deep':
      return { line, sentence: `is nested more than ${deepest} deep` }
    case 'alias':
      return { line, ...pathField(slip.path), sentence: 'begins with `*`: put it in quotes' }
    case 'twice':
      return { line, ...pathField(slip.path), sentence: `is given twice, first in line ${slip.first}` }
    case 'no-yaml':
      return { line, sentence: sentenceFor(slip.code, source.split('\n')[line - 1] ?? '') }
  }
}

function sentenceFor(code: string, line: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab stands where YAML wants spaces'
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here: take out the line `---`'
  if (code === 'BAD_ALIAS') return 'text that begins with `*` or `&` must be in quotes'
  if (code === 'TAG_RESOLVE_FAILED') return 'text that begins with `!` must be in quotes'
  if (line.includes('${')) return 'this is not valid YAML: within brackets, text with ${ must be in quotes'
  return 'this is not valid YAML: look at indentation, colons, quotes and brackets'
}
