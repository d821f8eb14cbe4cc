import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { GenerateOptions, Piece, Prompt } from '../../src/core/model.ts'
import { openPocketModel, type PocketModel } from '../../src/model/pocket.ts'
import { loadEngine } from '../../src/model/pocket-engine.ts'
import { fetchWeights } from '../../src/model/weights.ts'
import { defaultPocketSources } from '../../src/model/weights-sources.ts'

/** Real weights, fetched once a machine: about 100 MB. */
const modelsFolder = process.env.HEARTH_MODELS ?? path.resolve('node_modules/.cache/hearth-models')
const settings = { modelsFolder, sources: defaultPocketSources, contextTokens: 256 }
const never = new AbortController().signal

const options: GenerateOptions = {
  contextTokens: 256,
  replyTokens: 24,
  sampling: { temperature: 0 },
  stop: [],
  stickiness: 'test',
  fairness: 'test',
  priority: 'person',
}

const hello: Prompt = [
  { role: 'system', text: 'You are Mira, a friend who lives by the sea.' },
  { role: 'user', text: 'Tell me about the sea.' },
]

async function collect(pieces: AsyncIterable<Piece>) {
  const all: Piece[] = []
  for await (const piece of pieces) all.push(piece)
  const texts = all.flatMap((piece) => (piece.kind === 'text' ? [piece.text] : []))
  const end = all.at(-1)
  if (end?.kind !== 'end') throw new Error('the last piece is not the end')
  return { all, texts, text: texts.join(''), end }
}

