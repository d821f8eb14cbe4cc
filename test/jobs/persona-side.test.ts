import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import { createPool } from '../../src/model/pool.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import type { RequestBody } from '../support/ollama-script.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'
import { testPersona } from '../support/persona.ts'
import { wordsRecall } from '../support/recall.ts'
import { startRun } from '../turn/harness.ts'
import { say, settled } from '../turn/person.ts'

const promised = 'I promise to ask you about the exam on Monday.'
const told = 'I love thunderstorms.'

/** Each with the words that it claims to have them from. */
const claims = [
  {
    quote: 'I promise to ask you about the exam',
    statement: 'Wren promised to ask Ada about the exam',
    kind: 'promise',
  },
  { quote: 'I love thunderstorms', statement: 'Wren loves thunderstorms', kind: 'self' },
  // What a model makes up of the persona: of its words, of a person's, of nobody's.
  { quote: 'I love thunderstorms', statement: 'Wren is a doctor from Vienna', kind: 'self' },
  { quote: 'I promise to ask you about the exam', statement: 'Wren promised to marry Ada', kind: 'promise' },
  { quote: 'I have an exam on Monday', statement: 'Wren has an exam on Monday', kind: 'self' },
  { quote: 'You are my best friend, Wren', statement: 'Wren is the best friend of Ada', kind: 'self' },
  { quote: 'Wren was born in Oslo', statement: 'Wren was born in Oslo', kind: 'self' },
]

function extract(asked: string) {
  const lines = asked.split('\n').filter((line) => line.startsWith('['))
  return claims.map((claim) => {
    const at = lines.findIndex((line) => line.includes(claim.quote))
    return { ...claim, message: at < 0 ? 1 : at + 1, importance: 2, sensitivity: 'none' }
  })
}

function answer({ messages = [], format }: RequestBody): string {
  const last = messages.findLast(({ role }) => role === 'user')?.content ?? ''
  if (format !== undefined) return JSON.stringify({ facts: extract(last) })
  if (last.startsWith('<')) return 'They talked.'
  return last.includes('exam on Monday') ? `${promised} ${told}` : 'The lamp is lit.'
}

describe('what a persona has promised, and told of itself', () => {
  let opened: OpenedStore
  let ollama: OllamaServer
  beforeAll(async () => {
    opened = await openTestStore(databases[1])
    ollama = await startOllamaServer({ script: answer })
  })
  afterAll(async () => {
    await ollama?.[Symbol.asyncDispose]()
    await opened?.[Symbol.asyncDispose]()
  })

  it('is remembered when it has been cut from the history, and nothing is that it never said', async () => {
    const persona = { ...testPersona, budget: { contextTokens: 1_024, replyTokens: 50 } }
    await using generator = createPool({ hosts: [{ url: ollama.url }] })
    await using run = await startRun(opened, { generator, persona })
    const remember = async () => {
      await using _ = startJobs({
        tasks: opened.store.tasks,
        generator,
        recall: wordsRecall(opened.store),
        personas: new Map([[persona.id, persona]]),
        contextTokens: 4_096,
        now: () => new Date(),
        restMs: 0,
        observe: () => undefined,
      })
      const due = sql`select count(*)::int as count from rooms where remember_at <= clock_timestamp()`
      await vi.waitFor(async () => expect(await query(opened.database, due)).toEqual([{ count: 0 }]), 15_000)
    }
    for (const line of ['You are my best friend, Wren.', 'I have an exam on Monday.']) {
      await say(run, line)
      await settled(run)
    }
    await remember()
    const { room, sender } = run.message('')
    const doorway = { account: run.adapter.account.id, platform: 'matrix', persona: persona.id } as const
    const found = await opened.store.own.find(doorway, { room, sender })
    const facts = await opened.store.own.readFacts(found!.person)
    const known = facts.filter(({ about }) => about.kind === 'persona').map(({ statement }) => statement)
    expect(known).toEqual(['Wren promised to ask Ada about the exam', 'Wren loves thunderstorms'])
    expect(facts.filter(({ statement }) => /doctor|marry|friend|Oslo/.test(statement))).toEqual([])
    for (let round = 0; round < 14; round++) {
      await say(run, `Round ${round}: ${'we speak of the weather and the harbour. '.repeat(6)}`)
      await settled(run)
    }
    await say(run, 'What did you promise about the exam, and which weather do you love?')
    await settled(run)
    const prompt = ollama.chats().at(-1)?.body.messages ?? []
    expect(prompt.slice(1, -1).some(({ content }) => content.includes('promise to ask'))).toBe(false)
    const tail = prompt.at(-1)?.content ?? ''
    expect(tail).toMatch(/- Wren promised to ask Ada about the exam \(/)
    expect(tail).toMatch(/- Wren loves thunderstorms \(/)
    expect(tail).not.toMatch(/doctor|marry|Oslo/)
  })
})
