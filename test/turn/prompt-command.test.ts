import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import type { Prompt } from '../../src/core/model.ts'
import { book, entry, ext } from '../persona/lore/support.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { type Run, type RunOptions, startRun, until } from './harness.ts'
import { base, command, edit, say, settled } from './person.ts'

const persona = {
  ...testPersona,
  scenario: '{{random:dawn,dusk,noon,night}} at the lamp, {{weekday}}.',
  reminder: 'It is {{datetimeformat::HH:mm:ss}}. {{random:a,b,c,d,e,f}}{{roll:1000}}',
  lore: [
    book([
      entry('sea', { constant: true }),
      ext('mill', { sticky: 2, scan_depth: 1 }),
      ext('chance', { probability: 0 }, { keys: ['mill'] }),
    ]),
  ],
  budget: { contextTokens: 1_024, replyTokens: 100 },
}
const written = (prompt: Prompt | undefined) =>
  (prompt ?? []).map(({ role, text }) => `[${role}]\n${text}`).join('\n\n')

describe('the prompt of the last reply', () => {
  let opened: OpenedStore
  beforeEach(async () => {
    opened = await openTestStore(databases[1])
  })
  afterEach(() => opened?.[Symbol.asyncDispose]())

  async function start(options: Partial<RunOptions> = {}) {
    const generator = scriptedGenerator(() => 'Heard.')
    const limits = { operator: true, messageChars: 100_000 }
    const run = await startRun(opened, { generator, persona, limits, ...options })
    return { run, generator }
  }
  async function ask(run: Run, kind: 'direct' | 'group' = 'direct'): Promise<string> {
    const before = run.seen().length
    await run.event({ ...base(run), room: { ...base(run).room, kind }, kind: 'command', name: 'prompt' })
    await until(() => expect(run.seen().length).toBeGreaterThan(before))
    return run.seen().at(-1) ?? ''
  }

  it('is made again as it was, with memories, lore, chance and a cut, by whichever process', async () => {
    const { run, generator } = await start()
    await using _ = run
    expect(await ask(run)).toContain('There is no reply here yet')
    await say(run, 'My aunt keeps bees in Carinthia.')
    await settled(run)
    for (let round = 0; round < 12; round++) {
      await say(run, `Round ${round}: ${'we speak of the mill and the harbour. '.repeat(6)}`)
      await settled(run)
      if (round % 4 === 0) await command(run, 'retry')
      await settled(run)
    }
    await run.event({ ...base(run), kind: 'command', name: 'manners', text: 'length short' })
    await say(run, 'Who was it that keeps bees by the mill?')
    await settled(run)
    const last = generator.prompts.at(-1)
    expect(last?.at(-1)?.text).toMatch(/My aunt keeps bees/)
    const shown = await ask(run)
    expect(shown).toContain('exactly what the model was given.\n')
    expect(shown).not.toContain('not exactly')
    expect(shown.endsWith(written(last))).toBe(true)
    expect(shown).toMatch(/\n {2}standing lore +\d+\n/)
    expect(shown).toContain('  lore "chance": chance was against it\n')
    expect(shown).toContain('  history: what came earlier was cut off')
    await using other = await startRun(opened, {
      generator,
      persona,
      beside: run,
      limits: { operator: true, messageChars: 100_000 },
    })
    expect((await ask(other)).endsWith(written(last))).toBe(true)
  })

  it('says so when it is not what it was any more', async () => {
    const { run } = await start()
    await using _ = run
    const first = await say(run, 'Hello there.')
    await settled(run)
    await say(run, 'And again.')
    await settled(run)
    expect(await ask(run)).not.toContain('not exactly')
    await edit(run, first, 'Hello here.')
    await settled(run)
    const shown = await ask(run)
    expect(shown).toContain('not exactly')
    expect(shown).toContain('Hello here.')
    expect(shown).not.toContain('Hello there.')
    run.personas.set(persona.id, { ...persona, description: 'Another one.' })
    expect(await ask(run)).toContain('not exactly')
  })

  it('is shown to whoever runs Hearth, and where nobody else reads it', async () => {
    const { run } = await start({ limits: { operator: false, answersAlone: false } })
    await using _ = run
    await say(run, 'Hello.')
    await settled(run)
    expect(await ask(run)).toContain('to nobody else')
    const operators: string[] = []
    await using other = await startRun(opened, {
      generator: scriptedGenerator(() => 'Heard.'),
      persona,
      beside: run,
      limits: { operator: false, answersAlone: false },
      isOperator: (platform, user) => platform === 'matrix' && operators.includes(user),
    })
    expect(await ask(other)).toContain('to nobody else')
    operators.push(externalId('ada'))
    expect(await ask(other)).toContain('[user]\nHello.')
    expect(await ask(other, 'group')).toContain('only where nobody else reads it')
  })
})
