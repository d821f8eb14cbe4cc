import type { LoreEntry, LoreGates, LorePlace, LoreRole } from '../../core/lore.ts'
import { type KeyStyle, readKeys } from './read-keys.ts'

export interface Decorated {
  /** Without its decorators and the empty lines around them. */
  readonly content: string
  /** What they change of the entry's fields. */
  readonly fields: Partial<Pick<LoreEntry, 'place' | 'scanDepth'>>
  readonly gates: LoreGates
}

type Draft = { -readonly [Name in keyof LoreGates]: LoreGates[Name] } & {
  readonly style: KeyStyle
  depth?: number
  role?: LoreRole
  position?: LorePlace
  scanDepth?: number
}
/** Takes the value in, or returns false where it is none that the decorator may have. */
type Apply = (draft: Draft, value: string) => boolean

const mostDecorators = 200

/**
 * Reads the decorators in the first lines of an entry (`@@name value`). One that is unknown or has a wrong value
 * gives way to the first of the `@@@` lines below it that is right; of two of one name the first counts. Those that
 * count in tokens, or from the beginning, are unknown: the specification has them ignored where people converse.
 */
export function readDecorators(written: string, place: LorePlace, style: KeyStyle): Decorated {
  const lines = written.replace(/\r\n?/g, '\n').replace(/^\n+/, '').split('\n')
  const count = lines.findIndex((line) => !line.startsWith('@@'))
  const decorators = lines.slice(0, count === -1 ? lines.length : count)
  const draft: Draft = {
    style,
    alsoKeys: [],
    withoutKeys: [],
    once: undefined,
    always: false,
    never: false,
    spare: false,
    hides: [],
  }
  const seen = new Set<string>()
  let settled = true
  decorators.slice(0, mostDecorators).forEach((line, index) => {
    const fallback = line.startsWith('@@@')
    if (index === 0 && fallback && applyRoleMark(draft, line)) return
    if (fallback && settled) return
    const [, name = '', value = ''] = /^@@@?\s*(\S+)\s*(.*)$/.exec(line) ?? []
    settled = applyOne(draft, seen, name.toLowerCase(), value.trim())
  })
  const { style: _, depth, role, position, scanDepth, ...gates } = draft
  const content = decorators.length === 0 ? written : lines.slice(decorators.length).join('\n').trim()
  const placed = placeOf(place, depth, role, position)
  return {
    content,
    fields: { ...(placed && { place: placed }), ...(scanDepth !== undefined && { scanDepth }) },
    gates,
  }
}

/** How RisuAI marked the speaker before there were decorators. */
function applyRoleMark(draft: Draft, line: string): boolean {
  const role = roleOf(line.slice(3).trim().toLowerCase())
  if (role !== undefined) draft.role = role
  return role !== undefined
}

function applyOne(draft: Draft, seen: Set<string>, name: string, value: string): boolean {
  const apply = Object.hasOwn(known, name) ? known[name] : undefined
  if (apply === undefined) return false
  if (!repeatable.has(name) && seen.has(name)) return true
  if (!apply(draft, value)) return false
  seen.add(name)
  return true
}

/** A named position beats a depth; a role alone needs a place where there are roles. */
function placeOf(
  place: LorePlace,
  depth: number | undefined,
  role: LoreRole | undefined,
  position: LorePlace | undefined,
): LorePlace | undefined {
  if (position !== undefined) return position
  if (depth !== undefined) return { at: 'depth', depth, role: role ?? 'system' }
  return role !== undefined && place.at === 'depth' ? { ...place, role } : undefined
}

const positions: Readonly<Record<string, LorePlace>> = {
  after_desc: { at: 'after-persona' },
  before_desc: { at: 'before-persona' },
  personality: { at: 'after-personality' },
  scenario: { at: 'after-scenario' },
}

const repeatable: ReadonlySet<string> = new Set(['additional_keys'])
const roleOf = (value: string): LoreRole | undefined =>
  value === 'system' || value === 'user' || value === 'assistant' ? value : undefined

const number =
  (take: (draft: Draft, value: number) => void): Apply =>
  (draft, value) => {
    if (!/^\d{1,9}$/.test(value)) return false
    take(draft, Number(value))
    return true
  }
const bare =
  (take: (draft: Draft) => void): Apply =>
  (draft) => {
    take(draft)
    return true
  }

const known: Readonly<Record<string, Apply>> = {
  activate_only_after: number((draft, value) => {
    draft.onlyAfter = value
  }),
  activate_only_every: (draft, value) => {
    if (!/^[1-9]\d{0,8}$/.test(value)) return false
    draft.onlyEvery = Number(value)
    return true
  },
  keep_activate_after_match: bare((draft) => {
    draft.once ??= 'stays'
  }),
  dont_activate_after_match: bare((draft) => {
    draft.once ??= 'never-again'
  }),
  depth: number((draft, value) => {
    draft.depth = value
  }),
  role: (draft, value) => {
    const role = roleOf(value.toLowerCase())
    if (role !== undefined) draft.role = role
    return role !== undefined
  },
  scan_depth: number((draft, value) => {
    draft.scanDepth = value
  }),
  is_greeting: number((draft, value) => {
    draft.greeting = value
  }),
  position: (draft, value) => {
    const position = Object.hasOwn(positions, value) ? positions[value] : undefined
    if (position !== undefined) draft.position = position
    return position !== undefined
  },
  ignore_on_max_context: bare((draft) => {
    draft.spare = true
  }),
  additional_keys: (draft, value) => {
    const keys = readKeys(draft.style === 'words' ? value : value.split(','), draft.style)
    if (keys.length > 0) draft.alsoKeys = [...draft.alsoKeys, keys]
    return keys.length > 0
  },
  exclude_keys: (draft, value) => {
    const keys = readKeys(value, 'words')
    // Not where the keys are regular expressions, says the specification.
    if (draft.style === 'words') draft.withoutKeys = keys
    return keys.length > 0
  },
  is_user_icon: (draft, value) => {
    if (value !== '') draft.userIcon = value
    return value !== ''
  },
  activate: bare((draft) => {
    draft.always = true
  }),
  dont_activate: bare((draft) => {
    draft.never = true
  }),
  disable_ui_prompt: (draft, value) => {
    const hidden = hideable[value]
    if (hidden !== undefined) draft.hides = [hidden]
    return hidden !== undefined
  },
}

const hideable: Readonly<Record<string, LoreGates['hides'][number]>> = {
  post_history_instructions: 'reminder',
  system_prompt: 'system-prompt',
}
