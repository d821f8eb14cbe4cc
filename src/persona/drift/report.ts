import { measureReply, type ReplyMeasures, sharedWords } from './measures.ts'

/** One of the two that are compared. */
export interface DriftSide {
  readonly persona: string
  readonly version: string
  readonly model: string
}

export interface DriftReply extends ReplyMeasures {
  readonly text: string
  /** The limit of its tokens ended it. */
  readonly cut: boolean
}

export interface DriftRow {
  readonly name: string
  readonly says: readonly string[]
  readonly replies: readonly [DriftReply, DriftReply]
  /** From 0 to 1. */
  readonly shared: number
  /** Between what the two mean; undefined where nothing could tell. */
  readonly distance: number | undefined
}

export interface DriftReport {
  readonly sides: readonly [DriftSide, DriftSide]
  readonly rows: readonly DriftRow[]
  readonly temperature: number
  readonly seed: number
  /** By which distances were measured. */
  readonly embedder: string | undefined
}

export interface SaidReply {
  readonly text: string
  readonly cut: boolean
}

export function driftRow(
  { name, says }: Pick<DriftRow, 'name' | 'says'>,
  [one, other]: readonly [SaidReply, SaidReply],
  distance: number | undefined,
): DriftRow {
  const measured = (reply: SaidReply): DriftReply => ({ ...reply, ...measureReply(reply.text) })
  return {
    name,
    says,
    replies: [measured(one), measured(other)],
    shared: sharedWords(one.text, other.text),
    distance,
  }
}

/** What is shown of the two replies of a prompt: `6 → 20`, or `6` where both are the same. */
const columns = [
  { heading: 'characters', of: ({ characters }: ReplyMeasures) => characters },
  { heading: 'words', of: ({ words }: ReplyMeasures) => words },
  { heading: 'sentences', of: ({ sentences }: ReplyMeasures) => sentences },
  { heading: 'asks', of: ({ questions }: ReplyMeasures) => questions },
  { heading: 'emoji', of: ({ emoji }: ReplyMeasures) => emoji },
  { heading: '*acts*', of: ({ actions }: ReplyMeasures) => actions },
  { heading: 'refuses', of: ({ refusal }: ReplyMeasures) => (refusal ? 1 : 0) },
] as const

export const headings: readonly string[] = [...columns.map(({ heading }) => heading), 'shared', 'distance']

export function cellsOf({ replies, shared, distance }: DriftRow): readonly string[] {
  const [one, other] = replies
  return [
    ...columns.map(({ of }) => both(String(of(one)), String(of(other)))),
    percent(shared),
    shownDistance(distance),
  ]
}

export function meanCells(rows: readonly DriftRow[]): readonly string[] {
  const side = (index: 0 | 1, of: (measures: ReplyMeasures) => number) =>
    (mean(rows.map(({ replies }) => of(replies[index]))) ?? 0).toFixed(1)
  return [
    ...columns.map(({ of }) => both(side(0, of), side(1, of))),
    percent(mean(rows.map(({ shared }) => shared)) ?? 1),
    shownDistance(mean(rows.map(({ distance }) => distance))),
  ]
}

export const sideLine = ({ persona, version, model }: DriftSide): string =>
  `${persona}, version ${version}, by ${model}`

export const settingsLine = ({ temperature, seed, embedder }: DriftReport): string =>
  `temperature ${temperature}, seed ${seed}${embedder === undefined ? '' : `, distances by ${embedder}`}`

const both = (one: string, other: string) => (one === other ? one : `${one} → ${other}`)
const percent = (share: number): string => `${Math.round(share * 100)} %`
const shownDistance = (distance: number | undefined): string => distance?.toFixed(2) ?? '–'

/** Undefined of none. */
function mean(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((each) => each !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0) / known.length
}
