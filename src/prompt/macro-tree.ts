export type MacroNode = string | Macro

export interface Macro {
  /** In small letters, without `-` and `_`: `hiddenkey`. */
  readonly name: string
  /** Between the braces, name and all, for a macro that nobody knows. */
  readonly body: readonly MacroNode[]
  /** What follows the name. */
  readonly argument: readonly MacroNode[]
}

/** Deeper than anybody writes; what is nested deeper stays as it is. */
const deepest = 16
/** `{{name}}`, `{{name:…}}`, `{{name::…}}`, `{{name …}}`, and `{{// …}}`. */
const head = /^\s*(?:(\/\/)|([/]?[\p{L}\p{N}_.-]+)(?:\s*::?|\s|$))/u

/** Reads text with macros in it, in one pass: braces that have no partner are text. */
export function parseMacros(text: string): readonly MacroNode[] {
  const stack: MacroNode[][] = [[]]
  let from = 0
  const put = (piece: MacroNode) => {
    if (piece !== '') stack.at(-1)?.push(piece)
  }
  const brace = /\{\{(?!\{)|\}\}/g
  for (let found = brace.exec(text); found !== null; found = brace.exec(text)) {
    const opens = found[0] === '{{'
    if (opens ? stack.length > deepest : stack.length === 1) continue
    put(text.slice(from, found.index))
    from = found.index + 2
    if (opens) {
      stack.push([])
      continue
    }
    const body = stack.pop() ?? []
    put(macroOf(body))
  }
  put(text.slice(from))
  while (stack.length > 1) {
    const open = stack.pop() ?? []
    stack.at(-1)?.push('{{', ...open)
  }
  return stack[0] ?? []
}

function macroOf(body: readonly MacroNode[]): Macro {
  const [first, ...rest] = body
  const found = typeof first === 'string' ? head.exec(first) : null
  if (found === null || typeof first !== 'string') return { name: '', body, argument: body }
  const name = (found[1] ?? found[2] ?? '').toLowerCase().replace(/[-_]/g, '')
  const after = first.slice(found[0].length)
  return { name, body, argument: after === '' ? rest : [after, ...rest] }
}

/**
 * The parts of an argument, between `::` where there are any, else between commas that no `\` stands before;
 * macros in it are not looked into.
 */
export function partsOf(argument: readonly MacroNode[]): readonly (readonly MacroNode[])[] {
  const doubled = argument.some((node) => typeof node === 'string' && node.includes('::'))
  const parts: MacroNode[][] = [[]]
  for (const node of argument) {
    const [first = '', ...others] = typeof node === 'string' ? split(node, doubled) : [node]
    parts.at(-1)?.push(first)
    for (const other of others) parts.push([other])
  }
  return parts
}

function split(text: string, doubled: boolean): readonly string[] {
  if (doubled) return text.split('::')
  return text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','))
}
