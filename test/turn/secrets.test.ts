import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoomKind } from '../../src/core/conversation.ts'
import type { SenderReference } from '../../src/core/events.ts'
import { externalId, factId, newUuid } from '../../src/core/ids.ts'
import { timeAsked } from '../../src/memory/time-asked.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore } from '../store/harness.ts'
import { content } from '../store/remembered-place.ts'
import { databases } from '../support/databases.ts'
import { testPersona } from '../support/persona.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { startRun } from './harness.ts'
import { settled } from './person.ts'

/** One for each kind of memory, of what was said alone and of what was said in a group. */
const alone = { said: 'quokka', fact: 'wombat', written: 'emu', episode: 'numbat', month: 'dingo' }
const group = { said: 'kakapo', fact: 'weka', episode: 'tuatara', month: 'kea' }
const words = (secrets: Readonly<Record<string, string>>) => Object.values(secrets)

const person = (name: string): SenderReference => ({
  externalId: externalId(`@${name}:home`),
  displayName: name,
})
const [ada, bob, eve] = [person('Ada'), person('Bob'), person('Eve')]

describe('a secret', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  it('is in no prompt of a reply that somebody else would read, whatever was made of it', async () => {
    const generator = scriptedGenerator(() => 'Heard.')
    const persona = { ...testPersona, budget: { contextTokens: 8_192, replyTokens: 200 } }
    await using run = await startRun(opened, { generator, persona, limits: { answersAlone: false } })
    const all = [...words(alone), ...words(group)]
    /** Says it, and returns the secrets in the prompt of the reply. */
    async function say(
      name: string,
      sender: SenderReference,
      text: string,
      present?: readonly SenderReference[],
    ) {
      const kind: RoomKind = present === undefined ? 'direct' : 'group'
      const room = { externalId: externalId(`!${name}`), kind }
      const readers = present?.map((each) => each.externalId)
      await run.event({ ...run.message(text), room, sender, ...(readers && { present: readers }) })
      await settled(run)
      const prompt = JSON.stringify(generator.prompts.at(-1))
      return all.filter((word) => prompt.includes(word))
    }
    const time = timeAsked('last spring', new Date())!
    /** Makes everything of what was said there that can be made of it. */
    async function derive(name: string, kind: RoomKind, secrets: typeof group) {
      const { own, tasks } = opened.store
      const doorway = { account: run.adapter.account.id, platform: 'matrix', persona: persona.id } as const
      const found = await own.find(doorway, {
        sender: ada,
        room: { externalId: externalId(`!${name}`), kind },
      })
      const { person, room } = found!
      await opened.database.drizzle.execute(sql`update rooms set remember_at = now() where id = ${room.id}`)
      const task = (await tasks.claim(0, 60_000))!
      expect(task.room).toBe(room.id)
      const { fresh } = await tasks.readNew(task, 100)
      const fact = content(`Ada has a ${secrets.fact}`)
      const add = {
        kind: 'add',
        id: factId(newUuid()),
        content: fact,
        sources: [...fresh],
        supersedes: [],
      } as const
      await tasks.keepFacts(task, [...fresh], [{ person, changes: [add] }])
      const stretch = { from: 1, to: 1, begunAt: time.from, endedAt: time.from }
      await tasks.keepEpisode(task, { ...stretch, gist: `Ada spoke of a ${secrets.episode}.` })
      const month = time.from.toISOString().slice(0, 7)
      await tasks.keepMonth(task, { ...stretch, month, madeOf: 1, gist: `It was about a ${secrets.month}.` })
      await tasks.close(task, undefined)
    }
    const asks = [
      'What animals have I told you of, and what does Ada have, that quiet animal of hers?',
      'What did we do last spring?',
      `What did we do on ${time.from.toISOString().slice(0, 10)}?`,
    ]
    /** All secrets in the prompts of replies there. */
    async function told(name: string, sender: SenderReference, present?: readonly SenderReference[]) {
      const found = []
      for (const text of asks) found.push(...(await say(name, sender, text, present)))
      return [...new Set(found)].sort()
    }

    await say('own', ada, `I have a quiet animal at home, it is a ${alone.said}.`)
    await derive('own', 'direct', alone)
    const remember = { name: 'memory', text: `remember I have an animal, an ${alone.written}` } as const
    const own = { externalId: externalId('!own'), kind: 'direct' } as const
    await run.event({ kind: 'command', room: own, sender: ada, at: new Date(), ...remember })
    await say('group', ada, `I have told all of you of my animal, a ${group.said}.`, [ada, bob])
    await derive('group', 'group', group)

    const both = [...words(alone), ...words(group)].sort()
    expect(await told('second', ada)).toEqual(both)
    // What is known of somebody is spoken of where they are.
    const heard = words(group).filter((word) => word !== group.fact)
    expect(await told('bobs', bob)).toEqual(heard.sort())
    expect(await told('eves', eve)).toEqual([])
    expect(await told('another', ada, [ada, bob])).toEqual(words(group).sort())
    expect(await told('with eve', ada, [ada, bob, eve])).toEqual([])
    expect(await told('group', eve, [ada, bob, eve])).toEqual([])
  })
})
