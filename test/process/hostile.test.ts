import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../support/databases.ts'
import { type HearthHome, linesOf, makeHome } from '../support/hearth-process.ts'
import type { Script } from '../support/ollama-script.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let ollama: OllamaServer
let database: TestDatabase
let home: HearthHome
beforeAll(async () => {
  ollama = await startOllamaServer()
  database = await postgresDatabase()
  home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
})
afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await ollama[Symbol.asyncDispose]()
})

const words = (count: number) => Array.from({ length: count }, (_, index) => ` word${index}`)
const endless = function* () {
  for (;;) yield ' more'
}
const lastUser = (body: Parameters<Script>[0]) =>
  body.messages?.findLast(({ role }) => role === 'user')?.content ?? ''

describe('a model that fails', () => {
  it.each<readonly [string, RegExp, ReturnType<Script>]>([
    [
      'dies mid-stream',
      /stopped in the middle of a reply/,
      { pieces: words(9), fault: { kind: 'cut', after: 4 } },
    ],
    [
      'ends too soon',
      /stopped in the middle/,
      { pieces: words(9), fault: { kind: 'end-without-done', after: 4 } },
    ],
    ['says nothing', /Nothing came to my mind/, { pieces: [] }],
    ['says only white space', /Nothing came to my mind/, { pieces: [' ', '\n', '\u200b'] }],
    [
      'sends half a line of rubbish',
      /stopped in the middle/,
      { pieces: words(9), fault: { kind: 'end-without-done', after: 2, bytes: '{"mess\u0000' } },
    ],
    ['sends a web page', /stopped in the middle/, { status: 200, body: '<html>proxy</html>' }],
    ['has no memory', /not enough memory/, { status: 500, body: { error: 'out of memory' } }],
  ])('%s: the person is told once, and the conversation goes on', async (_, sentence, reply) => {
    ollama.script = (body) => (lastUser(body).includes('Break') ? reply : 'All is well: Mend')
    await using hearth = home.start(['run'], { input: 'Break.\nMend.\n' })
    await hearth.until(() => sentence.test(hearth.stderr))
    ollama.script = (body) => `All is well: ${/Break|Mend/.exec(lastUser(body))}`
    const ended = await hearth.ended
    // What may pass is tried again; of nothing there was a second try.
    const answers = sentence.source.startsWith('Nothing') ? ['Mend'] : ['Break', 'Mend']
    expect(ended.code).toBe(0)
    expect(linesOf(ended.stdout)).toEqual(answers.map((word) => `All is well: ${word}`))
    const [, , ...notices] = linesOf(ended.stderr)
    expect(notices.filter((line) => sentence.test(line))).toHaveLength(1)
    expect(notices.filter((line) => line.startsWith('Your message is kept')).length).toBeLessThanOrEqual(1)
    expect(JSON.stringify(ollama.chats().at(-1)?.body.messages)).toMatch(/Break\..*Mend\./)
  })

  it('endless: the reply is cut, and the next one comes', async () => {
    ollama.script = (body) =>
      lastUser(body).includes('Go on') ? { pieces: endless(), ignoresLimit: true } : 'All is well.'
    const ended = await home.run(['run'], { input: 'Go on.\nStop now.\n' })
    expect(ended.code).toBe(0)
    const [long = '', next, ...rest] = linesOf(ended.stdout)
    expect(long.length).toBeGreaterThan(100)
    expect(long.length).toBeLessThan(20_000)
    expect(long).toMatch(/^more more .*…$/)
    expect([next, rest]).toEqual(['All is well.', []])
    expect(ollama.chats().at(-2)?.state).toBe('hung-up')
  })

  it('sends escapes and half characters: nothing of them reaches standard output', async () => {
    ollama.script = () => ({
      pieces: [
        'Look\u001b[2J ',
        '\u001b]0;owned\u0007',
        '\u009b31m',
        'red\r\u0008\u0000',
        ' \ud83d',
        '\ude00 \ud83d',
        ' end',
      ],
      writeBytes: 3,
    })
    const ended = await home.run(['run'], { input: 'Show me.\n' })
    expect(ended.code).toBe(0)
    expect(ended.stdout).toContain('Look')
    expect(ended.stdout).toContain('😀')
    expect(ended.stdout).toContain('end')
    expect(ended.stdout + ended.stderr).not.toMatch(/[^\n\P{Cc}]/u)
  })
})

describe('a person who sends', () => {
  const asked = () => lastUser(ollama.chats().at(-1)?.body ?? {})
  beforeAll(() => {
    ollama.script = (body) => `You said: ${lastUser(body)}`
  })

  it('control characters and escapes: the model gets the words, the terminal no escapes', async () => {
    const ended = await home.run(['run'], { input: 'one\u001b[31m two\u0000\u0007\u009b5n three\u202e\n' })
    expect(ended.code).toBe(0)
    expect(asked()).toContain('one[31m two5n three')
    expect(ended.stdout).toContain('one[31m two5n three')
    expect(ended.stdout + ended.stderr).not.toMatch(/[^\n\P{Cc}]|\u202e/u)
  })

  it('bytes that are no UTF-8, and surrogates that are alone', async () => {
    const torn = Buffer.concat([
      Buffer.from('begin '),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from(' middle '),
      Buffer.from([0xf0, 0x9f, 0x98]),
      Buffer.from(' end\n'),
    ])
    const ended = await home.run(['run'], { input: torn })
    expect(ended.code).toBe(0)
    expect(asked()).toMatch(/begin \ufffd+ middle \ufffd end/)
    expect(ended.stdout.isWellFormed()).toBe(true)
    expect(ended.stdout).toContain('end')
  })

  it('only spaces: nothing is asked and nothing is said', async () => {
    const before = ollama.chats().length
    const ended = await home.run(['run'], { input: '   \n\t\t\n\u3000\u200b\n\n' })
    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expect(ollama.chats()).toHaveLength(before)
  })

  it('a megabyte: is told that it is too long, and the next message is answered', async () => {
    const before = ollama.chats().length
    const ended = await home.run(['run'], { input: `${'long '.repeat(210_000)}\nShort.\n` })
    expect(ended.code).toBe(0)
    expect(ended.stderr).toContain('too long')
    expect(ended.stdout).toContain('You said: Short.')
    expect(ollama.chats()).toHaveLength(before + 1)
    expect(JSON.stringify(ollama.chats().at(-1)?.body).length).toBeLessThan(100_000)
  })

  it('a hundred messages at once: each is answered, in order', async () => {
    ollama.script = (body) => `ok ${/number \d+/.exec(lastUser(body))}`
    const input = Array.from({ length: 100 }, (_, index) => `This is number ${index}.\n`).join('')
    const ended = await home.run(['run'], { input })
    expect(ended.code).toBe(0)
    expect(linesOf(ended.stdout)).toEqual(Array.from({ length: 100 }, (_, index) => `ok number ${index}`))
  })
})