describe('the pocket model', () => {
  let model: PocketModel
  beforeAll(async () => {
    model = await openPocketModel(settings, never)
  }, 600_000)
  afterAll(() => model?.[Symbol.asyncDispose]())

  const ask = (prompt: Prompt, more: Partial<GenerateOptions> = {}, signal = never) =>
    model.generate(prompt, { ...options, ...more }, signal)

  it('says what it is', async () => {
    const info = await model.info(undefined, never)
    expect(info).toMatchObject({ where: 'in this process', contextTokens: 256, sees: false, pocket: true })
    expect(await model.info(info.name, never)).toEqual(info)
    await expect(model.info('llama3', never)).rejects.toMatchObject({
      code: 'model-missing',
      mend: expect.stringContaining('ollama pull llama3'),
    })
  })

  it('streams text in pieces and then one end with the counts', async () => {
    const { all, texts, text, end } = await collect(ask(hello))
    expect(texts.length).toBeGreaterThan(3)
    expect(text.trim().length).toBeGreaterThan(10)
    expect(all.filter(({ kind }) => kind === 'end')).toHaveLength(1)
    expect(end).toMatchObject({
      finish: 'length',
      replyTokens: 24,
      model: (await model.info(undefined, never)).name,
    })
    expect(end.promptTokens).toBeGreaterThan(20)
  })

  it('reads of the next prompt only what is new', async () => {
    const system = {
      role: 'system',
      text: `You are Mira. ${'You like rain on the roof. '.repeat(16)}`,
    } as const
    const first: Prompt = [system, { role: 'user', text: 'Hello, I am Ada.' }]
    const before = model.work().promptTokens
    const { text, end } = await collect(ask(first))
    const between = model.work().promptTokens
    const second = await collect(
      ask([...first, { role: 'assistant', text }, { role: 'user', text: 'And what is my name?' }]),
    )
    expect(between - before).toBeGreaterThan(100)
    expect(second.end.promptTokens).toBeGreaterThan(end.promptTokens)
    expect(model.work().promptTokens - between).toBeLessThan(30)
  })

  it('ends before a stop string, which is not shown', async () => {
    const { text } = await collect(ask(hello))
    // From the middle of one word into the next, so that no token begins or ends with it.
    const at = text.indexOf(' ', 12)
    const stop = text.slice(at - 2, at + 3)
    const { text: cut, end } = await collect(ask(hello, { stop: ['', 'never said', stop] }))
    expect(cut).toBe(text.slice(0, text.indexOf(stop)))
    expect(end.finish).toBe('stop')
  })

  it('gives the same for the same seed and another for another', async () => {
    const sampling = { temperature: 1.5, minP: 0 }
    const say = async (seed: number) => (await collect(ask(hello, { sampling: { ...sampling, seed } }))).text
    const first = await say(1)
    expect(await say(1)).toBe(first)
    expect(await say(2)).not.toBe(first)
  })

  it('keeps a JSON schema', async () => {
    const format = {
      type: 'object',
      properties: { mood: { enum: ['calm', 'wild'] }, waves: { type: 'number' } },
      required: ['mood', 'waves'],
    }
    const { text } = await collect(ask(hello, { format, replyTokens: 60 }))
    const answer = JSON.parse(text)
    expect(['calm', 'wild']).toContain(answer.mood)
    expect(typeof answer.waves).toBe('number')
  })

  it('never tears a character, however many tokens it is made of', async () => {
    const format = { enum: ['🏡👩‍👩‍👧🌊𝄞'] }
    const { texts, text } = await collect(ask(hello, { format, replyTokens: 100 }))
    expect(text).toContain('🏡👩‍👩‍👧🌊𝄞')
    expect(texts.every((piece) => piece.isWellFormed())).toBe(true)
    expect(texts.some((piece) => piece.includes('\ufffd'))).toBe(false)
  })

  it('takes a prompt of lone surrogates and nothing', async () => {
    const odd: Prompt = [
      { role: 'user', text: '\ud83d \udc00\u0000' },
      { role: 'user', text: '' },
    ]
    expect((await collect(ask(odd, { replyTokens: 3 }))).end.replyTokens).toBeLessThanOrEqual(3)
    expect((await collect(ask([], { replyTokens: 3 }))).end.replyTokens).toBeLessThanOrEqual(3)
  })

  it('refuses a prompt that is too long, without reading it', async () => {
    const before = model.work()
    const tooLong = collect(ask(hello, { contextTokens: 20 }))
    await expect(tooLong).rejects.toMatchObject({ who: 'model', code: 'prompt-too-long' })
    const book: Prompt = [{ role: 'user', text: 'the sea and the rain '.repeat(400) }]
    await expect(collect(ask(book, { contextTokens: 100_000 }))).rejects.toMatchObject({
      code: 'prompt-too-long',
    })
    expect(model.work()).toEqual(before)
  })

  it('ends with the context when that is smaller than the reply', async () => {
    const { promptTokens } = (await collect(ask(hello))).end
    const { end } = await collect(ask(hello, { contextTokens: promptTokens + 5 }))
    expect(end).toMatchObject({ finish: 'length', replyTokens: 5 })
    const book: Prompt = [{ role: 'user', text: 'the sea and the rain '.repeat(45) }]
    const filled = await collect(ask(book, { contextTokens: 9999, replyTokens: 1000, sampling: { seed: 1 } }))
    expect(filled.end.promptTokens + filled.end.replyTokens).toBeLessThanOrEqual(256)
    expect(filled.end.promptTokens).toBeGreaterThan(220)
  })

  it('stops within a few tokens when it is told to', async () => {
    const stop = new AbortController()
    const before = model.work().replyTokens
    let pieces = 0
    const reading = (async () => {
      for await (const _piece of ask(hello, { replyTokens: 500 }, stop.signal)) {
        pieces += 1
        if (pieces === 3) stop.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toThrow('enough')
    const made = model.work().replyTokens - before
    expect(made).toBeLessThan(12)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(model.work().replyTokens - before).toBe(made)
  })

  it('stops when the reader goes away', async () => {
    const before = model.work().replyTokens
    for await (const _piece of ask(hello, { replyTokens: 500 })) break
    expect(model.work().replyTokens - before).toBeLessThan(10)
    expect((await collect(ask(hello))).end.replyTokens).toBe(24)
  })

  it('stops in the middle of a long prompt', async () => {
    const long: Prompt = [
      { role: 'user', text: `${Math.random()} ${'over the hills and far away '.repeat(35)}` },
    ]
    const stop = new AbortController()
    const before = model.work().promptTokens
    const watch = setInterval(() => model.work().promptTokens > before && stop.abort(new Error('enough')), 1)
    await expect(collect(ask(long, {}, stop.signal))).rejects.toThrow('enough')
    clearInterval(watch)
    expect(model.work().promptTokens - before).toBeLessThan(150)
  })

  it('answers those who ask at the same time one after the other', async () => {
    const order: string[] = []
    const say = async (name: string, priority: 'person' | 'job') => {
      const { end } = await collect(ask(hello, { fairness: name, priority, replyTokens: 4 }))
      order.push(name)
      return end.finish
    }
    const finishes = await Promise.all([say('a', 'person'), say('job', 'job'), say('b', 'person')])
    expect(finishes).toEqual(['length', 'length', 'length'])
    expect(order).toEqual(['a', 'b', 'job'])
  })

  it('can be closed in the middle of an answer, and then says so', async () => {
    const second = await openPocketModel(settings, never)
    const pieces = second.generate(hello, { ...options, replyTokens: 500 }, never)[Symbol.asyncIterator]()
    await pieces.next()
    const rest = (async () => {
      while ((await pieces.next()).done !== true);
    })()
    await Promise.all([
      expect(rest).rejects.toMatchObject({ code: 'pocket-closed' }),
      second[Symbol.asyncDispose](),
    ])
    await second[Symbol.asyncDispose]()
    await expect(second.info(undefined, never)).rejects.toMatchObject({ code: 'pocket-closed' })
    await expect(collect(second.generate(hello, options, never))).rejects.toMatchObject({
      code: 'pocket-closed',
    })
  })

  it('gives back all its memory when it is closed', async () => {
    const { modelsFolder, sources, contextTokens } = settings
    const weights = await fetchWeights({ modelsFolder, sources }, never)
    const engine = await loadEngine({ weights, modelsFolder, contextTokens }, never)
    await engine[Symbol.asyncDispose]()
    const { llama, model, sequence } = engine
    expect([llama.disposed, model.disposed, sequence.disposed]).toEqual([true, true, true])
  })

  it('lets the process end by itself, and writes nothing of its own to the terminal', async () => {
    const module = pathToFileURL(path.resolve('src/model/pocket.ts')).href
    const program = `import { openPocketModel } from ${JSON.stringify(module)}
      const never = new AbortController().signal
      const model = await openPocketModel(${JSON.stringify(settings)}, never)
      for await (const piece of model.generate(${JSON.stringify(hello)}, ${JSON.stringify(options)}, never)) {
        if (piece.kind === 'end') process.stdout.write(piece.finish)
      }
      await model[Symbol.asyncDispose]()`
    expect(await runNode(program, process.cwd())).toEqual({ code: 0, output: 'length' })
  })
})

it('a file that only looks like a model is named', async () => {
  const folder = await temporaryFolder()
  await writeFile(path.join(folder, 'pocket.gguf'), `GGUF\x03\0\0\0${'nonsense'.repeat(1000)}`)
  const opening = openPocketModel({ modelsFolder: folder, sources: [{ path: 'pocket.gguf' }] }, never)
  await expect(opening).rejects.toMatchObject({ code: 'pocket-weights-unreadable', message: /pocket\.gguf/ })
})

it('without node-llama-cpp the error says how to get it', async () => {
  const folder = await temporaryFolder()
  for (const part of ['core', 'files', 'model'])
    await cp(path.join('src', part), path.join(folder, part), { recursive: true })
  // What reads packages of weights is not what is missing.
  for (const name of ['yauzl', 'pend'])
    await cp(path.join('node_modules', name), path.join(folder, 'node_modules', name), { recursive: true })
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(path.join(folder, 'pocket.gguf'), 'GGUF\x03\0\0\0')
  const program = `import { openPocketModel } from ${JSON.stringify(pathToFileURL(path.join(folder, 'model/pocket.ts')).href)}
    const options = { modelsFolder: '.', sources: [{ path: 'pocket.gguf' }] }
    await openPocketModel(options, new AbortController().signal).catch((error) => {
      process.stdout.write(error.code + ': ' + error.message + ': ' + error.mend)
    })`
  const { output } = await runNode(program, folder)
  expect(output).toMatch(/^pocket-unavailable: .*node-llama-cpp, which is not installed: Run: npm ci/)
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearth-pocket-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** From a file: node-llama-cpp starts a process of its own with the same flags, and `-e` would be one of them. */
async function runNode(program: string, cwd: string): Promise<{ code: number | null; output: string }> {
  const file = path.join(await temporaryFolder(), 'program.mjs')
  await writeFile(file, program)
  const child = spawn(process.execPath, [file], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
