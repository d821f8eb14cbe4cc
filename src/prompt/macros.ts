import { diceFor } from '../core/dice.ts'
import { known, type MacroContext } from './macro-list.ts'
import { type Macro, type MacroNode, parseMacros } from './macro-tree.ts'

/** What macros stand for. Whatever is left out is empty where a macro asks for it. */
export interface MacroValues {
  readonly char: string
  readonly user: string
  /** The same seed makes the same choices of `{{random}}` and `{{roll}}`: one for each turn. */
  readonly seed?: string
  /** The same for `{{pick}}`: one for each room. */
  readonly roomSeed?: string
  readonly now?: Date
  readonly timeZone?: string
  /** Since the last message before this one. */
  readonly idleMs?: number
  /** The names of all personas in the room, and of the others, in words. */
  readonly group?: string
  readonly notChar?: string
  /** How the person describes themselves. */
  readonly selfDescription?: string
  readonly description?: string
  readonly personality?: string
  readonly scenario?: string
  readonly summary?: string
  readonly lastMessage?: string
  /** The text that a card's own takes the place of. */
  readonly original?: string
  /** Lorebook entries by the name of their outlet. */
  readonly outlets?: Readonly<Record<string, string>>
}

/**
 * Fills the macros in text that the persona's author wrote; any case will do, and what is no macro stays as it is.
 * Never call it with what a person or the model wrote: that would let them write into the prompt. What a macro
 * stands for is put in as it is: macros in a name are not filled.
 */
export function expandMacros(text: string, values: MacroValues): string {
  return expand(text, values, false)
}

/** A lorebook entry: as the model reads it, and as the keys of other entries are searched in it. */
export function expandEntry(
  text: string,
  values: MacroValues,
): { readonly sent: string; readonly searched: string } {
  const sent = expand(text, values, false)
  return { sent, searched: /hidden_?key/i.test(text) ? expand(text, values, true) : sent }
}

function expand(text: string, values: MacroValues, hiddenShows: boolean): string {
  if (!/\{\{|<(?:user|bot|char)>/i.test(text)) return text
  const variables = new Map<string, string>()
  let choices = 0
  const context: MacroContext = {
    values,
    variables,
    hiddenShows,
    dice: (seed) => diceFor(seed, text, String(choices++)),
    render,
  }
  return render(parseMacros(text)).replace(trimMark, '')

  function render(nodes: readonly MacroNode[]): string {
    const branches = completeBranches(nodes)
    /** For each `{{if}}` that is open: whether what stands here counts, and whether it did outside. */
    const open: { counts: boolean; readonly outside: boolean }[] = []
    let out = ''
    for (const [at, node] of nodes.entries()) {
      const counts = open.at(-1)?.counts ?? true
      if (typeof node === 'string') out += counts ? angled(node, values) : ''
      else if (!branches.has(at)) out += counts ? filled(node) : ''
      else if (node.name === 'if') open.push({ counts: counts && isTrue(node), outside: counts })
      else if (node.name === '/if') open.pop()
      else {
        const last = open.at(-1)
        if (last !== undefined) last.counts = last.outside && !last.counts
      }
    }
    return out
  }

  function filled(macro: Macro): string {
    const fill = Object.hasOwn(known, macro.name) ? known[macro.name] : undefined
    return fill?.(context, macro.argument) ?? `{{${render(macro.body)}}}`
  }

  /** `{{if description}}` asks for the macro of that name. */
  function isTrue({ argument }: Macro): boolean {
    const written = render(argument).trim()
    const not = written.startsWith('!')
    const name = (not ? written.slice(1) : written).trim()
    const asked = argument.length === 1 && argument[0] === `${not ? '!' : ''}${name}`
    const macro = asked && Object.hasOwn(known, name.toLowerCase())
    const value = macro ? filled({ name: name.toLowerCase(), body: [name], argument: [] }) : name
    const holds = !['', 'false', '0', 'off', 'no'].includes(value.trim().toLowerCase())
    return holds !== not
  }
}

/** `{{trim}}`, with the line ends around it. */
const trimMark = /\n*\u0000trim\u0000\n*/g

/** The forms of the first cards. */
function angled(text: string, { char, user }: MacroValues): string {
  if (!text.includes('<')) return text
  return text.replace(/<(user|bot|char)>/gi, (_, name: string) =>
    name.toLowerCase() === 'user' ? user : char,
  )
}

/** The places of `{{if}}`, `{{else}}` and `{{/if}}` that belong together; those without an end are no macros. */
function completeBranches(nodes: readonly MacroNode[]): ReadonlySet<number> {
  const complete = new Set<number>()
  const open: number[][] = []
  for (const [at, node] of nodes.entries()) {
    const name = typeof node === 'object' ? node.name : ''
    if (name === 'if') open.push([at])
    else if (name === 'else' && open.at(-1)?.length === 1) open.at(-1)?.push(at)
    else if (name === '/if') for (const place of open.pop()?.concat(at) ?? []) complete.add(place)
  }
  return complete
}
