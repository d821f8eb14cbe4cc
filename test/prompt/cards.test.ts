import { describe, expect, it } from 'vitest'
import { personaId } from '../../src/core/ids.ts'
import type { LayoutInput } from '../../src/prompt/fill.ts'
import { speakersIn } from '../../src/prompt/speakers.ts'
import { at, atDepth, entry, lore, persona, shown, talk, withCard } from './card-support.ts'
import { fitting, lay, now, plain, prompt, replied, said, wren } from './support.ts'

describe("a card's own words", () => {
  it('V2 system_prompt: stands in the place of the usual rules, first of all', () => {
    const text = shown({ persona: withCard({ systemPrompt: 'Write as {{char}}, to {{user}}.' }) })
    expect(text).toMatch(/^\[system\] Write as Wren, to Ada\.\n\nYou are Wren, the keeper/)
    expect(text).not.toContain('Write only what Wren says next')
  })

  it('V2 system_prompt: {{original}} is the usual rules', () => {
    const text = shown({ persona: withCard({ systemPrompt: 'First.\n{{original}}\nLast.' }) })
    expect(text).toMatch(/^\[system\] First\.\nYou are Wren, and you are talking with Ada\. .*\nLast\.\n/)
    expect(text.match(/Write only what Wren says next/g)).toHaveLength(1)
  })

  it('V2 system_prompt: that several people write is said all the same', () => {
    expect(shown({ persona: withCard({ systemPrompt: 'First.' }), roomKind: 'group' })).toContain(
      'Several people write here',
    )
  })

  it('V2 post_history_instructions: stand last', () => {
    expect(shown({ persona: { ...wren, reminder: '{{original}}Be brief, {{char}}.' } })).toMatch(
      /\nBe brief, Wren\.$/,
    )
  })

  it('depth 0 and the role of the persona: is the beginning of the reply, in the place of the usual one', () => {
    const begun = { ...persona, prefill: '*{{char}} looks up.*' }
    const laid = fitting(lay(talk, { persona: begun, continues: true }))
    expect(laid.prefill).toBe('*Wren looks up.*')
    expect(laid.prompt.at(-1)).toEqual({ role: 'assistant', text: '*Wren looks up.*' })
    const own = lore(entry('Well,', atDepth(0, 'assistant')))
    expect(fitting(lay(talk, { persona: begun, lore: own, continues: true })).prefill).toBe('Well,')
    const elsewhere = fitting(lay(talk, { persona: begun }))
    expect(elsewhere.prefill).toBe('')
    expect(elsewhere.prompt.at(-1)!.role).toBe('system')
    expect(elsewhere.leftOut).toEqual([{ section: 'prefill', why: 'host' }])
    expect(fitting(lay(talk, { persona: begun, continues: true, pocket: true })).prefill).toBe('')
  })

  it('V2 creator_notes: never in a prompt', () => {
    expect(shown({ persona: withCard({}) })).not.toContain('Never in a prompt')
  })

  it('depth_prompt: stands before the new messages, with its role and its macros', () => {
    const note = { text: '{{char}} limps.', depth: 4, role: 'system' } as const
    expect(shown({ persona: withCard({ note }) })).toContain(
      '[assistant] Hello yourself.\n[system] Wren limps.\n[user] Who am I?\n[system] It is',
    )
    expect(shown({ persona: withCard({ note: { ...note, depth: 0 } }) })).toContain(
      '[user] Who am I?\n[system] Wren limps.\n\nIt is <the time>.',
    )
  })
})

