import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { personaVersion } from '../../src/persona/version.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { handGenerator, startRun } from './harness.ts'
import { command, say } from './person.ts'

describe('a persona that changes', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[0])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  /** The versions of the replies, by their lookups, oldest first. */
  async function versions(): Promise<readonly string[]> {
    const rows = await query(
      opened.database,
      sql`select encode(persona_version, 'hex') as version from messages where author = 'persona' order by said_at`,
    )
    return rows.map(({ version }) => String(version))
  }
  const lookup = (version: string) =>
    Buffer.from(opened.vault.lookup({ kind: 'persona-version', version })).toString('hex')

  it('speaks as it was in a turn that has begun, as it is in the next one, and each reply knows which', async () => {
    const generator = handGenerator()
    await using run = await startRun(opened, { generator })
    await say(run, 'one')
    const first = await generator.next()
    const changed = { ...testPersona, description: 'You are Wren, and the lighthouse is automatic now.' }
    run.personas.set(testPersona.id, changed)
    first.say('As I was.')
    first.end()
    await run.outcomes('replied')
    await command(run, 'retry')
    const second = await generator.next()
    expect(JSON.stringify(first.prompt)).toContain('keeper of a small lighthouse')
    expect(JSON.stringify(second.prompt)).toContain('the lighthouse is automatic now')
    second.say('As I am.')
    second.end()
    await run.outcomes('replied', 'replied')
    expect(await versions()).toEqual([testPersona, changed].map((persona) => lookup(personaVersion(persona))))
  })
})
