import { expect } from 'vitest'
import { messageId, newUuid, participantId, turnId } from '../../src/core/ids.ts'
import type { Prompt } from '../../src/core/model.ts'
import type { Persona } from '../../src/core/persona.ts'
import type { HistoryMessage } from '../../src/core/store.ts'
import type { LayoutInput } from '../../src/prompt/fill.ts'
import { layOut } from '../../src/prompt/layout.ts'
import { speakersIn } from '../../src/prompt/speakers.ts'
import { testPersona } from '../support/persona.ts'

export const wren: Persona = {
  ...testPersona,
  description: 'You are {{char}}, the keeper of a small lighthouse, and {{user}} is a friend.',
  scenario: '{{char}} and {{user}} sit below the lamp.',
  examples: [{ user: 'Is it {{char}}?', reply: 'It is, {{user}}.' }],
  reminder: 'Answer {{user}} in two sentences.',
}
const people = { Ada: participantId(newUuid()), Bob: participantId(newUuid()) }
export const now = new Date('2026-03-04T12:05:00Z')

export const said = (
  text: string,
  anchor: number,
  displayName: keyof typeof people = 'Ada',
): HistoryMessage => ({
  id: messageId(newUuid()),
  anchor,
  author: { kind: 'participant', id: people[displayName], displayName },
  text,
  saidAt: now,
})
export const replied = (text: string, anchor: number): HistoryMessage => ({
  id: messageId(newUuid()),
  anchor,
  author: { kind: 'persona', id: wren.id, turn: turnId(newUuid()) },
  text,
  saidAt: now,
})
export const lay = (history: readonly HistoryMessage[], rest: Partial<LayoutInput> = {}) =>
  layOut({
    persona: wren,
    roomKind: 'direct',
    userName: 'Ada',
    selfDescription: undefined,
    history,
    since: history.at(-1)?.anchor ?? 0,
    isCut: false,
    images: new Map(),
    speakers: speakersIn(history, wren, new Map()),
    summary: undefined,
    reminders: [],
    selves: [],
    lore: { entries: [], missed: [], hides: [], state: {} },
    now,
    seed: 'turn',
    roomSeed: 'room',
    pocket: false,
    continues: false,
    contextTokens: 4_096,
    promptTokens: 3_000,
    ...rest,
  })
export function fitting(layout: ReturnType<typeof layOut>): Extract<typeof layout, { fits: true }> {
  expect(layout.fits).toBe(true)
  return layout as Extract<typeof layout, { fits: true }>
}
export const prompt = (...args: Parameters<typeof lay>): Prompt => fitting(lay(...args)).prompt
export const plain = (text: Prompt) => text.map((message) => `[${message.role}] ${message.text}`).join('\n')
