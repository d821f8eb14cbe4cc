import type { SQL } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoomKey } from '../../src/core/conversation.ts'
import type { RoomReference } from '../../src/core/events.ts'
import { externalId, ownerId, type ParticipantId } from '../../src/core/ids.ts'
import type { Recollection } from '../../src/core/memory.ts'
import type { Prompt } from '../../src/core/model.ts'
import type { Slice } from '../../src/core/recall.ts'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import type { JobEvent } from '../../src/jobs/tools.ts'
import { createRecall } from '../../src/memory/recall.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query, reply, scene } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'

/** Each message tells of somebody who is named nowhere else. */
const saying = (name: string) => `My friend ${name} lives in Graz.`
const namesIn = (text: string) => text.match(/\bZ[a-z]{6}\b/g) ?? []

interface Found {
  readonly person: ParticipantId
  readonly room: RoomKey
}

const chosen = sql`m.author = 'persona' and m.chosen`

type Operation =
  | { readonly kind: 'say' }
  /** The same once more, in a message of its own. */
  | { readonly kind: 'repeat'; readonly which: number }
  | { readonly kind: 'remember' }
  | { readonly kind: 'recall' }
  | { readonly kind: 'edit' | 'redact' | 'forget'; readonly which: number; readonly during: boolean }
  /** In another room, where only what was said here is in mind. */
  | { readonly kind: 'greet' }
  /**
   * Answers, and then answers once more, so that there is one that was not chosen; without what came before, of which
   * there is a summary from then on.
   */
  | { readonly kind: 'swipe' }
  /** Another answer to the last thing said, or another one of those there are. */
  | { readonly kind: 'answer' | 'next' | 'previous'; readonly during: boolean }
  | { readonly kind: 'erase'; readonly during: boolean }

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: 'say' } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'remember' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'recall' } as const) },
  { weight: 3, arbitrary: fc.constant({ kind: 'greet' } as const) },
  { weight: 3, arbitrary: fc.constant({ kind: 'swipe' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('edit', 'redact', 'forget', 'forget'),
      which: fc.nat(20),
      during: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('answer', 'next', 'previous'),
      during: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), during: fc.boolean() }) },
)

/** What chance alone seldom comes upon. */
const examples: readonly [Operation[]][] = [
  [[{ kind: 'say' }, { kind: 'greet' }, { kind: 'forget', which: 0, during: false }]],
  [[{ kind: 'say' }, { kind: 'swipe' }, { kind: 'recall' }]],
  [
    [
      { kind: 'say' },
      { kind: 'answer', during: false },
      { kind: 'say' },
      { kind: 'swipe' },
      { kind: 'remember' },
      { kind: 'edit', which: 0, during: false },
    ],
  ],
]

