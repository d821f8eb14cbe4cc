import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { personaId } from '../../src/core/ids.ts'
import type { Persona } from '../../src/core/persona.ts'
import { mostFileBytes, personaFrom, readPersonas } from '../../src/persona/read.ts'
import { fieldNames, limits } from '../../src/persona/schema.ts'

const root = join(import.meta.dirname, '../..')
const { personas, problems } = await readPersonas(join(root, 'personas'), new AbortController().signal)

const words = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length
const texts = (persona: Persona): readonly string[] => [
  persona.description,
  persona.personality,
  persona.scenario,
  persona.reminder,
  ...persona.greetings,
  ...persona.examples.flatMap(({ user, reply }) => [user, reply]),
]

test('three companions are shipped, and Mira is one of them', () => {
  expect(problems).toEqual([])
  expect(personas.map(({ id }) => id)).toEqual(['mira', 'ottoline', 'pascoe'])
})

describe.each(personas)('$name', (persona) => {
  test('is short enough for a pocket model', () => {
    const core = [persona.description, persona.personality, persona.scenario].join(' ')
    expect(words(core)).toBeGreaterThanOrEqual(120)
    expect(words(core)).toBeLessThanOrEqual(220)
  })

  test('greets in 40 to 90 words, by its name, as an AI', () => {
    expect(persona.greetings.length).toBeGreaterThanOrEqual(2)
    for (const greeting of persona.greetings) {
      expect(words(greeting)).toBeGreaterThanOrEqual(40)
      expect(words(greeting)).toBeLessThanOrEqual(90)
      expect(greeting).toContain(persona.name)
      expect(greeting).toMatch(/\bAI\b|artificial intelligence/)
    }
  })

  test('is told that it is an AI, and shows how it says so', () => {
    expect(persona.description).toMatch(/^You are .* an AI companion\./)
    expect(persona.examples.some(({ reply }) => /\bAI\b/.test(reply))).toBe(true)
  })

  test('answers in examples as short as its scenario asks, and its reminder is one line', () => {
    for (const { reply } of persona.examples) expect(words(reply)).toBeLessThanOrEqual(40)
    expect(persona.reminder).not.toContain('\n')
    expect(words(persona.reminder)).toBeLessThanOrEqual(30)
  })

  test('has running text without hard line ends, and no macro but {{user}} and {{char}}', () => {
    for (const text of texts(persona)) {
      expect(text).not.toContain('\n')
      expect(text.replace(/\{\{(user|char)\}\}/g, '')).not.toMatch(/[{}<>]/)
    }
    for (const greeting of persona.greetings) expect(greeting).not.toContain('{{')
  })

  test('never talks like a help desk', () => {
    const phrases = /assist you|happy to help|great question|as an ai|feel free|certainly|delve|here to help/i
    for (const text of texts(persona)) expect(text).not.toMatch(phrases)
  })
})

test('the mistake that the guide shows is what a reader of the guide will see', async () => {
  const guide = await readFile(join(root, 'docs/writing-a-persona.md'), 'utf8')
  const example = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? ''
  const reading = personaFrom(
    example.replace('personality:', 'personalty:'),
    personaId('tove'),
    'personas/tove/persona.yaml',
  )
  const [problem] = reading.ok ? [] : reading.problems
  expect(guide).toContain(
    `wrong ${problem?.file}:${problem?.line}: ${problem?.field} ${problem?.message}\n      ${problem?.mend}\n`,
  )
})

describe('the table of the format', async () => {
  const page = await readFile(join(root, 'personas/README.md'), 'utf8')
  const rows = new Map(
    [...page.matchAll(/^\| `([^`]+)` +\|[^|]*\| ([^|]*?) +\| ([^|]*?) +\|$/gm)].map((row) => [
      row[1],
      `${row[2]} | ${row[3]}`,
    ]),
  )

  test('has every field, and no other', () => {
    const groups = Object.keys(fieldNames).map((group) => group.replace('[]', ''))
    const fields = Object.entries(fieldNames).flatMap(([group, names]) =>
      names.map((name) => (group === '' ? name : `${group}.${name}`)),
    )
    // A group that is no list has no row of its own.
    const plain = fields.filter((field) => field === 'examples' || !groups.includes(field))
    expect([...rows.keys()].sort()).toEqual(plain.sort())
  })

  test.each([
    ['name', limits.nameCharacters],
    ['description', limits.descriptionCharacters],
    ['personality', limits.personalityCharacters],
    ['scenario', limits.scenarioCharacters],
    ['greetings', limits.greetings],
    ['greetings', limits.greetingCharacters],
    ['examples', limits.examples],
    ['examples[].user', limits.exampleUserCharacters],
    ['examples[].reply', limits.exampleReplyCharacters],
    ['reminder', limits.reminderCharacters],
    ['prefill', limits.prefillCharacters],
    ['model.name', limits.modelNameCharacters],
    ['model.stop', limits.stops],
    ['model.stop', limits.stopCharacters],
  ])('gives the limit of %s as it is: %i', (field, limit) => {
    expect(rows.get(field)?.split(/[^\d,]+/)).toContain(limit.toLocaleString('en'))
  })

  test.each(['model', 'budget', 'manners'])(
    'gives the range and the default of every number of %s as they are',
    (group) => {
      for (const name of fieldNames[group] ?? []) {
        if (['name', 'stop', 'typing', 'quietHours', 'unprompted'].includes(name)) continue
        const row = rows.get(`${group}.${name}`) ?? ''
        const [, least, most] =
          /([\d.,]+) to ([\d,.]+)/.exec(row)?.map((number) => Number(number.replaceAll(',', ''))) ?? []
        const problemsWith = (value: number): number => {
          // The other side of the budget leaves room for any reply.
          const source = {
            name: 'n',
            description: 'd',
            budget: { contextTokens: 1_000_000 },
            [group]: { [name]: value },
          }
          if (name === 'replyTokens')
            source.budget = { contextTokens: 1_000_000, [name]: value } as typeof source.budget
          if (name === 'contextTokens')
            source.budget = { contextTokens: value, replyTokens: 16 } as typeof source.budget
          const reading = personaFrom(JSON.stringify(source), personaId('n'), 'n')
          return reading.ok ? 0 : reading.problems.length
        }
        const step = row.includes('whole number') ? 1 : 0.01
        expect([name, problemsWith(least!), problemsWith(most!)]).toEqual([name, 0, 0])
        expect([name, problemsWith(least! - step), problemsWith(most! + step)]).toEqual([name, 1, 1])
      }
      const bare = personaFrom('name: n\ndescription: d', personaId('n'), 'n')
      expect(bare.ok && bare.persona.budget).toEqual({ contextTokens: 8192, replyTokens: 300 })
      expect(rows.get('budget.contextTokens')).toMatch(/\| 8,192$/)
      expect(rows.get('budget.replyTokens')).toMatch(/\| 300$/)
    },
  )

  test('gives the size of the file as it is', () => {
    expect(page).toContain(`at most ${mostFileBytes.toLocaleString('en')} bytes`)
  })
})
