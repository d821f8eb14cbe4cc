import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Adapter, OnEvent } from '../../src/core/adapter.ts'
import type { InboundEvent } from '../../src/core/events.ts'
import { accountId, externalId, personaId } from '../../src/core/ids.ts'
import { createObserver } from '../../src/observer.ts'
import { openLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { openStorage } from '../../src/storage.ts'
import type { Database } from '../../src/store/database.ts'
import { startEngine } from '../../src/turn/engine.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { databases, type TestDatabase } from '../support/databases.ts'
import { linesOf, makeHome } from '../support/hearth-process.ts'
import { startOllamaServer } from '../support/ollama-server.ts'
import { testPersona } from '../support/persona.ts'
import { type Search, searchFor } from '../support/planted.ts'
import { wordsRecall } from '../support/recall.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

/** Every planted word begins with it, and nothing else does. */
const newMark = () => `zq${randomBytes(6).toString('hex')}`

/** An account on a platform that takes everything and shows it to nobody. */
function silentAdapter(account: string) {
  const { promise: started, resolve: begin } = Promise.withResolvers<OnEvent>()
  const sent: string[] = []
  let failing = false
  const adapter: Adapter = {
    account: { id: accountId(account), platform: 'matrix' },
    limits: {
      messageChars: 500,
      canEdit: true,
      graceMs: 40,
      editPauseMs: () => 1,
      bursts: false,
      operator: false,
      answersAlone: false,
    },
    async start(onEvent, signal) {
      begin(onEvent)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    async send(_room, { text }) {
      if (failing) throw new Error(`the platform quotes what it was given: ${text}`)
      sent.push(text)
      return externalId(`${account}-sent-${sent.length}`)
    },
    async edit() {},
    async remove() {},
    async signalTyping() {},
    async [Symbol.asyncDispose]() {},
  }
  return {
    adapter,
    sent,
    fail: (now: boolean) => {
      failing = now
    },
    event: async (event: InboundEvent) => {
      const give = await started
      await give(event)
    },
  }
}

/** Everything that a platform can bring, with the mark in all of it. */
async function converse(database: TestDatabase, mark: string, search: Search): Promise<readonly string[]> {
  const logFile = path.join(database.folder, 'hearth.log')
  using log = openLog({ level: 'trace', file: logFile })
  const metrics = createMetrics()
  const signal = new AbortController().signal
  await using storage = await openStorage(
    {
      data: database.folder,
      database: database.environment.DATABASE_URL,
      masterKey: { file: path.join(database.folder, 'master.key') },
    },
    signal,
  )
  const persona = {
    ...testPersona,
    id: personaId(`${mark}persona`),
    name: `${mark}name`,
    description: `${mark}description`,
    greetings: [`${mark}greeting`],
  }
  const generator = scriptedGenerator((prompt) => {
    const said = prompt.findLast(({ role }) => role === 'user')?.text ?? ''
    if (said.includes('break')) throw new Error(`the model quotes its prompt: ${said}`)
    return said.includes('say nothing') ? '' : `${mark}reply to ${said} ${'and so on. '.repeat(60)}`
  })
  await using engine = startEngine({
    store: storage.store,
    generator,
    recall: wordsRecall(storage.store),
    personas: new Map([[persona.id, persona]]),
    observer: createObserver(log, metrics, { report() {} }),
    settleMs: 0,
    personaTurnsMost: 3,
    leaseMs: 2_000,
  })
  const platform = silentAdapter(`${mark}account`)
  const leaving = new AbortController()
  const served = engine.serve(platform.adapter, persona.id, { oneByOne: true }, leaving.signal)

  for (const kind of ['direct', 'group'] as const) {
    const sender = { externalId: externalId(`@${mark}sender:home`), displayName: `${mark}display` }
    const base = { room: { externalId: externalId(`!${mark}${kind}:home`), kind }, sender, at: new Date() }
    const message = (id: string, text: string, from = sender) =>
      platform.event({ ...base, sender: from, kind: 'message', externalId: externalId(id), text })
    await platform.event({ ...base, kind: 'membership', change: 'joined' })
    await message(`$${mark}first${kind}`, `${mark}words, and ${mark}ümlaut 日本`)
    await platform.event({ ...base, kind: 'command', name: 'retry' })
    await message(`$${mark}second${kind}`, `${mark}again`, { ...sender, displayName: `${mark}renamed` })
    const target = externalId(`$${mark}second${kind}`)
    await platform.event({
      ...base,
      kind: 'edit',
      externalId: externalId(`${mark}edit`),
      target,
      text: `${mark}edited`,
    })
    await platform.event({ ...base, kind: 'redaction', target })
    await platform.event({ ...base, kind: 'redaction', target: externalId(`$${mark}early${kind}`) })
    await platform.event({ ...base, kind: 'reaction', target, emoji: '🔁' })
    const picture = Buffer.from(`GIF89a${mark}picture`)
    await platform.event({
      ...base,
      kind: 'message',
      externalId: externalId(`$${mark}shown${kind}`),
      text: `[an image: ${mark}file]`,
      attachments: [
        { kind: 'image', mediaType: `${mark}type`, bytes: picture },
        { kind: 'voice', mediaType: `${mark}type`, bytes: picture, durationMs: 1_000 },
      ],
    })
    await message(`$${mark}long${kind}`, `${mark}long `.repeat(2_000))
    await message(`$${mark}break${kind}`, `${mark} break`)
    platform.fail(true)
    await message(`$${mark}undelivered${kind}`, `${mark} undelivered`)
    platform.fail(false)
    await message(`$${mark}nothing${kind}`, `${mark} say nothing`)
  }

  leaving.abort()
  await served

  await storage.store.records.write(platform.adapter.account.id, [
    { collection: `${mark}collection`, key: `${mark}key`, value: Buffer.from(`${mark}value`) },
  ])

  expect(platform.sent.filter((text) => text.startsWith(mark)).length).toBeGreaterThan(2)
  const { text } = await metrics.render()
  expect(text).toContain('hearth_turns_closed_total{outcome="failed"}')
  expect(await readFile(logFile, 'utf8')).toContain('turn failed')
  const live = await dumpDatabase(storage.database, 'everything')
  expect(live.get('public.messages')?.length).toBeGreaterThan(10)
  expect(live.get('public.account_records')).toHaveLength(1)
  expect(live.get('public.attachments')).toHaveLength(4)
  return [...search.inText('the metrics', text), ...search.inDump(live)]
}

/** The files of the server itself: tables, indexes, write-ahead log. Tests run on the server's own machine. */
async function serverFolder(database: Database): Promise<string> {
  return database.script(async ({ query, exec }) => {
    await exec('analyze')
    const [row] = await query("select current_setting('data_directory') as folder", [])
    return String(row?.folder)
  })
}

describe.each(databases)('at rest, over $name', ({ makeMigrated }) => {
  it('nothing that anybody said, and no name or outside id, stands anywhere in the clear', async () => {
    const mark = newMark()
    const search = searchFor(mark)
    await using database = await makeMigrated()
    expect(await converse(database, mark, search)).toEqual([])
    {
      await using open = await database.open()
      const folder = await serverFolder(open)
      expect(search.inDump(await dumpDatabase(open, 'everything'))).toEqual([])
      if (open.kind === 'postgres') {
        await open.script(({ exec }) => exec('checkpoint'))
        expect(await search.inFolder(folder)).toEqual([])
      }
    }
    expect(await search.inFolder(database.folder)).toEqual([])
  })

  it('the search finds what is planted in the clear', async () => {
    const mark = newMark()
    const search = searchFor(mark)
    await using database = await makeMigrated()
    {
      await using open = await database.open()
      await open.script(async ({ exec, query }) => {
        await exec('create schema odd; create table odd.leak (words text, bytes bytea)')
        await query('insert into odd.leak values ($1, null)', [`${mark}text`])
        await query('insert into odd.leak values (null, $1)', [Buffer.from(`b ${mark}bytes`)])
        await query('insert into odd.leak values (null, $1)', [Buffer.from(`c ${mark}wide`, 'utf16le')])
      })
      const found = search.inDump(await dumpDatabase(open, 'everything'))
      expect([...new Set(found)].toSorted()).toEqual([
        `odd.leak, decoded: ${mark}bytes`,
        `odd.leak, decoded: ${mark}wide`,
        `odd.leak: ${mark}text,)`,
      ])
      await open.script(({ exec }) => exec('checkpoint'))
      if (open.kind === 'postgres') expect(await search.inFolder(await serverFolder(open))).not.toEqual([])
    }
    if (database.kind === 'pglite') expect(await search.inFolder(database.folder)).not.toEqual([])
    await mkdir(path.join(database.folder, 'deep'))
    await writeFile(path.join(database.folder, 'deep', 'file'), `x${mark}y`)
    expect(await search.inFolder(database.folder)).toContain(`deep/file: ${mark}y`)
  })

  it('nor after a conversation in the terminal', async () => {
    const mark = newMark()
    const search = searchFor(mark)
    await using ollama = await startOllamaServer({ script: () => `${mark}reply` })
    await using database = await makeMigrated()
    await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
    const persona = path.join(home.folder, 'personas', 'mira', 'persona.yaml')
    const text = await readFile(persona, 'utf8')
    await writeFile(persona, text.replace(/^name: .*$/m, `name: ${mark}name`))
    await home.configure('ops:\n  port: 0\nlog:\n  level: trace\n')
    const hearth = home.start(['run'])
    hearth.say(`${mark}words`)
    hearth.say(`${mark}more`)
    await hearth.until(() => linesOf(hearth.stdout).length === 2)
    expect(hearth.stdout).toBe(`${mark}reply\n${mark}reply\n`)
    expect(hearth.stderr).toContain(`${mark}name`)
    const log = await readFile(path.join(home.data, 'hearth.log'), 'utf8')
    const metrics = await fetch(`${/"url":"(http:[^"]+)"/.exec(log)?.[1]}/metrics`)
    expect(search.inText('the metrics', await metrics.text())).toEqual([])
    expect(await search.inFolder(home.data)).toEqual([])
    hearth.finish()
    expect(await hearth.ended).toMatchObject({ code: 0 })
    expect(await search.inFolder(home.data)).toEqual([])
    await using open = await database.open()
    expect(search.inDump(await dumpDatabase(open, 'everything'))).toEqual([])
  })
})
