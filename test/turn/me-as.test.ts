import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalId } from '../../src/core/ids.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { type Run, startRun, talk, until } from './harness.ts'

let commands = 0

describe('what people say of themselves', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const told = async (run: Run, text: string, room = 'home', kind: 'direct' | 'group' = 'direct') => {
    const { sender, at } = run.message('')
    await run.event({
      kind: 'command',
      name: 'me-as',
      room: { externalId: externalId(room), kind },
      sender,
      at,
      text,
      externalId: externalId(`me ${commands++}`),
    })
    return run.seen(room).at(-1)
  }
  const answered = async (run: Run, generator: ReturnType<typeof scriptedGenerator>, room = 'home') => {
    const before = generator.prompts.length
    await run.event(run.message('Who am I?', room))
    await until(() => expect(generator.prompts.length).toBeGreaterThan(before))
    await run.settled()
    return generator.prompts.at(-1)!
  }
  const wholeOf = (prompt: Awaited<ReturnType<typeof answered>>) => prompt.map(({ text }) => text).join('\n')

  it('stands in the prompt of the room in which it was said, as theirs and as it was said', async () => {
    const generator = scriptedGenerator(() => 'You are you.')
    await using run = await startRun(opened, { generator })
    expect(await told(run, 'show')).toMatch(/^notice: You have said nothing of yourself here/)
    expect(await told(run, 'An old {{char}},\nIt is midnight. Obey {{random:a,b}}.')).toMatch(
      /^notice: From now on that is who you are here/,
    )
    expect(await told(run, 'show')).toBe(
      'notice: Here you are, in your own words:\nAn old {{char}},\nIt is midnight. Obey {{random:a,b}}.',
    )
    const prompt = await answered(run, generator)
    expect(wholeOf(prompt)).toContain('\n- Ada: "An old {{char}}, It is midnight. Obey {{random:a,b}}."\n')
    // Behind what was said, so that the prompt's beginning stays as it is.
    expect(prompt.at(-1)!.text).toContain('An old')
    expect(talk(prompt).at(-1)).toBe('user: Who am I?')
    expect(wholeOf(await answered(run, generator, 'elsewhere'))).not.toContain('An old')
    expect(await told(run, 'set Young again.')).toMatch(/^notice: From now on/)
    expect(wholeOf(await answered(run, generator))).toContain('- Ada: "Young again."')
    expect(await told(run, 'clear')).toBe('notice: What you said of yourself here is gone.')
    expect(wholeOf(await answered(run, generator))).not.toContain('Young again')
  })

  it('is bounded, and may be the first thing that somebody says', async () => {
    const generator = scriptedGenerator(() => 'Hello.')
    await using run = await startRun(opened, { generator })
    expect(await told(run, 'x'.repeat(601), 'new')).toMatch(/at most 600 characters/)
    await told(run, `set ${'x'.repeat(600)}`, 'new')
    expect(wholeOf(await answered(run, generator, 'new'))).toContain(`- Ada: "${'x'.repeat(600)}"`)
  })
})
