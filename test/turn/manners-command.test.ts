import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import { openStore } from '../../src/store/store.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { type Run, startRun } from './harness.ts'
import { base, say, settled } from './person.ts'

describe.each(databases)('the command manners, over $name', (place) => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(place)
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const ask = (run: Run, text: string, sender = 'ada', kind: 'direct' | 'group' = 'direct') =>
    run.event({
      ...base(run),
      room: { externalId: externalId(kind === 'direct' ? 'home' : 'hall'), kind },
      sender: { externalId: externalId(sender), displayName: sender },
      kind: 'command',
      name: 'manners',
      text,
    })
  const told = (run: Run) =>
    run
      .seen()
      .filter((line) => line.startsWith('notice: '))
      .at(-1)

  it('sets what holds in the room, tells where it comes from, and takes it back', async () => {
    const generator = scriptedGenerator(() => 'Yes.')
    const persona = { ...testPersona, model: { sampling: { temperature: 0.6, topP: 0.9 } } }
    await using run = await startRun(opened, { generator, persona })
    await ask(run, 'temperature 1.2')
    expect(told(run)).toBe('notice: temperature: 1.2 (set here: 1.2)')
    await ask(run, 'Length SHORT')
    await say(run, 'one')
    await settled(run)
    expect(generator.options.at(-1)).toMatchObject({
      sampling: { temperature: 1.2, topP: 0.9 },
      replyTokens: 120,
    })
    expect(JSON.stringify(generator.prompts.at(-1))).toContain('one or two short sentences')
    await ask(run, '')
    expect(told(run)?.split('\n')).toEqual([
      'notice: length: at most 120 tokens (set here: short)',
      "settle: 0s (the house's)",
      'typing: off',
      'rest: off',
      'temperature: 1.2 (set here: 1.2)',
      "top-p: 0.9 (Wren's own)",
      "top-k: the model's",
      "min-p: the model's",
      "repetition: the model's",
    ])
    await ask(run, 'temperature usual')
    expect(told(run)).toBe("notice: temperature: 0.6 (Wren's own)")
    await ask(run, 'reset')
    await say(run, 'two')
    await settled(run)
    expect(generator.options.at(-1)).toMatchObject({ sampling: { temperature: 0.6 }, replyTokens: 200 })
  })

  it('holds for one room and one persona alone, and after a restart', async () => {
    const generator = scriptedGenerator(() => 'Yes.')
    await using run = await startRun(opened, { generator })
    await ask(run, 'temperature 1.5')
    await say(run, 'here')
    await settled(run)
    expect(generator.options.at(-1)?.sampling.temperature).toBe(1.5)
    await run.event(run.message('elsewhere', 'elsewhere'))
    await settled(run)
    expect(generator.options.at(-1)?.sampling.temperature).toBeUndefined()
    await run.endServing()
    await using again = await openStore(opened.database, opened.vault)
    const room = await again.manners.findRoom(doorwayOf(run), {
      externalId: externalId('home'),
      kind: 'direct',
    })
    expect(await again.manners.read(room!, testPersona.id)).toEqual({ temperature: '1.5' })
  })

  it.each([
    ['temperatur 1', 'Did you mean manners temperature?'],
    ['temperature 9', 'temperature takes 0 to 2, or usual: manners temperature …'],
    ['zzz', 'Say what: manners show'],
  ])('%j is answered with how it is said', async (text, sentence) => {
    await using run = await startRun(opened, { generator: scriptedGenerator(() => 'Yes.') })
    await ask(run, text)
    expect(told(run)).toContain(sentence)
  })

  it('is for those in a group who talk there', async () => {
    await using run = await startRun(opened, { generator: scriptedGenerator(() => 'Yes.') })
    const inHall = () =>
      run
        .seen('hall')
        .filter((line) => line.startsWith('notice: '))
        .at(-1)
    await ask(run, 'temperature 1', 'eve', 'group')
    expect(inHall()).toBe('notice: Only those who talk here may set that.')
    await run.event({
      ...run.message('Hello, all.', 'hall'),
      room: { externalId: externalId('hall'), kind: 'group' },
      sender: { externalId: externalId('eve'), displayName: 'eve' },
      unanswered: true,
    })
    await ask(run, 'temperature 1', 'eve', 'group')
    expect(inHall()).toBe('notice: temperature: 1 (set here: 1)')
  })

  const doorwayOf = (run: Run) =>
    ({ account: run.adapter.account.id, platform: 'matrix', persona: testPersona.id }) as const
})
