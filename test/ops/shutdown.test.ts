import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { createResourceStack, type StopSignal, stopOnSignals } from '../../src/ops/shutdown.ts'

const module = JSON.stringify(new URL('../../src/ops/shutdown.ts', import.meta.url).href)
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that watches signals with a time of its own, says `ready`, and then does `body`. */
async function run(body: string, time = '{ endMs: 60000 }') {
  const program = `
    const { stopOnSignals, createResourceStack } = await import(${module})
    const stopping = new AbortController()
    const watch = stopOnSignals(stopping, ${time})
    const say = (text) => process.stdout.write(text + '\\n')
    const alive = setInterval(() => {}, 1000)
    const stopped = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve))
    say('ready')
    ${body}
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  const said = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data')
  }
  await said('ready\n')
  const ended = once(child, 'close').then(([code, signal]) => ({
    code,
    signal,
    output: output.replace('ready\n', ''),
  }))
  return { kill: (signal: StopSignal) => child.kill(signal), said, ended }
}

describe('a signal', () => {
  it.each<StopSignal>(['SIGINT', 'SIGTERM'])('lets the work be finished: %s', async (name) => {
    const { kill, ended } = await run(`
      await stopped
      say('stopping')
      clearInterval(alive)
    `)
    kill(name)
    expect(await ended).toEqual({ code: 0, signal: null, output: 'stopping\n' })
  })

  it.each<[StopSignal, StopSignal, number]>([
    ['SIGINT', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
  ])('ends the process at once when it is the second: %s, %s', async (first, second, code) => {
    const { kill, said, ended } = await run(`await stopped; say('first')`)
    kill(first)
    await said('first')
    kill(second)
    expect(await ended).toEqual({ code, signal: null, output: 'first\n' })
  })

  it('ends a process that hangs, with the code of the signal', async () => {
    const { kill, ended } = await run(`await stopped; say('and hangs')`, '{ endMs: 60 }')
    kill('SIGTERM')
    expect(await ended).toEqual({ code: 143, signal: null, output: 'and hangs\n' })
  })

  it('is none of its business any more when the watch was disposed', async () => {
    const { kill, said, ended } = await run(`watch[Symbol.dispose](); say('disposed')`)
    await said('disposed')
    kill('SIGTERM')
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM', output: 'disposed\n' })
  })

  it('is not listened to any more when the watch was disposed', () => {
    const before = ['SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name))
    {
      using _watch = stopOnSignals(new AbortController())
      expect(process.listenerCount('SIGINT')).toBe((before[0] ?? 0) + 1)
    }
    expect(['SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name))).toEqual(before)
  })

  it('disposes resources of a real process, one of which hangs', async () => {
    const { kill, ended } = await run(`
      const resources = createResourceStack({ disposeOneMs: 30, onProblem: (name) => say('gave up ' + name) })
      for (const name of ['store', 'model']) {
        resources.use(name, { async [Symbol.asyncDispose]() { say('closed ' + name) } })
      }
      resources.use('account', { [Symbol.asyncDispose]: () => new Promise(() => {}) })
      await stopped
      await resources[Symbol.asyncDispose]()
      clearInterval(alive)
    `)
    kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, output: 'gave up account\nclosed model\nclosed store\n' })
  })
})

describe('resources', () => {
  it('go in the reverse of the order in which they came, once', async () => {
    const gone: string[] = []
    const stack = createResourceStack({ onProblem: (name) => gone.push(`problem ${name}`) })
    const store = stack.use('store', { [Symbol.dispose]: () => void gone.push('store') })
    stack.use('model', {
      async [Symbol.asyncDispose]() {
        await Promise.resolve()
        gone.push('model')
      },
    })
    expect(Symbol.dispose in store).toBe(true)
    await stack[Symbol.asyncDispose]()
    await stack[Symbol.asyncDispose]()
    expect(gone).toEqual(['model', 'store'])
  })

  it('go all, whatever single ones do, now or later', async () => {
    const gone: string[] = []
    const problems: unknown[] = []
    const stack = createResourceStack({
      disposeOneMs: 20,
      onProblem: (name, error) => problems.push([name, error]),
    })
    const broken = new Error('broken')
    stack.use('store', { [Symbol.dispose]: () => void gone.push('store') })
    stack.use('throws', {
      [Symbol.dispose]: () => {
        throw broken
      },
    })
    stack.use('rejects', { [Symbol.asyncDispose]: () => Promise.reject(broken) })
    let rejectLater = (_: Error): void => undefined
    stack.use('hangs', {
      [Symbol.asyncDispose]: () =>
        new Promise<void>((_, reject) => {
          rejectLater = reject
        }),
    })
    await stack[Symbol.asyncDispose]()
    // Nobody waits for it any more: it must not become an unhandled rejection.
    rejectLater(broken)
    await new Promise((resolve) => setImmediate(resolve))
    expect(gone).toEqual(['store'])
    expect(problems).toEqual([
      ['hangs', undefined],
      ['rejects', broken],
      ['throws', broken],
    ])
  })
})
