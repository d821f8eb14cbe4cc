import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HandedFile } from '../../src/core/attachment.ts'
import { platformError } from '../../src/core/errors.ts'
import { readZip } from '../../src/persona/card/zip-read.ts'
import { sql } from '../../src/store/drizzle.ts'
import { type OpenedStore, openTestStore, query } from '../store/harness.ts'
import { databases } from '../support/databases.ts'
import { scriptedGenerator } from '../support/scripted-generator.ts'
import { handGenerator, type Run, type RunOptions, startRun, talk, until } from './harness.ts'
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

  it('is erased when they have said yes to it, with what is being written', async () => {
    const generator = handGenerator()
    await using run = await start({ generator })
    expect(await ask(run, 'erase yes')).toBe('Nothing is kept of you here.')
    await say(run, 'My cat is called Mirzl.')
    const first = await generator.next()
    first.say('Hello, Mirzl.')
    first.end()
    await settled(run)
    expect(await ask(run, 'erase yes')).toContain('Say privacy erase first')
    await run.event({ ...base(run), kind: 'command', name: 'memory', text: 'remember I like tea' })
    await run.event({ ...base(run), kind: 'command', name: 'memory', text: 'forget tea' })
    expect(await ask(run, 'erase yes')).toContain('Say privacy erase first')
    await say(run, 'And what does she eat?')
    const second = await generator.next()
    second.say('Mice, ')
    await until(() => expect(run.seen().at(-1)).toBe('reply: Mice,'))
    await say(run, 'Delete everything you know about me!')
    await until(() =>
      expect(run.seen().at(-1)).toContain('– 2 messages of yours and 1 answer to you, in 1 room'),
    )
    expect(await ask(run, 'erase yes')).toMatch(
      /^Erased, on \(day\) at \d\d:\d\d UTC:\n– 2 messages of yours.*\n– 1 fact\nand the key .* is [-0-9a-f]{36}\./,
    )
    expect(second.signal.aborted).toBe(true)
    expect(run.erased).toMatchObject([{ messages: 2, facts: 1 }])
    const tables = [
      'participants',
      'identities',
      'rooms',
      'turns',
      'messages',
      'facts',
      'deliveries',
      'proposals',
    ]
    for (const table of tables)
      expect(await query(opened.database, sql`select * from ${sql.raw(table)}`)).toEqual([])
    expect(run.failed).toEqual([])
    expect(await ask(run, '')).toBe('Nothing is kept of you here.')
    await say(run, 'Hello again.')
    const third = await generator.next()
    expect(talk(third.prompt)).toEqual(['user: Hello again.'])
    third.say('Who are you?')
    third.end()
    await settled(run)
  })

  it('is handed out as a file, where nobody else can read it', async () => {
    const files: HandedFile[] = []
    let refusal: string | undefined
    await using run = await start({
      wrap: (adapter) => ({
        send: async (room, content, ...rest) => {
          const { attachment, ...words } = content
          if (attachment?.kind === 'file') {
            if (refusal !== undefined) throw platformError('No.', { code: refusal })
            files.push(attachment)
          }
          return await adapter.send(room, words, ...rest)
        },
      }),
    })
    await say(run, 'My cat is called Mirzl.')
    await settled(run)
    expect(await ask(run, 'export')).toContain('index.html in it is for reading')
    const [file] = files
    const zip = readZip(file?.bytes ?? new Uint8Array())
    expect([file?.name, zip.names]).toEqual(['hearth-export.zip', ['data.json', 'index.html']])
    expect(Buffer.from(zip.read('index.html', 1_000_000) ?? []).toString()).toContain(
      'My cat is called Mirzl.',
    )
    refusal = 'not-private'
    expect(await ask(run, 'export')).toContain('this room is not encrypted')
    refusal = 'file-refused'
    expect(await ask(run, 'export')).toContain('hearth person export')
    const group = { ...base(run).room, kind: 'group' } as const
    await run.event({ ...base(run), room: group, kind: 'command', name: 'privacy', text: 'export' })
    await until(() => expect(run.seen().at(-1)).toContain('a room of our own'))
    expect(files).toHaveLength(1)
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
