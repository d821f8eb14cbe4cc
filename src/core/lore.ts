/** One key: words as they stand, composed (NFC), or a regular expression. */
export type LoreKey =
  | { readonly kind: 'words'; readonly text: string }
  | {
      readonly kind: 'pattern'
      readonly source: string
      readonly flags: string
      /** Written without `/…/`, so that the entry says whether case counts. */
      readonly bare: boolean
    }

/** What the second keys must do beside the first: `any` of them occur, not `all`, not `any`, `all`. */
export type LoreLogic = 'any' | 'not-all' | 'not-any' | 'all'
export type LoreRole = 'system' | 'user' | 'assistant'

/** Where an entry's content goes. */
export type LorePlace =
  | {
      readonly at:
        | 'before-persona'
        | 'after-persona'
        | 'after-personality'
        | 'after-scenario'
        | 'note-top'
        | 'note-bottom'
        | 'examples-top'
        | 'examples-bottom'
    }
  /** Fetched by a macro of that name. */
  | { readonly at: 'outlet'; readonly name: string }
  /** So many messages before the history's end. */
  | { readonly at: 'depth'; readonly depth: number; readonly role: LoreRole }

/** What lore may take of prompt and reply together, as in SillyTavern. */
export const loreShare = 1 / 4

/** So many messages back that it makes no difference how many. */
const farDepth = 20

/** Whether what always stands has this place before the history, and not near its end. */
export const isAtBeginning = (place: LorePlace): boolean =>
  place.at === 'depth' ? place.depth >= farDepth : place.at !== 'note-top' && place.at !== 'note-bottom'

/** Texts of the persona that an entry may search beside the messages. */
export type LoreSource =
  | 'self-description'
  | 'description'
  | 'personality'
  | 'note'
  | 'scenario'
  | 'creator-notes'

/** What the decorators of an entry ask for beyond its fields. All must hold. */
export interface LoreGates {
  /** The persona has said at least so many messages. */
  readonly onlyAfter?: number
  /** The number of the persona's messages is a multiple of this. */
  readonly onlyEvery?: number
  /** The conversation began with this greeting: 0 is the first. */
  readonly greeting?: number
  readonly userIcon?: string
  /** Of each list one must occur. */
  readonly alsoKeys: readonly (readonly LoreKey[])[]
  /** Of these none may occur. */
  readonly withoutKeys: readonly LoreKey[]
  readonly once: 'stays' | 'never-again' | undefined
  readonly always: boolean
  readonly never: boolean
  /** Left out before any other where the budget is too small. */
  readonly spare: boolean
  readonly hides: readonly ('system-prompt' | 'reminder')[]
}

/** Keys → content that is put in when a key occurs. */
export interface LoreEntry {
  /** Unlike that of any other entry of the book. */
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly content: string
  readonly keys: readonly LoreKey[]
  readonly secondKeys: readonly LoreKey[]
  readonly logic: LoreLogic
  readonly constant: boolean
  /** May also be found by what it means. */
  readonly byMeaning: boolean
  readonly caseSensitive: boolean
  readonly wholeWords: boolean
  /** In messages; undefined as the book says. */
  readonly scanDepth: number | undefined
  readonly alsoSearches: readonly LoreSource[]
  /** Lower stands earlier, and among equals of one priority goes first where the budget is too small. */
  readonly order: number
  readonly priority: number
  readonly place: LorePlace
  /** In percent. */
  readonly probability: number
  readonly groups: readonly string[]
  readonly groupWeight: number
  readonly groupFirst: boolean
  readonly groupScoring: boolean
  /** In messages, all three. */
  readonly sticky: number
  readonly cooldown: number
  readonly delay: number
  /** Other entries' content does not bring it. */
  readonly notByOthers: boolean
  /** Its content brings no others. */
  readonly bringsNone: boolean
  /** It waits for the nth round in which entries bring entries; 0 does not wait. */
  readonly waitsForRound: number
  readonly ignoresBudget: boolean
  readonly gates: LoreGates
  /** Undefined: for every persona that has the book. */
  readonly onlyFor?: LoreAudience
}

/** For which personas an entry is, in small letters. An empty list says nothing. */
export interface LoreAudience {
  readonly names: readonly string[]
  readonly tags: readonly string[]
  /** It is for all but these. */
  readonly others: boolean
}

export interface Lorebook {
  /** Unlike that of any other book of the persona. */
  readonly id: string
  readonly name: string
  /** In messages. */
  readonly scanDepth: number | undefined
  readonly budgetTokens: number | undefined
  readonly recursive: boolean | undefined
  /** In which rooms alone it counts, as their platforms call them; undefined: in all. */
  readonly rooms?: readonly string[]
  readonly entries: readonly LoreEntry[]
}

/**
 * When entries that remember it were last put in, by `<book>/<entry>`: `at`, the number of messages that the
 * conversation had; `mark`, what the entry was then. Plain data, to be stored as JSON.
 */
export type LoreState = Readonly<Record<string, { readonly at: number; readonly mark: number }>>

export interface ActiveEntry {
  /** `<book>/<entry>`. */
  readonly key: string
  readonly name: string
  readonly text: string
  readonly place: LorePlace
  /** It comes in every turn, whatever is said. */
  readonly standing: boolean
}

/** An entry that would have come in. */
export interface MissedEntry {
  readonly key: string
  readonly name: string
  readonly why: 'budget' | 'chance' | 'group'
}

/** What lorebooks bring into one prompt. */
export interface Lore {
  /** In the order in which they stand, of those of one place. */
  readonly entries: readonly ActiveEntry[]
  readonly missed: readonly MissedEntry[]
  /** What an entry asks to be left out of this prompt. */
  readonly hides: readonly ('system-prompt' | 'reminder')[]
  /** For the next turn. */
  readonly state: LoreState
}
