import { describe, expect, it, vi } from 'vitest'
import { databases } from '../support/databases.ts'
import { linesOf, makeHome } from '../support/hearth-process.ts'
import type { Script } from '../support/ollama-script.ts'
import { startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const script: Script = ({ messages }) =>
  `I heard ${/line \w+/.exec(messages?.findLast(({ role }) => role === 'user')?.content ?? '')}`

describe.each(databases)('lines in a pipe, over $name', ({ makeMigrated }) => {
  it('are answered one by one and in order, though the model is away at first', async () => {
    await using ollama = await startOllamaServer({ script: () => ({ status: 503, body: { error: 'away' } }) })
    await using database = await makeMigrated()
    await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
    await using hearth = home.start(['run'], { input: 'line one\nline two' })
    await hearth.until(() => hearth.stderr.includes('Your message is kept'))
    ollama.script = script
    const ended = await hearth.ended
    expect(ended).toMatchObject({ code: 0, signal: null })
    expect(linesOf(ended.stdout)).toEqual(['I heard line one', 'I heard line two'])
  })

  it('wait for what a killed process left, which is answered first', async () => {
    await using ollama = await startOllamaServer({
      script: () => ({ pieces: Array.from({ length: 1_000 }, () => ' word'), paceMs: 100 }),
    })
    await using database = await makeMigrated()
    await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
    await home.configure('turns:\n  leaseMs: 3000\n')
    {
      await using killed = home.start(['run'])
      killed.say('line zero')
      await expect.poll(() => ollama.chats()[0]?.sent, { timeout: 60_000 }).toBeGreaterThan(1)
    }
    ollama.script = script
    const ended = await home.run(['run'], { input: 'line one\nline two\n' })
    expect(ended).toMatchObject({ code: 0, signal: null })
    expect(linesOf(ended.stdout)).toEqual(['I heard line zero', 'I heard line one', 'I heard line two'])
    expect(ollama.chats()).toHaveLength(4)
  })
})