describe('what was taken away', () => {
  let opened: OpenedStore
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  let made = 0
  /** `Z` and six letters. */
  const newName = () =>
    `Z${(made++)
      .toString(36)
      .padStart(6, 'a')
      .replace(/\d/g, (digit) => 'klmnopqrst'[Number(digit)] ?? 'k')}`

  /** Two rooms of somebody's own, and all that is known of them, wherever that stands. */
  function house() {
    const { store } = opened
    const here = scene(opened)
    const sender = { externalId: externalId(`ada of ${here.doorway.account}`), displayName: 'Ada' }
    const elsewhere: RoomReference = { kind: 'direct', externalId: externalId(`${here.room.externalId}2`) }
    const standing = new Map<string, string>()
    /** Those who were the sender before they were erased, and their rooms. */
    const erased: Found[] = []
    /** What replies name, and who was in mind: they go with what was said of that one. */
    const tells = new Map<string, string>()
    const forgotten = new Set<string>()
    /** Is done while the model is being asked, and before what it answers is kept. */
    let meanwhile: (() => Promise<void>) | undefined
    const asked = scriptedGenerator((prompt: Prompt) => {
      const text = prompt.at(-1)?.text ?? ''
      if (text.startsWith('<')) return `Ada told of ${namesIn(text).join(' and ')}.`
      const lines = [...text.matchAll(/\[(\d+)\] Ada: (My friend (\w+) lives in Graz)/g)]
      const facts = lines.map(([, message, quote, name]) => ({
        message: Number(message),
        quote,
        statement: `Ada's friend ${name} lives in Graz`,
        kind: 'relationship',
        importance: 2,
        sensitivity: 'none',
      }))
      return JSON.stringify({ facts })
    })
    const generator: typeof asked = {
      ...asked,
      async *generate(...args) {
        const work = meanwhile
        meanwhile = undefined
        await work?.()
        yield* asked.generate(...args)
      },
    }
    const embedder = {
      model: 'letters',
      dimensions: 8,
      embed: async (texts: readonly string[]) =>
        texts.map((text) =>
          Float32Array.from({ length: 8 }, (_, index) => (text.charCodeAt(index) || 1) / 128),
        ),
    }
    const fail = (error: unknown) => {
      throw error
    }
    const recall = createRecall(
      { memories: store.memories, vectors: store.vectors, embedder, onTrouble: fail },
      { precision: 'int8', keptBytes: 2 ** 24 },
    )
    store.announcements.onErased(recall.clear)
    const find = async (room = here.room) => await store.own.find(here.doorway, { sender, room })
    /** Those of both rooms that there are. */
    const findAll = async () =>
      (await Promise.all([find(), find(elsewhere)])).filter((found) => found !== undefined)
    const pick = (which: number) => [...standing.keys()][which % Math.max(standing.size, 1)]

    const isNothingDue = async () => {
      const due = sql`select count(*)::int as count from rooms where remember_at <= clock_timestamp()`
      return (await query(opened.database, due))[0]?.count === 0
    }

    async function remember() {
      const events: JobEvent[] = []
      await using _ = startJobs({
        tasks: store.tasks,
        generator,
        recall,
        personas: new Map(),
        contextTokens: 4_096,
        now: () => new Date(),
        restMs: 0,
        observe: (event) => events.push(event),
      })
      await expect.poll(isNothingDue, { timeout: 10_000, interval: 2 }).toBe(true)
      expect(events.filter((event) => event.kind === 'failed')).toEqual([])
    }

    /** Each reply names somebody, too, who stands nowhere else. */
    async function answer(cut = false) {
      for (let turn = await here.tryClaim(); turn !== undefined; turn = await here.tryClaim()) {
        const more = turn.state !== 'answered'
        if (more) {
          const [name, inMind] = [newName(), standing.get(pick(made) ?? '')]
          const recollections = inMind === undefined ? [] : await recollect(inMind)
          if (inMind !== undefined && recollections.length > 0) tells.set(name, inMind)
          const from = cut ? turn.since : 0
          await store.queue.answer(turn, { ...reply(`Give my love to ${name}.`, from), recollections })
        }
        const stands = more || (await store.history.readReply(turn)) !== undefined
        await store.queue.close(turn, stands ? 'replied' : 'withdrawn')
      }
    }

    /** All that is known of somebody. */
    async function recollect(name: string): Promise<readonly Recollection[]> {
      const found = await find()
      if (found === undefined) return []
      const { person, room } = found
      const slice: Slice = { owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }
      const placed = await store.facts.readPlaced([person])
      const said = await recall.recall(
        [slice],
        { text: `friend ${name}` },
        1_000,
        AbortSignal.timeout(10_000),
      )
      return [
        ...placed
          .filter(({ fact }) => fact.statement.includes(name))
          .map(({ fact }) => ({ owner: ownerId(person), id: fact.id, version: 0 })),
        ...said
          .filter(({ memory }) => memory.text.includes(saying(name)))
          .map(({ memory: { id, version } }) => ({ owner: room.owner, id, version })),
      ]
    }

    /** The names in what is said, as it stands in the database: of those replies that count, or in everything. */
    async function written(which: SQL): Promise<readonly string[]> {
      const ours = opened.vault.lookup({ kind: 'account', account: here.doorway.account })
      const rows = await query(
        opened.database,
        sql`select m.id, m.content from messages m join rooms r on r.owner_id = m.owner_id and r.id = m.room_id
          where r.account = ${ours} and m.content is not null and ${which}`,
      )
      const texts = await opened.vault.openTexts(
        rows.map(({ id, content }) => ({
          place: { table: 'messages', column: 'content', row: String(id) },
          sealed: content as Uint8Array,
        })),
        AbortSignal.timeout(10_000),
      )
      return texts.flatMap((text) => namesIn(text ?? ''))
    }

    async function erase() {
      const found = await findAll()
      if (found[0] === undefined) return
      await store.people.erase(found[0].person)
      erased.push(...found)
      standing.clear()
    }

    async function takeAway(kind: 'edit' | 'redact' | 'forget', which: number) {
      const id = pick(which)
      if (id === undefined) return
      const name = standing.get(id) ?? ''
      const found = await find()
      if (kind === 'edit') {
        const next = newName()
        await here.edit(id, saying(next), sender)
        standing.set(id, next)
        return
      }
      if (kind === 'redact') {
        await here.redact(id, sender)
        standing.delete(id)
        return
      }
      if (found === undefined) return
      const facts = (await store.own.readFacts(found.person)).filter(({ statement }) =>
        statement.includes(name),
      )
      const said = await store.own.findSaid(found.person, (text) => text.includes(name), 50)
      await store.own.propose(found.person, found.room, {
        facts: facts.map((fact) => fact.id),
        messages: said.map((each) => ({ owner: each.owner, id: each.id })),
      })
      await store.own.forgetProposed(found.person, found.room)
      forgotten.add(name)
      for (const [id, each] of standing) if (each === name) standing.delete(id)
    }

    return {
      standing,
      async run(step: Operation) {
        if (step.kind === 'say' || step.kind === 'repeat') {
          const again = step.kind === 'repeat' ? standing.get(pick(step.which) ?? '') : undefined
          const name = again ?? newName()
          const event = here.message(saying(name), { sender })
          // Long ago, so that it has its episode at once.
          await store.inbox.accept(here.doorway, { ...event, at: new Date(Date.now() - 86_400_000) }, 0)
          standing.set(event.externalId, name)
        } else if (step.kind === 'remember') await remember()
        else if (step.kind === 'recall') await all()
        else if (step.kind === 'greet') {
          await here.say('Hello again.', { sender, room: elsewhere })
          await answer()
        } else if (step.kind === 'swipe') {
          await answer()
          await here.command('next', { sender })
          await answer(true)
        } else {
          const work = async () => {
            if (step.kind === 'erase') await erase()
            else if ('which' in step) await takeAway(step.kind, step.which)
            else if (step.kind === 'answer') await answer()
            else await here.command(step.kind, { sender })
          }
          if (step.during) meanwhile = work
          else await work()
        }
      },
      /** Whatever was still to be done meanwhile is done now. */
      async end() {
        await meanwhile?.()
        meanwhile = undefined
        await remember()
      },
      all,
      known: async () => {
        const said = new Set(standing.values())
        const stands = (name: string) => !forgotten.has(tells.get(name) ?? '')
        return new Set([...said, ...(await written(chosen)).filter(stands)])
      },
      /** Of what was forgotten, and of what was answered with it in mind, also where another answer was chosen. */
      left: async () => (await written(sql`true`)).filter((name) => forgotten.has(tells.get(name) ?? name)),
      facts: async () => {
        const found = await find()
        const facts = found === undefined ? [] : await store.own.readFacts(found.person)
        return facts.flatMap(({ statement }) => namesIn(statement))
      },
      vectors: async () =>
        Number(
          (
            await query(
              opened.database,
              sql`select count(*)::int as count from vectors v join messages m on m.owner_id = v.owner_id and m.id = v.message_id where m.content is null`,
            )
          )[0]?.count,
        ),
    }

    /** The names in everything that is known. */
    async function all(): Promise<readonly string[]> {
      const texts = await Promise.all([...(await findAll()), ...erased].map(textsOf))
      return [...new Set(texts.flat().flatMap(namesIn))]
    }

    async function textsOf({ person, room }: Found): Promise<readonly string[]> {
      const slice: Slice = { owner: room.owner, room: room.id, from: 0, to: Number.MAX_SAFE_INTEGER }
      const blind = opened.vault.lookup({ kind: 'persona', persona: here.doorway.persona })
      const persona = Buffer.from(blind).toString('hex')
      const task = {
        ...room,
        owner: room.owner,
        room: room.id,
        amended: 0,
        leaseUntil: new Date(),
        failures: 0,
        stumbles: 0,
        cuts: [],
      }
      return [
        ...(await store.own.readFacts(person)).map(({ statement, quote }) => `${statement} ${quote}`),
        ...(await store.facts.readPlaced([person])).map(({ fact }) => fact.statement),
        ...(await store.tasks.readEpisodes(task, Number.MAX_SAFE_INTEGER)).map(({ gist }) => gist),
        ...(await store.facts.readEpisodes([slice], { from: new Date(0), to: new Date() }, true, 100)).map(
          ({ gist }) => gist,
        ),
        (await store.tasks.readSummary(task, { persona, from: 0 }))?.text ?? '',
        ...(
          await recall.recall([slice], { text: 'friend lives in Graz' }, 1_000, AbortSignal.timeout(10_000))
        ).map(({ memory }) => memory.text),
      ]
    }
  }

  it('remains nowhere, in whichever order things happen', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 14 }), async (operations) => {
        const here = house()
        for (const each of operations) {
          await here.run(each)
          const known = await here.known()
          expect((await here.all()).filter((name) => !known.has(name))).toEqual([])
          expect(await here.left()).toEqual([])
        }
        await here.run({ kind: 'say' })
        await here.end()
        expect([...(await here.all())].sort()).toEqual([...(await here.known())].sort())
        const told = [...new Set(here.standing.values())].sort()
        expect([...(await here.facts())].sort()).toEqual(told)
        expect(await here.vectors()).toBe(0)
      }),
      { numRuns: Number(process.env.HEARTH_RUNS ?? 14), examples: [...examples] },
    )
  }, 120_000)
})
