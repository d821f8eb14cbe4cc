import { afterAll, beforeAll, expect, it } from 'vitest'
import { matrixAccountId } from '../../adapters/matrix/session.ts'
import { promptOfRoom } from '../../src/commands/prompt-of-room.ts'
import { externalId } from '../../src/core/ids.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { startRun } from '../turn/harness.ts'

let opened: OpenedStore
beforeAll(async () => {
  opened = await openTestStore(databases[1])
})
afterAll(() => opened?.[Symbol.asyncDispose]())

const matrix = {
  homeserver: 'http://127.0.0.1:8008',
  accounts: [{ user: 'wren', persona: testPersona.id }],
  allow: [],
  operators: [],
  ignore: [],
  catchUpMinutes: 60,
}
const config = { data: '', matrix, discord: undefined, timeZone: 'Europe/Vienna' }
const { signal } = new AbortController()
const shown = (room: string) => promptOfRoom(testPersona, room, [testPersona], config, opened, signal)

it('shows the prompt of a room; its words only where all whose words they are have allowed that', async () => {
  const generator = scriptedGenerator(() => 'Heard.')
  const account = { id: matrixAccountId('wren'), platform: 'matrix' } as const
  await using run = await startRun(opened, { generator, wrap: () => ({ account }) })
  await expect(shown('!a:home')).rejects.toMatchObject({ code: 'no-reply' })
  await run.event(run.message('My aunt keeps bees.', '!a:home'))
  const message = run.message('Mine too.', '!b:home group')
  const sender = { externalId: externalId('bob'), displayName: 'Bob' }
  const room = { ...message.room, kind: 'group' } as const
  await run.event({ ...message, room })
  await run.event({ ...run.message('And mine.', '!b:home group'), room, sender })
  await run.outcomes('replied', 'replied', 'replied')
  for (const name of ['!a:home', '!b:home']) {
    const text = await shown(name)
    expect(text).toMatch(/exactly what the model was given\.\n\nAbout \d+ of at most 3,896 tokens:\n/)
    expect(text).toMatch(/\n {2}new messages +\d+\n/)
    expect(text).toContain('Its words are not shown')
    expect(text).not.toMatch(/bees|too|mine/i)
  }
  const allow = async (user: string) => {
    const person = await opened.store.people.find('matrix', externalId(user))
    await opened.store.own.setWishes(person!, { shared: true })
  }
  await allow('ada')
  expect(await shown('!a:home')).toContain('[user]\nMy aunt keeps bees.\n\n[system]\nIt is ')
  expect(await shown('!b:home')).toContain('Its words are not shown')
  await allow('bob')
  expect(await shown('!b:home')).toContain('[user]\nBob: And mine.')
})
