import type { HistoryMessage } from '../core/store.ts'
import { fill, type Layout, type LayoutInput } from './fill.ts'
import { type Frame, frameOf, tokensOf, without } from './frame.ts'
import { counted } from './history.ts'

/** What makes way for what is said now, in this order: what the persona is goes last. */
const makingWay = ['examples', 'memories', 'people', 'lore', 'summary', 'notes', 'standing lore'] as const

/** Examples that are larger than this share of the context make way for the history when it is cut first. */
const examplesShare = 1 / 8

/**
 * Lays the prompt out for the model server's prefix cache:
 *
 *     system   persona, standing lore, rules, examples     changes only when the persona does
 *     system   summary of what came before                 changes only after the history was cut
 *     …        history, verbatim                           grows at its end, is cut seldom and in large blocks
 *     …        the author's notes
 *     user     the new messages
 *     system   memories, lore, time, reminder              changes every turn, so it stands last
 *     model    the beginning of the reply
 *
 * When the history outgrows its budget its older half goes at once: cutting message by message
 * would give the cache a new beginning every turn. Large examples go with it, since then the history shows how the
 * persona talks.
 *
 * A pocket model answers what stands last, repeats a greeting, and takes a dialogue in the system
 * message for its own. It gets the examples as a conversation, no greeting and no last word: a person's
 * name was remembered in 7 of 10 tries that way (SmolLM2-135M), and in 0 of 7 the other way.
 */
export function layOut(input: LayoutInput): Layout {
  const history = withoutGreeting(input).map((message) =>
    counted(input.persona, input.roomKind, input.speakers, message),
  )
  const frame = frameOf(input)
  const large = tokensOf(frame, 'examples') > input.contextTokens * examplesShare
  const lay = (each: Frame, mustCut = false) => fill(input, history, each, mustCut)
  if (large && input.isCut) return makeWay(without(frame, 'examples', 'history'), lay)
  const laid = makeWay(frame, lay)
  const cutsNow = laid.fits && laid.historyFrom > (input.history[0]?.anchor ?? 0)
  if (!large || !cutsNow) return laid
  return makeWay(without(frame, 'examples', 'history'), (each) => lay(each, true))
}

/** What is said now goes before whatever else could be told. */
function makeWay(frame: Frame, lay: (frame: Frame) => Layout): Layout {
  const isWhole = (laid: Layout) => laid.fits && laid.unread === undefined
  let laid = lay(frame)
  let left = frame
  for (const section of makingWay) {
    if (isWhole(laid)) break
    if (tokensOf(left, section) === 0) continue
    left = without(left, section, 'no-room')
    laid = lay(left)
  }
  return laid
}

function withoutGreeting({ history, pocket }: LayoutInput): readonly HistoryMessage[] {
  if (!pocket) return history
  return history.slice(history.findIndex(({ author }) => author.kind === 'participant'))
}
