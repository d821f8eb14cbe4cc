import { PassThrough, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { gatherPastes } from '../../../adapters/console/decode.ts'
import { createScreen, type Screen, safeName, safeText } from '../../../adapters/console/encode.ts'
import { createTerminal } from '../../support/terminal.ts'

const screens: Screen[] = []
afterEach(() => {
  for (const screen of screens.splice(0)) screen.close()
})

function open(columns: number, rows: number) {
  const terminal = createTerminal(columns, rows)
  const output = Object.assign(
    new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        terminal.write(String(chunk))
        done()
      },
    }),
    { columns, rows },
  )
  const input = new PassThrough()
  const screen = createScreen({ input, output, personaName: 'Mira', colour: true })
  const said: string[] = []
  screen.listen(
    gatherPastes((text) => said.push(text)),
    () => {},
  )
  screens.push(screen)
  const show = (text: string, before: string | undefined, final = false, message = 'm') =>
    screen.show(message, before, { kind: 'reply', text, final })
  const type = async (keys: string) => {
    input.write(keys)
    await sleep(0)
  }
  return { terminal, screen, said, show, type }
}

describe('safe text', () => {
  it('has no control characters, no bidi controls and no hidden planes', () => {
    const tricks =
      '\u001b[31mred\u009b1m \u202eabc\u2066d\u2069 \u200bzero \ufeff \u{e0041}tag\u{e0100} \ud800'
    expect(safeText(tricks)).toBe('[31mred1m abcd zero  tag \ufffd')
    expect(safeText('👩‍🚀 می‌خواهم שלום')).toBe('👩‍🚀 می‌خواهم שלום')
    expect(safeName('Mi\u202era\u001b[1m\nLune')).toBe('Mira[1m Lune')
  })

  it('never holds what a terminal could obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeText(text)).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
        expect(safeText(text).isWellFormed()).toBe(true)
      }),
    )
  })
})

describe('the screen', () => {
  it('lets a reply grow above the line that is being typed', async () => {
    const { terminal, show, type } = open(40, 12)
    await type('so I sa')
    await show('The tide', undefined)
    await show('The tide comes in.\n\nAnd out', 'The tide')
    expect(terminal.text()).toBe('Mira: The tide comes in.\n\nAnd out\n› so I sa')
    await type('id')
    await show('The tide comes in.\n\nAnd out again.', 'The tide comes in.\n\nAnd out', true)
    expect(terminal.text()).toBe('Mira: The tide comes in.\n\nAnd out again.\n\n› so I said')
  })

  it('shows that the persona is writing until there is something to read', async () => {
    const { terminal, screen, show } = open(40, 12)
    screen.typing()
    expect(terminal.text()).toBe('Mira is writing…\n›')
    await show('Yes.', undefined, true)
    expect(terminal.text()).toBe('Mira: Yes.\n\n›')
  })

  it('prints a changed reply anew with a mark, and the same reply not at all', async () => {
    const { terminal, show } = open(40, 12)
    await show('One.', undefined, true)
    await show('One.', 'One.', true)
    await show('Another.', 'One.', true)
    expect(terminal.text()).toBe('Mira: One.\n\nMira ↻: Another.\n\n›')
  })

  it('keeps a message that is sent while a reply grows above the growing line', async () => {
    const { terminal, show, type, said } = open(40, 12)
    await show('The tide', undefined)
    await type('/stop\r')
    await show('The tide comes', 'The tide')
    expect(terminal.text()).toBe('› /stop\nMira: The tide comes\n›')
    await expect.poll(() => said).toEqual(['/stop'])
  })

  it('keeps a reply whole that is taller than the terminal', async () => {
    const { terminal, show, type } = open(30, 8)
    const words = Array.from({ length: 300 }, (_, index) => `word${index}`)
    await type('typed')
    let before: string | undefined
    for (let count = 10; count <= words.length; count += 10) {
      const text = words.slice(0, count).join(' ')
      await show(text, before, count === words.length)
      before = text
    }
    const shown = terminal.text()
    expect(shown.endsWith('› typed')).toBe(true)
    expect(shown.replace(/\s+/g, '')).toBe(`Mira:${words.join('')}›typed`)
  })

  it('does not obey what a person pastes', async () => {
    const { terminal, type, said } = open(60, 12)
    await type('\u009b31mhi\u202e there\u0007\u001c\r')
    await expect.poll(() => said).toHaveLength(1)
    expect(terminal.strange).toEqual([])
    expect(terminal.text()).toContain('hi there')
  })

  it('makes one message of a marked paste', async () => {
    const { type, said } = open(60, 12)
    await type('\u001b[200~one\rtwo\rthree\u001b[201~')
    await sleep(40)
    expect(said).toEqual([])
    await type('!\r')
    await expect.poll(() => said).toEqual(['one\ntwo\nthree!'])
  })

  it('makes one message of lines that arrive together', async () => {
    const { type, said } = open(60, 12)
    await type('one\rtwo\r')
    await expect.poll(() => said).toEqual(['one\ntwo'])
  })

  it('draws a line again that fills its rows to the last column', async () => {
    const { terminal, show, type } = open(26, 8)
    for (const keys of ['yz x', 'yz ', 'long line ', 'long line ', 'yz ', 'long line ', 'long line '])
      await type(keys)
    await show('Well.', undefined, true)
    expect(terminal.text()).toBe('Mira: Well.\n\n› yz xyz long line long li\nne yz long line long line')
  })

  it('shows the same whatever the pieces, the width and what is typed meanwhile', async () => {
    const words = fc.array(fc.constantFrom('sea', 'tide', 'ÿ', '海', '🫖', 'lighthouse', '\n', '\n\n'), {
      minLength: 1,
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(
        words,
        fc.array(fc.tuple(fc.nat(20), fc.constantFrom('', 'x', 'yz ', 'long line ')), { maxLength: 12 }),
        fc.integer({ min: 24, max: 60 }),
        fc.integer({ min: 8, max: 30 }),
        async (all, steps, columns, rows) => {
          const { terminal, show, type, screen } = open(columns, rows)
          const text = `Well ${all.join(' ')}`.trim()
          let before: string | undefined
          let end = 0
          let typed = ''
          for (const [more, keys] of steps) {
            end = Math.min(text.length, end + more)
            const part =
              text.slice(0, end).toWellFormed() === text.slice(0, end) ? text.slice(0, end) : before
            if (part !== undefined && part !== '') {
              await show(part, before)
              before = part
            }
            if (keys !== '') await type(keys)
            typed += keys
          }
          await show(text, before, true)
          const squeezed = (value: string) => value.replace(/\s+/g, '')
          expect(squeezed(terminal.text())).toBe(squeezed(`Mira: ${text}› ${typed}`))
          expect(terminal.strange).toEqual([])
          screen.close()
        },
      ),
      { numRuns: 150 },
    )
  })
})
