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
    let out = ''
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at] ?? ''
      if (typeof node === 'string') out += angled(node, values)
      else if (node.name === 'if') {
        const { chosen, next } = branchOf(nodes, at, isTrue(node))
        out += render(chosen)
        at = next
      } else out += filled(node)
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
    const asked = /^\w+$/.test(name) && argument.every((node) => typeof node === 'string')
    const value = asked ? filled({ name: name.toLowerCase(), body: [name], argument: [] }) : name
    const holds = !['', 'false', '0', 'off', 'no', `{{${name}}}`].includes(value.trim().toLowerCase())
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

/** What stands between `{{if}}` at `at` and its `{{else}}` or `{{/if}}`; without an end all that follows. */
function branchOf(nodes: readonly MacroNode[], at: number, holds: boolean) {
  let depth = 0
  let middle: number | undefined
  let end = at + 1
  for (; end < nodes.length; end++) {
    const node = nodes[end]
    const name = typeof node === 'object' ? node.name : ''
    if (name === 'if') depth++
    else if (name === 'else' && depth === 0) middle ??= end
    else if (name === '/if' && depth-- === 0) break
  }
  const chosen = holds ? nodes.slice(at + 1, middle ?? end) : nodes.slice((middle ?? end) + 1, end)
  return { chosen, next: end }
}
