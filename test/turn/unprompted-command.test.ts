import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commands } from '../../src/core/events.ts'
import { externalId } from '../../src/core/ids.ts'
import type { Persona } from '../../src/core/persona.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { handGenerator, startRun } from './harness.ts'
import { noon } from './unprompted-harness.ts'

describe('the command unprompted', () => {
  let opened: OpenedStore
  beforeEach(async () => {
    opened = await openTestStore(databases[1])
  })
  afterEach(() => opened?.[Symbol.asyncDispose]())

  async function start(unprompted: Persona['manners']['unprompted'] = ['reminders', 'mornings']) {
    const persona = { ...testPersona, manners: { unprompted } } as Persona
    const run = await startRun(opened, { generator: handGenerator(), persona, now: () => noon })
    let orders = 0
    /** What is told of it. */
    const order = async (text: string, id = `order ${orders++}`, group = false) => {
      const { sender, at } = run.message('')
      const room = {
        externalId: externalId(group ? 'all' : 'home'),
        kind: group ? 'group' : 'direct',
      } as const
      const told = run.seen(room.externalId).length
      await run.event({
        kind: 'command',
        name: 'unprompted',
        text,
        room,
        sender,
        at,
        externalId: externalId(id),
      })
      return run
        .seen(room.externalId)
        .slice(told)
        .map((line) => line.replace('notice: ', ''))
        .join('\n')
    }
    return { run, order, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() }
  }

  it('shows how things stand, from nothing on', async () => {
    await using here = await start()
    expect(await here.order('')).toBe(
      [
        'I do not write to you first here. unprompted on lets me.',
        'Only between 08:00 and 22:00 (Europe/Vienna, as it is at this house; unprompted zone changes that), and at most 5 times a day, all personas together.',
      ].join('\n'),
    )
    expect(await here.order('on')).toContain('I may write to you first here: reminders, mornings.')
    expect(await here.order('remind tomorrow after work to call mum')).toBe(
      'Noted as number 1: I remind you on Thursday, 5 March 2026 at 18:00 (Europe/Vienna). unprompted cancel 1 takes it away.',
    )
    expect(await here.order('morning 7:30')).toContain('not within the hours')
    expect(await here.order('hours 7:00 to 21:30')).toContain('between 07:00 and 21:30')
    expect(await here.order('morning 7:30')).toContain('I say good morning at 07:30 (Europe/Vienna)')
    expect(await here.order('limit 3')).toContain('3 times a day')
    expect((await here.order('show')).split('\n').slice(1)).toEqual([
      expect.stringContaining('Only between 07:00 and 21:30 (Europe/Vienna'),
      'Planned:',
      '2. Thursday, 5 March 2026 at 07:30: a good morning, each day at 07:30',
      '1. Thursday, 5 March 2026 at 18:00: I remind you: call mum',
    ])
    expect(await here.order('zone new york')).toContain('America/New_York')
    expect(await here.order('show')).toContain('Thursday, 5 March 2026 at 12:00: I remind you')
    expect(await here.order('show')).toContain('3. Wednesday, 4 March 2026 at 07:30: a good morning')
    expect(await here.order('morning off')).toBe('No good morning any more.')
    expect(await here.order('cancel 1')).toBe('Dropped: 1.')
    expect(await here.order('cancel 1')).toContain('Nothing of that number')
    expect(await here.order('show')).toContain('Nothing is planned.')
  })

  it('does each thing once, however often it comes', async () => {
    await using here = await start()
    await here.order('on')
    const first = await here.order('remind in 2 hours to call mum', 'once')
    expect(first).toContain('number 1')
    await here.order('remind in 2 hours to call mum', 'once')
    expect(await here.order('show')).not.toContain('2. ')
    expect(await here.order('off', 'away')).toContain('What was planned is dropped.')
    await here.order('zone new york')
    const kept = await query(opened.database, sql`select outcome from commands`)
    expect(kept).toHaveLength(4)
    expect(JSON.stringify(kept)).not.toMatch(/mum|york/i)
  })

  it.each([
    ['remind soon to run', 'When shall I remind you?'],
    ['remind tomorrow', 'Of what shall I remind you?'],
    ['remind next friday to run', 'Which day do you mean?'],
    [
      'remind tomorrow at 23:30 to sleep',
      'Friday, 6 March 2026 at 08:00 (Europe/Vienna). Thursday, 5 March 2026 at 23:30 is not within the hours',
    ],
    ['hours 8-22', 'Say from when to when'],
    ['hours 08:00-08:00', 'Say from when to when'],
    ['limit 0', 'Say how often a day'],
    ['limit many', 'Say how often a day'],
    ['zone Atlantis', 'I know no such place'],
    ['morning early', 'Say when, or off'],
    ['sing', 'You can say:'],
  ])('%s: %s', async (text, told) => {
    await using here = await start()
    await here.order('on')
    expect(await here.order(text)).toContain(told)
  })

  it('says so where hours leave out the good morning', async () => {
    await using here = await start()
    await here.order('on')
    await here.order('morning 8:30')
    expect(await here.order('hours 08:00-21:00')).not.toContain('good morning')
    expect(await here.order('hours 09:00-21:00')).toContain('Your good morning at 08:30 is not within')
  })

  it('notes no more for a day than may be said on it', async () => {
    await using here = await start()
    await here.order('on')
    await here.order('limit 1')
    expect(await here.order('remind tomorrow to run')).toContain('Noted as number 1')
    expect(await here.order('remind tomorrow evening to rest')).toContain('That day is full')
    expect(await here.order('remind on the 6th to rest')).toContain('Noted as number 2')
  })

  it('is for two alone, and for what the persona does', async () => {
    await using here = await start([])
    expect(await here.order('on')).toContain('I do not write to anybody first')
    expect(await here.order('on', 'in a group', true)).toContain('only where we two talk alone')
    await using other = await start(['reminders'])
    expect(await other.order('remind tomorrow to run')).toContain('only where you have switched that on')
    await other.order('on')
    expect(await other.order('morning 08:30')).toContain('does not say good morning')
  })

  it('is explained part by part', () => {
    const parts = commands.find(({ name }) => name === 'unprompted')?.parts ?? []
    expect(parts.map(({ name }) => name)).toEqual([
      'show',
      'on',
      'off',
      'remind',
      'cancel',
      'morning',
      'hours',
      'limit',
      'zone',
    ])
  })
})
