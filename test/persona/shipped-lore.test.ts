import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LoreEntry } from '../../src/core/lore.ts'
import type { Persona } from '../../src/core/persona.ts'
import { defaultPrompts } from '../../src/persona/drift/default-prompts.ts'
import { activate } from '../../src/persona/lore/activate.ts'
import { readPersonas } from '../../src/persona/read.ts'
import { standingTokens } from '../../src/persona/size.ts'
import { estimateTokens } from '../../src/prompt/estimate.ts'
import { input } from './lore/support.ts'

const folder = join(import.meta.dirname, '../../personas')
const { personas, notes } = await readPersonas(folder, new AbortController().signal)

const entriesOf = ({ lore = [] }: Persona): readonly LoreEntry[] => lore.flatMap(({ entries }) => entries)
const textOf = ({ keys }: LoreEntry): readonly string[] =>
  keys.map((key) => (key.kind === 'words' ? key.text : key.source))

/** The names of what comes in when these are said, one after the other. */
function brought({ lore = [] }: Persona, said: readonly string[]): readonly string[] {
  return activate(input(lore, said)).entries.flatMap(({ name, standing }) => (standing ? [] : [name]))
}

test('nothing is to be said of the lore that is shipped', () => {
  expect(notes).toEqual([])
})

describe.each(personas)('the lore of $name', (persona) => {
  const entries = entriesOf(persona)

  test('is small: five to nine entries, of which one always stands, in fewer than 80 tokens', () => {
    expect(entries.length).toBeGreaterThanOrEqual(5)
    expect(entries.length).toBeLessThanOrEqual(9)
    expect(entries.filter(({ constant }) => constant)).toHaveLength(1)
    expect(standingTokens(persona.lore ?? [])).toBeLessThan(80)
    for (const { content } of entries) expect(estimateTokens(content)).toBeLessThan(100)
  })

  test('shows an entry that waits for a second key, and one that stays for a while', () => {
    const waiting = entries.filter(({ secondKeys }) => secondKeys.length > 0)
    expect(waiting).toHaveLength(1)
    expect(entries.filter(({ sticky }) => sticky > 0)).toHaveLength(1)
    for (const entry of waiting) {
      const [first = '', second = ''] = [textOf(entry)[0], textOf({ ...entry, keys: entry.secondKeys })[0]]
      expect(brought(persona, [`About the ${first}.`])).toEqual([])
      expect(brought(persona, [`About the ${first}: ${second}.`])).toEqual([entry.name])
    }
  })

  test('comes in by each of its keys, in a sentence', () => {
    for (const entry of entries.filter(({ secondKeys }) => secondKeys.length === 0)) {
      for (const key of textOf(entry))
        expect(brought(persona, [`Well, ${key}, as I said.`])).toContain(entry.name)
    }
  })

  test('stays away from small talk', () => {
    for (const { says } of defaultPrompts) expect(brought(persona, says)).toEqual([])
  })

  test('is running text, with no macro but {{user}}', () => {
    for (const { name, content } of entries) {
      expect(name).not.toBe('')
      expect(content).not.toContain('\n')
      expect(content.replaceAll('{{user}}', '')).not.toMatch(/[{}<>]/)
    }
  })
})
