import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { databases } from '../support/databases.ts'
import { linesOf, makeHome } from '../support/hearth-process.ts'
import { noonZone } from '../support/noon-zone.ts'
import { startOllamaServer } from '../support/ollama-server.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const said = (body: { readonly messages?: readonly { role: string; content: string }[] }) =>
  body.messages?.findLast(({ role, content }) => role === 'user' && content !== '')?.content ?? ''

it('reminds whoever pipes what they say, at the next start after it was due', async () => {
  await using ollama = await startOllamaServer({
    script: ({ messages = [] }) =>
      (/“(.*)”/.exec(messages.at(-1)?.content ?? '')?.[1] ?? 'Very well').concat('!'),
  })
  await using database = await databases[1].makeMigrated()
  await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })
  const lines = [`/unprompted zone ${noonZone()}`, '/unprompted on', 'Remind me in 1 second to call mum.']
  const first = await home.run(['run'], { input: lines.map((line) => `${line}\n`).join('') })
  expect(first).toMatchObject({ code: 0, stdout: 'Very well!\n' })
  expect(first.stderr).toContain('Noted as number 1: I remind you on')
  await sleep(1_100)
  const second = await home.run(['run'], { input: 'Hello.\n' })
  expect(linesOf(second.stdout)).toEqual(['call mum!', 'Very well!'])
  const third = await home.run(['run'], { input: 'Hello.\n' })
  expect(linesOf(third.stdout)).toEqual(['Very well!'])
})

describe.each(databases)('over $name', ({ makeMigrated }) => {
  it('answers two piped lines in order, and remembers them at the next start', async () => {
    await using ollama = await startOllamaServer({
      models: [{ name: 'planted-model:7b' }],
      script: (body) => `I heard: ${said(body)}`,
    })
    await using database = await makeMigrated()
    await using home = await makeHome({ ...database.environment, OLLAMA_HOST: ollama.url })

    const first = await home.run(['run'], { input: 'Hello, I am Ada.\nWhat is my name?\n' })
    expect(first).toMatchObject({ code: 0, signal: null })
    expect(linesOf(first.stdout)).toEqual([
      expect.stringContaining('Hello, I am Ada.'),
      expect.stringContaining('What is my name?'),
    ])
    expect(first.stderr).toContain('planted-model:7b')
    expect(first.stderr).toContain(ollama.url)
    expect(ollama.chats()).toHaveLength(2)

    const second = await home.run(['run'], { input: 'And now?' })
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('And now?') })
    const remembered =
      ollama
        .chats()
        .at(-1)
        ?.body.messages?.map(({ content }) => content) ?? []
    const places = [
      'Hello, I am Ada.',
      'I heard: Hello, I am Ada.',
      'What is my name?',
      'I heard: What is my name?',
      'And now?',
    ].map((text) => remembered.findIndex((content, index) => index > 0 && content.includes(text)))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })
})
