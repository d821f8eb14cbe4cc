import { describe, expect, test } from 'vitest'
import { personaId } from '../../src/core/ids.ts'
import { problemText } from '../../src/persona/problem.ts'
import { personaFrom } from '../../src/persona/read.ts'
import { personaSize } from '../../src/persona/size.ts'

const file = 'personas/mira/persona.yaml'
const mira = personaId('mira')
const read = (source: string) => personaFrom(source, mira, file)

/** The problems as the operator reads them, without the path that they all share. */
function complaints(source: string): readonly string[] {
  const reading = read(source)
  if (reading.ok) return []
  return reading.problems.map((problem) => `${problemText(problem).slice(file.length + 1)} | ${problem.mend}`)
}

const good = `
name: "  Mira\\tof the\\e[31m lamp "
description: >
  You are Mira.
  You like lists.

  Long ones.
personality: |
  You are dry.
scenario: You talk with {{user}}.
greetings:
  - Hello.
  - "Well: hello."
examples:
  - user: Are you human?
    reply: No.
reminder: You are {{char}}.
model: { name: llama3.2, temperature: 0.7, topP: 0.9, minP: 0.05, repeatPenalty: 1.1, seed: 7 }
budget: { contextTokens: 4096, replyTokens: 200 }
manners: { settleMs: 1200 }
`

describe('a good file', () => {
  test('becomes a persona, field by field', () => {
    expect(read(good)).toEqual({
      ok: true,
      persona: {
        id: 'mira',
        name: 'Mira of the[31m lamp',
        description: 'You are Mira. You like lists.\nLong ones.',
        personality: 'You are dry.',
        scenario: 'You talk with {{user}}.',
        greetings: ['Hello.', 'Well: hello.'],
        examples: [{ user: 'Are you human?', reply: 'No.' }],
        reminder: 'You are {{char}}.',
        model: {
          name: 'llama3.2',
          sampling: { temperature: 0.7, topP: 0.9, minP: 0.05, repeatPenalty: 1.1, seed: 7 },
        },
        budget: { contextTokens: 4096, replyTokens: 200 },
        manners: { settleMs: 1200 },
      },
    })
  })

  test('needs a name and a description alone', () => {
    const reading = read('name: Mira\ndescription: You are Mira.\n')
    expect(reading.ok && reading.persona).toEqual({
      id: 'mira',
      name: 'Mira',
      description: 'You are Mira.',
      personality: '',
      scenario: '',
      greetings: [],
      examples: [],
      reminder: '',
      model: { sampling: {} },
      budget: { contextTokens: 8192, replyTokens: 300 },
      manners: {},
    })
  })

  test('may keep headings without a value', () => {
    expect(
      complaints('name: M\ndescription: d\nscenario:\ngreetings:\nmodel:\nbudget:\n  replyTokens:\n'),
    ).toEqual([])
  })

  test('may have a byte order mark, Windows line ends and HTML, which stays text', () => {
    const reading = read('\ufeffname: <b>Mira</b>\r\ndescription: |\r\n  One.\r\n  Two.\r\n')
    expect(reading.ok && [reading.persona.name, reading.persona.description]).toEqual([
      '<b>Mira</b>',
      'One.\nTwo.',
    ])
  })

  test('is measured by what stands in every prompt, not by its greetings', () => {
    const reading = read(`name: M\ndescription: ${'a'.repeat(400)}\ngreetings: [${'b'.repeat(900)}]\n`)
    expect(reading.ok && personaSize(reading.persona)).toEqual({ characters: 403, tokens: 101 })
  })
})

const start = 'name: Mira\ndescription: You are Mira.\n'
const quote = 'Put the text in quotes, or on the next lines after `>`.'

