import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addPersonaDriftCommand } from '../../src/commands/persona-drift.ts'
import { HearthError, isAbort } from '../../src/core/errors.ts'
import { readConfig } from '../../src/ops/config.ts'
import { readPersona } from '../../src/persona/read.ts'
import { type OllamaServer, startOllamaServer } from '../support/ollama-server.ts'

let folder: string
let ollama: OllamaServer
let controller: AbortController

beforeEach(async () => {
  controller = new AbortController()
  folder = await mkdtemp(path.join(tmpdir(), 'hearth-drift-'))
  ollama = await startOllamaServer({
    models: [
      { name: 'small:latest' },
      { name: 'large:latest' },
      { name: 'embed:latest', capabilities: ['embedding'] },
    ],
    script: ({ model, messages }) =>
      `${model} heard ${messages
        ?.findLast(({ role }) => role === 'user')
        ?.content.split(' ')
        .at(-1)}`,
  })
  await put('wren', 'name: Wren\ndescription: You are Wren.\nmodel: { temperature: 0.9, topP: 0.5 }\n')
  await writeFile(
    path.join(folder, 'personas', 'wren', 'drift.yaml'),
    'prompts:\n  - Say one\n  - says: [Say two, Say three]\n',
  )
  await writeFile(
    path.join(folder, 'hearth.yaml'),
    `models: { hosts: [{ url: "${ollama.url}" }], chat: small, embed: embed }\n`,
  )
})
afterEach(async () => {
  await ollama[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function put(id: string, source: string, where = 'personas'): Promise<string> {
  await mkdir(path.join(folder, where, id), { recursive: true })
  await writeFile(path.join(folder, where, id, 'persona.yaml'), source)
  return path.join(folder, where, id)
}

async function run(...words: readonly string[]) {
  let printed = ''
  const shown: string[] = []
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
  addPersonaDriftCommand(program, {
    config: () => readConfig({ file: undefined, cwd: folder, environment: {} }, controller.signal),
    async find(name) {
      const reading = await readPersona(path.join(folder, 'personas', name), controller.signal)
      if (!reading.ok) throw new Error('it reads')
      return reading.persona
    },
    write: (text) => {
      printed += text
    },
    errors: { isTTY: true, write: (text) => shown.push(text) },
    controller,
  })
  const failure: unknown = await program.parseAsync(['drift', ...words], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return {
    printed: printed.replaceAll(folder, '~'),
    shown: shown.join(''),
    failure: failure instanceof HearthError ? `${failure.code}: ${failure.message} ${failure.mend}` : failure,
  }
}

const chats = () => ollama.chats().map(({ body }) => body)

describe('hearth persona drift', () => {
  it('says the same to two models, first to the one and then to the other, and leaves nothing to chance', async () => {
    const html = path.join(folder, 'drift.html')
    const { printed, shown, failure } = await run(
      'wren',
      '--model',
      'small',
      '--model',
      'large',
      '--html',
      html,
    )
    expect(failure).toBeUndefined()
    expect(chats().map(({ model }) => model)).toEqual(['small', 'small', 'small', 'large', 'large', 'large'])
    for (const { options } of chats()) expect(options).toMatchObject({ temperature: 0, seed: 1, top_p: 0.5 })
    expect(
      chats()[2]
        ?.messages?.slice(-4)
        .map(({ content }) => content),
    ).toEqual(expect.arrayContaining(['Say two', 'small heard two', 'Say three']))
    expect(printed).toMatch(
      /^from {2}Wren, version [0-9a-f]{12}, by small\nto {4}Wren, version .*, by large\n/,
    )
    expect(printed).toMatch(/\nSay one .* 50 % {6}\d\.\d\d\n/)
    expect(printed).toContain('drift.html is written.')
    expect(shown).toContain('4 of 4: Say three, by large')
    const page = await readFile(html, 'utf8')
    expect(page).toContain('small heard three')
    expect(page).toContain('large heard three')
  })

  it('says the same to two versions, the older one first, whatever its folder is called', async () => {
    const older = await put('Wren of 2025', 'name: Wren\ndescription: You are planted-older.\n', 'elsewhere')
    const { printed, failure } = await run('wren', '--against', older, '--seed', '7', '--temperature', '0.5')
    expect(failure).toBeUndefined()
    const asked = chats().map(({ messages }) => JSON.stringify(messages).includes('planted-older'))
    expect(asked).toEqual([true, true, true, false, false, false])
    expect(chats()[0]?.options).toMatchObject({ temperature: 0.5, seed: 7 })
    const [, from, to] = /version (\w+), .*\n.*version (\w+), /.exec(printed) ?? []
    expect(from).not.toBe(to)
    expect(printed).toMatch(/\nmean .* 100 % {6}0\.00\n/)
  })

  it('takes a card as another version', async () => {
    const card = path.join(folder, 'old.json')
    await writeFile(
      card,
      JSON.stringify({
        spec: 'chara_card_v2',
        spec_version: '2.0',
        data: { name: 'Wren', description: 'planted-card' },
      }),
    )
    expect((await run('wren', '--against', card)).failure).toBeUndefined()
    expect(JSON.stringify(chats()[0]?.messages)).toContain('planted-card')
  })

  it('names the models that are there where one is missing, before anything is said', async () => {
    const { failure } = await run('wren', '--model', 'small', '--model', 'larg')
    expect(failure).toMatch(
      /^model-missing: model "larg" is not on .* Did you mean large\? There are: .*small:latest/,
    )
    expect(chats()).toEqual([])
  })

  it('says what is wrong with the prompts by file and line', async () => {
    await writeFile(path.join(folder, 'personas', 'wren', 'drift.yaml'), 'prompts:\n  - ok\n  - say: x\n')
    expect((await run('wren', '--model', 'small', '--model', 'large')).failure).toMatch(
      /^persona-invalid: .*drift\.yaml:3: /,
    )
  })

  it.each([[[]], [['--model', 'small']], [['--model', 'a', '--model', 'b', '--model', 'c']]])(
    'asks what is to be compared after %j',
    async (flags) => {
      expect((await run('wren', ...flags)).failure).toMatch(/^drift-of-what: /)
    },
  )

  it('writes over no file', async () => {
    const html = path.join(folder, 'hearth.yaml')
    expect((await run('wren', '--model', 'small', '--model', 'large', '--html', html)).failure).toMatch(
      /^persona-exists: .*--html <file>/,
    )
    expect(chats()).toEqual([])
  })

  it('compares without distances where no embedding model answers, and says so', async () => {
    ollama.intercept = (asked, body) =>
      asked === '/api/embed' && JSON.stringify(body.input).includes('heard')
        ? { status: 500, body: { error: 'no' } }
        : undefined
    const { printed, failure } = await run('wren', '--model', 'small', '--model', 'large')
    expect(failure).toBeUndefined()
    expect(printed).toMatch(/\nnote {2}no distances: /)
  })

  it('ends at once when it is stopped, and leaves no half of a page', async () => {
    const html = path.join(folder, 'drift.html')
    ollama.script = () => {
      controller.abort()
      return { pieces: Array.from({ length: 1_000 }, () => ' word'), paceMs: 100 }
    }
    const { failure, printed } = await run('wren', '--model', 'small', '--model', 'large', '--html', html)
    expect(isAbort(failure)).toBe(true)
    expect(printed).toBe('')
    await expect(readFile(html)).rejects.toThrow('ENOENT')
  })
})
