import type { HostWord } from '../core/made.ts'
import { type Head, type HeadInput, headOf } from './head.ts'
import { outletsOf } from './lore.ts'
import { type NoteMessage, notesOf } from './notes.ts'
import { type LeftOut, type Part, type SectionName, sizesOf } from './sections.ts'
import { tailOf } from './tail.ts'
import { headValues, tailValues } from './values.ts'

export interface FrameInput extends HeadInput {
  /** The history began earlier once, and was cut. */
  readonly isCut: boolean
  /** Lines about what was said in earlier times, which fit to the new messages. */
  readonly reminders: readonly string[]
  /** Lines of what people say of themselves. */
  readonly selves: readonly string[]
  readonly hostWord?: HostWord | undefined
  /** The model's host goes on with what it is given as the beginning of the reply. */
  readonly continues: boolean
}

/** All but what was said. */
export interface Frame {
  readonly head: Head
  /** Before the history. */
  readonly before: readonly NoteMessage[]
  /** Before the new messages. */
  readonly near: readonly NoteMessage[]
  /** After them. */
  readonly after: readonly NoteMessage[]
  readonly tail: readonly Part[]
  readonly prefill: string
  readonly leftOut: readonly LeftOut[]
}

export function frameOf(input: FrameInput): Frame {
  const { persona, lore, summary, pocket } = input
  const head = headOf(input)
  const missed = lore.missed.map(
    ({ name, key, why }): LeftOut => ({ section: 'lore', name: name || key, why }),
  )
  const cutOff: readonly LeftOut[] = input.isCut ? [{ section: 'history', why: 'cut' }] : []
  const leftOut = [...head.leftOut, ...missed, ...cutOff]
  if (pocket) {
    const all = lore.entries.filter(({ standing }) => !standing)
    const gone = all.map(({ name, key }): LeftOut => ({ section: 'lore', name: name || key, why: 'pocket' }))
    return {
      head,
      before: [],
      near: [],
      after: [],
      tail: [],
      prefill: '',
      leftOut: [
        ...leftOut,
        ...gone,
        ...(persona.reminder === '' ? [] : [{ section: 'reminder', why: 'pocket' } as const]),
      ],
    }
  }
  const values = { ...tailValues(input), outlets: outletsOf(lore.entries) }
  const notes = notesOf(persona, lore, headValues(input), values)
  // A model's words, and so never expanded.
  const told = summary === undefined || summary === '' ? '' : `What came before, in short:\n${summary}`
  const noHost = notes.prefill !== '' && !input.continues
  return {
    head,
    before: [
      ...(told === '' ? [] : [{ section: 'summary', role: 'system', text: told } as const]),
      ...notes.first,
    ],
    near: notes.near,
    after: notes.last.filter(({ role }) => role !== 'system'),
    tail: tailOf(input, notes.last, values),
    prefill: noHost ? '' : notes.prefill,
    leftOut: noHost ? [...leftOut, { section: 'prefill', why: 'host' }] : leftOut,
  }
}

export function without(frame: Frame, section: SectionName, why: LeftOut['why']): Frame {
  const others = <Each extends Part>(parts: readonly Each[]) =>
    parts.filter((part) => part.section !== section)
  return {
    ...frame,
    head: {
      ...frame.head,
      parts: others(frame.head.parts),
      talk: section === 'examples' ? [] : frame.head.talk,
    },
    before: others(frame.before),
    near: others(frame.near),
    after: others(frame.after),
    tail: others(frame.tail),
    leftOut: [...frame.leftOut, { section, why }],
  }
}

export const partsOf = ({ head, before, near, after, tail, prefill }: Frame): readonly Part[] => [
  ...head.parts,
  ...head.talk.map(({ text }): Part => ({ section: 'examples', text })),
  ...before,
  ...near,
  ...after,
  ...tail,
  ...(prefill === '' ? [] : [{ section: 'prefill', text: prefill } as const]),
]

export const tokensOf = (frame: Frame, section: SectionName): number =>
  sizesOf(partsOf(frame)).find((size) => size.section === section)?.tokens ?? 0