describe('a bad file', () => {
  test.each<[string, string, string]>([
    [
      'empty',
      '',
      '1: a persona is written as fields, and this file has none | Begin with `name: ` and `description: >`; `npx hearth persona new` writes an example.',
    ],
    [
      'a list',
      '- name',
      '1: a persona is written as fields, and this file has none | Begin with `name: ` and `description: >`; `npx hearth persona new` writes an example.',
    ],
    ['without a name', 'description: x', '1: name is missing | Write it: `name: Mira`.'],
    [
      'without a description',
      '\nname: x',
      '2: description is missing | Write it: `description: >`, and below it who the persona is.',
    ],
    [
      'with a blank name',
      'name: "\u200b "\ndescription: x',
      '1: name must not be empty | Write the text, or take the line out.',
    ],
    ['with a number for a name', 'name: 1984\ndescription: x', '1: name must be text | Write it in quotes.'],
    [
      'with a long name',
      `name: ${'m'.repeat(81)}\ndescription: x`,
      '1: name is longer than 80 characters | Shorten it: what is always said to the model leaves less room for the conversation.',
    ],
    [
      'with a misspelt field',
      `${start}personalty: x`,
      '3: personalty is no field of a persona | Did you mean personality?',
    ],
    [
      'with a card’s field',
      `${start}first_mes: x`,
      '3: first_mes is no field of a persona | Did you mean greetings?',
    ],
    [
      'with a field in the wrong place',
      `${start}temperature: 1`,
      '3: temperature is no field of a persona | Did you mean model.temperature?',
    ],
    [
      'with a field nobody knows',
      `${start}manners:\n  zzz:`,
      '4: manners.zzz is no field of a persona | The fields here are settleMs, talkativeness, typing, quietHours, unprompted.',
    ],
    [
      'with an escape in a field’s name',
      `${start}"\\e[31mzzz": 1`,
      '3: [31mzzz is no field of a persona | The fields here are name, description, personality, scenario, greetings, examples, reminder, prefill, model, budget, manners.',
    ],
    [
      'with __proto__',
      `${start}__proto__: { name: x }`,
      '3: __proto__ is no field of a persona | The fields here are name, description, personality, scenario, greetings, examples, reminder, prefill, model, budget, manners.',
    ],
    [
      'with a merge',
      `${start}<<: { name: x }`,
      '3: << is no field of a persona | The fields here are name, description, personality, scenario, greetings, examples, reminder, prefill, model, budget, manners.',
    ],
    [
      'with fields in place of a greeting',
      `${start}greetings:\n  - Well: hello`,
      '4: greetings[0] must be text | A colon or a bracket made it something else. Write it in quotes, or on the next lines after `>`.',
    ],
    [
      'with an empty greeting',
      `${start}greetings:\n  - hello\n  -`,
      '5: greetings[1] is missing | Write it: the text after `- `.',
    ],
    [
      'with text for a list',
      `${start}greetings: hello`,
      '3: greetings must be a list | Begin each item on a line of its own with `- `.',
    ],
    [
      'with many greetings',
      `${start}greetings: [${'x,'.repeat(11)}]`,
      '3: greetings has more than 10 items | Keep the best of them.',
    ],
    [
      'with half an example',
      `${start}examples:\n  - user: hi`,
      '4: examples[0].reply is missing | Write it: `reply: ` and what the persona answers.',
    ],
    [
      'with text for an example',
      `${start}examples:\n  - hi`,
      '4: examples[0] must have fields: user, reply | Write each on a line of its own, two spaces further in.',
    ],
    [
      'with text for a number',
      `${start}model:\n  topP: high`,
      '4: model.topP must be a number | Write digits and a point alone, without quotes or a unit.',
    ],
    [
      'with manners that nobody knows',
      `${start}manners:\n  typing: fast`,
      '4: manners.typing must be one of: human, off | Write one of them.',
    ],
    [
      'with hours that are none',
      `${start}manners:\n  quietHours: 23-7`,
      '4: manners.quietHours must be two times of day | Write it like "23:00-07:00", in quotes.',
    ],
    [
      'with nothing to stop at',
      `${start}model:\n  stop: [""]`,
      '4: model.stop[0] must not be empty | Write the text, or take the line out.',
    ],
    [
      'with infinity',
      `${start}model:\n  topP: .inf`,
      '4: model.topP must be a number | Write digits and a point alone, without quotes or a unit.',
    ],
    [
      'with a high number',
      `${start}model:\n  temperature: 3`,
      '4: model.temperature must be at most 2 | Lower it.',
    ],
    [
      'with a low number',
      `${start}budget:\n  contextTokens: 10`,
      '4: budget.contextTokens must be at least 1,024 | Raise it.',
    ],
    [
      'with part of a token',
      `${start}budget:\n  replyTokens: 99.5`,
      '4: budget.replyTokens must be a whole number | Write digits alone, without quotes or a unit.',
    ],
    [
      'with a reply that fills the context',
      `${start}budget:\n  contextTokens: 2048\n  replyTokens: 1025`,
      '5: budget.replyTokens must be at most half of budget.contextTokens | Lower it, or raise budget.contextTokens.',
    ],
    [
      'too long for its budget',
      `${start}personality: ${'word '.repeat(900)}\nbudget:\n  contextTokens: 2048`,
      '5: budget.contextTokens leaves too little for the conversation: the persona takes about 1129 tokens of 2048, and may take 874 | Shorten the texts and examples, or raise budget.contextTokens.',
    ],
    [
      'with a field twice',
      `${start}name: Mara`,
      '3: name is given twice, first in line 1 | Keep one of the two.',
    ],
    [
      'with a tab',
      `${start}model:\n\ttopP: 1`,
      '4: a tab stands where YAML wants spaces | Indent with two spaces.',
    ],
    [
      'with a star before text',
      `${start}reminder: *smiles*`,
      `3: text that begins with \`*\` is read as a YAML alias, and persona files have none | ${quote}`,
    ],
    [
      'with a tag',
      `${start}reminder: !!binary aGVsbG8=`,
      `3: text that begins with \`!\` is read as a YAML tag, and persona files have none | ${quote}`,
    ],
    [
      'with a second colon',
      'name: Mira: the lamp',
      `1: a second colon makes YAML see a field inside the text | ${quote}`,
    ],
    [
      'with two documents',
      `${start}---\nname: x`,
      '3: a second document begins here | Take out the line `---`: a file holds one persona.',
    ],
    [
      'with a list for a field’s name',
      '? [a]\n: 1',
      '1: a field has a name that is not text | Put the text in quotes, or after `>`.',
    ],
    [
      'with an open quote',
      'name: "Mira',
      '1: this is not valid YAML: Missing closing "quote | Look at the indentation; text with a colon, a quote or # in it goes in quotes, or after `>`.',
    ],
    [
      'nested without end',
      `${start}greetings: ${'['.repeat(60_000)}`,
      '3: lists or fields are nested more than 32 deep | Put text with brackets in it in quotes, or after `>`.',
    ],
  ])('%s: says where, what and how to mend it', (_, source, complaint) => {
    expect(complaints(source)).toContain(complaint)
  })

  test('tells all its mistakes at once, from the top down', () => {
    const source = 'nmae: Mira\ngreetings: hi\nmodel:\n  topP: 2\n  topP: 1\nexamples:\n  - reply: a\n'
    expect(complaints(source).map((line) => line.split(' | ')[0])).toEqual([
      '1: name is missing',
      '1: description is missing',
      '1: nmae is no field of a persona',
      '2: greetings must be a list',
      '4: model.topP must be at most 1',
      '5: model.topP is given twice, first in line 4',
      '7: examples[0].user is missing',
    ])
  })

  test('with very many mistakes names the first twenty and counts the rest', () => {
    const found = complaints(Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join('\n'))
    expect(found).toHaveLength(21)
    expect(found.at(-1)).toMatch(/and 482 more problems \| Mend these first\.$/)
  })

  test('with aliases that would explode is refused without following them', () => {
    const lines = Array.from({ length: 60 }, (_, i) =>
      i === 0 ? 'k0: &a0 [x, x]' : `k${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]`,
    )
    expect(complaints(lines.join('\n'))).toContain(
      `2: text that begins with \`*\` is read as a YAML alias, and persona files have none | ${quote}`,
    )
  })

  test('that contains itself is refused', () => {
    expect(complaints('greetings: &a [*a]')).toContain(
      `1: text that begins with \`*\` is read as a YAML alias, and persona files have none | ${quote}`,
    )
  })

  test('never shows a control character, whatever it holds', () => {
    const found = complaints('"\\e]0;x\\a\\n\\0nme": 1\n"\\uD800": 2\n').join('')
    expect(found).not.toMatch(/[\u0000-\u001f\u007f-\u009f\ud800]/)
  })
})