describe('macros', () => {
  const chance = '{{random:a,b,c,d,e,f,g,h}}{{roll:1000}}'
  const rolled = {
    ...persona,
    scenario: `${chance} {{time}}`,
    reminder: `${chance} {{time}} {{lastMessage}}`,
  }
  const laid = (rest: Partial<LayoutInput>) => prompt(talk, { persona: rolled, ...rest })

  it('at the beginning go by the room and the hour, at the end by the turn and the minute', () => {
    const one = laid({ seed: 'one' })
    const other = laid({ seed: 'other', now: new Date(now.getTime() + 20 * 60_000) })
    expect(other.slice(0, -1)).toEqual(one.slice(0, -1))
    expect(other.at(-1)).not.toEqual(one.at(-1))
    expect(laid({ seed: 'one' })).toEqual(one)
    expect(laid({ seed: 'one', roomSeed: 'elsewhere' })[0]).not.toEqual(one[0])
    expect(laid({ now: new Date(now.getTime() + 3_600_000) })[0]).not.toEqual(one[0])
  })

  it('{{group}} and {{notChar}}: the personas of a group, and all but this one', () => {
    const card = withCard({ systemPrompt: 'G {{group}}; N {{notChar}}.', note: undefined })
    const companions = ['Crow', 'Wren']
    const inGroup = plain(prompt(talk, { persona: card, roomKind: 'group', companions }))
    expect(inGroup).toContain('G Crow, Wren; N Crow, the people in the room.')
    expect(plain(prompt(talk, { persona: card }))).toContain('G Wren; N Ada.')
  })

  it('in a note far back are as at the beginning', () => {
    const note = { text: chance, depth: 99, role: 'system' } as const
    const far = (seed: string) => prompt(talk, { persona: withCard({ note }), seed })
    expect(far('one')[1]).toEqual({ role: 'system', text: expect.stringMatching(/^[a-h]\d+$/) })
    expect(far('other')).toEqual(far('one'))
  })

  it('{{persona}}: what the person says of themselves, in a group at the end alone', () => {
    const told = { ...persona, scenario: 'S {{persona}}', reminder: 'R {{persona}}' }
    const self = { persona: told, selfDescription: 'A {{char}} of the sea.' }
    expect(shown(self)).toContain('S A {{char}} of the sea.\n')
    expect(shown(self)).toMatch(/R A \{\{char\}\} of the sea\.$/)
    expect(shown({ ...self, roomKind: 'group' })).toContain('S\n')
    expect(shown({ ...self, roomKind: 'group' })).toMatch(/R A .*sea\.$/)
    expect(shown({ persona: told })).toMatch(/R$/)
  })

  it('in what a macro stands for are never filled', () => {
    const sly = [said('{{char}} {{random:x,y}}', 1)]
    expect(prompt(sly, { persona: rolled }).at(-1)!.text).toContain('{{char}} {{random:x,y}}')
  })
})

describe('several speakers', () => {
  it('are told apart, also where they have one name, or that of the persona', () => {
    const other = (text: string, name: string, anchor: number) => {
      const message = said(text, anchor, 'Bob')
      return { ...message, author: { ...message.author, displayName: name } }
    }
    for (const name of ['Ada', 'ada', 'Wren']) {
      const history = [said('One.', 1), other('Two.', name, 2)]
      const speakers = speakersIn(history, wren, new Map())
      expect(speakers.others).toEqual(['Ada', `${name} (2)`])
      const text = plain(prompt(history, { roomKind: 'group', speakers }))
      expect(text).toContain(`[user] Ada: One.\n[user] ${name} (2): Two.`)
    }
  })

  it('another persona is called by its name', () => {
    const mira = { ...replied('Good evening.', 1), author: { kind: 'persona', id: 'mira' } } as never
    const history = [said('One.', 1), mira, said('Two.', 2)]
    const speakers = speakersIn(history, wren, new Map([[personaId('mira'), { name: 'Mira' }]]))
    expect(speakers.others).toEqual(['Mira', 'Ada'])
    expect(plain(prompt(history, { roomKind: 'group', speakers }))).toContain('[user] Mira: Good evening.')
  })
})

it('what changes from turn to turn leaves all as it was that stood before the new messages', () => {
  const turns = [
    lore(entry('stands', at('before-persona'), true), entry('near', atDepth(4), true)),
    lore(
      entry('stands', at('before-persona'), true),
      entry('near', atDepth(4), true),
      entry('x', at('after-persona')),
    ),
    lore(entry('stands', at('before-persona'), true), entry('y', atDepth(0)), entry('z', at('note-top'))),
  ]
  const history = [
    said('One.', 1),
    replied('Answer.', 1),
    said('Two.', 2),
    replied('Answer.', 2),
    said('Three.', 3),
  ]
  const prompts = turns.map((each, index) =>
    prompt(history.slice(0, 2 * index + 1), {
      lore: each,
      reminders: [`line ${index}`],
      seed: `turn ${index}`,
    }),
  )
  for (const [index, before] of prompts.slice(0, -1).entries()) {
    const known = before.findIndex(({ text }) => text === 'near')
    expect(prompts[index + 1]!.slice(0, known)).toEqual(before.slice(0, known))
    expect(known).toBe(1 + 2 * index)
  }
})
