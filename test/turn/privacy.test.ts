import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { type Run, type RunOptions, startRun, until } from './harness.ts'
import { base, say, settled } from './person.ts'

describe('what a person asks of all that is kept of them', () => {
  let opened: OpenedStore
  // The same person in each test, who must not be known from the one before.
  beforeEach(async () => {
    opened = await openTestStore(databases[1])
  })
  afterEach(() => opened?.[Symbol.asyncDispose]())

  const start = (options: Partial<RunOptions> = {}) =>
    startRun(opened, { generator: scriptedGenerator(() => 'Heard.'), ...options })

  /** What Hearth says to `privacy …`, without the kind. */
  async function ask(run: Run, text: string): Promise<string> {
    const before = run.seen().length
    await run.event({ ...base(run), kind: 'command', name: 'privacy', text })
    await until(() => expect(run.seen().length).toBeGreaterThan(before))
    return (run.seen().at(-1) ?? '').replace(/^notice: /, '').replaceAll(/\d+ \w+ 20\d\d/g, '(day)')
  }

  it('is shown in numbers', async () => {
    await using run = await start()
    expect(await ask(run, '')).toBe('Nothing is kept of you here.')
    await say(run, 'Hello.')
    await settled(run)
    await run.event({ ...base(run), kind: 'command', name: 'memory', text: 'remember I like tea' })
    const shown = await ask(run, '')
    expect(shown.split('\n').slice(0, 3)).toEqual([
      'What is kept of you, since (day):',
      '– 1 message of yours and 1 answer to you, in 1 room of our own',
      '– 1 fact',
    ])
    expect(shown).toContain('unless you say memory share')
    await run.event({ ...base(run), kind: 'command', name: 'memory', text: 'pause' })
    await run.event({ ...base(run), kind: 'command', name: 'memory', text: 'share' })
    const again = await ask(run, 'show')
    expect(again).toContain('Nothing new is remembered')
    expect(again).toContain('may see your facts')
    expect(await ask(run, 'nonsense')).toContain('privacy show: ')
  })

  it('is told in a room of their own alone, and in words too', async () => {
    await using run = await start()
    await say(run, 'What data do you store about me?')
    await until(() => expect(run.seen().at(-1)).toBe('notice: Nothing is kept of you here.'))
    const group = { ...base(run).room, kind: 'group' } as const
    await run.event({ ...base(run), room: group, kind: 'command', name: 'privacy', text: '' })
    await until(() => expect(run.seen().at(-1)).toContain('a room of our own'))
  })
})
