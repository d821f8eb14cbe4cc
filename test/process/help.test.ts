import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type HearthHome, makeHome } from '../support/hearth-process.ts'

// Whole processes on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let home: HearthHome
beforeAll(async () => {
  home = await makeHome()
})
afterAll(() => home[Symbol.asyncDispose]())

/** The names below `Commands:` in a help text. */
const namesIn = (help: string): readonly string[] =>
  Array.from(help.slice(help.indexOf('\nCommands:')).matchAll(/^ {2}([a-z-]+)/gm), ([, name = '']) => name)

it('prints usage for every command there is, and exits 0', async () => {
  const visited: string[] = []
  const visit = async (words: readonly string[]): Promise<void> => {
    const ended = await home.run([...words, '--help'])
    expect(ended, words.join(' ')).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toContain(`Usage: ${['hearth', ...words].join(' ')}`)
    visited.push(words.join(' '))
    if (!ended.stdout.includes('\nCommands:')) return
    const names = namesIn(ended.stdout).filter((name) => name !== 'help')
    expect(names.length).toBeGreaterThan(0)
    // Two at a time, as many as there are cores.
    const half = Math.ceil(names.length / 2)
    await Promise.all(
      [names.slice(0, half), names.slice(half)].map(async (some) => {
        for (const name of some) await visit([...words, name])
      }),
    )
  }
  await visit([])
  expect(visited).toEqual(
    expect.arrayContaining([
      'run',
      'chat',
      'init',
      'doctor',
      'persona check',
      'keys rotate',
      'matrix crypto new-backup',
    ]),
  )
})

describe('what is not understood', () => {
  it.each([
    [['rnu'], 'Did you mean run?'],
    [['keys', 'statsu'], 'Did you mean status?'],
    [['run', '--confg', 'x'], 'Did you mean --config?'],
    [['run', 'mira'], 'hearth --help'],
    [['dance'], "unknown command 'dance'"],
  ])('%s: exits with 1 and helps', async (args, help) => {
    const ended = await home.run(args)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(help)
  })
})

it('prints its version', async () => {
  expect(await home.run(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})
