import { expect, it } from 'vitest'
import { createProgressLine } from '../../src/model/weights-progress.ts'

function record(isTTY: boolean, columns = 100) {
  const written: string[] = []
  const line = createProgressLine({ isTTY, columns, write: (text) => written.push(text) })
  return { written, line }
}

it('a terminal shows one line that is painted over, and is left on a fresh line', () => {
  const { written, line } = record(true)
  line.show({ receivedBytes: 0, totalBytes: 98_400_000, source: 'example.org/m.gguf' })
  line.show({ receivedBytes: 49_200_000, totalBytes: 98_400_000, source: 'example.org/m.gguf' })
  line.show({ receivedBytes: 49_200_001, totalBytes: 98_400_000, source: 'example.org/m.gguf' })
  line.finish()
  expect(written).toEqual([
    `\r\u001b[K${'░'.repeat(24)}   0 %  0.0 MB of 98.4 MB  example.org/m.gguf`,
    `\r\u001b[K${'█'.repeat(12)}${'░'.repeat(12)}  50 %  49.2 MB of 98.4 MB  example.org/m.gguf`,
    '\n',
  ])
})

it('a narrow terminal never gets a line that would wrap', () => {
  const { written, line } = record(true, 40)
  line.show({ receivedBytes: 1, totalBytes: 2, source: 'a'.repeat(200) })
  expect(written[0]?.replace('\r\u001b[K', '').length).toBe(39)
})

it('a log gets a plain line for each source and each quarter', () => {
  const { written, line } = record(false)
  for (let share = 0; share <= 100; share++)
    line.show({ receivedBytes: share * 1e6, totalBytes: 1e8, source: 'a' })
  line.show({ receivedBytes: 5_000_000, source: 'b' })
  line.show({ receivedBytes: 6_000_000, source: 'b' })
  line.finish()
  expect(written).toEqual([
    'Fetching the pocket model: 0.0 MB of 100.0 MB (a)\n',
    'Fetching the pocket model: 25.0 MB of 100.0 MB (a)\n',
    'Fetching the pocket model: 50.0 MB of 100.0 MB (a)\n',
    'Fetching the pocket model: 75.0 MB of 100.0 MB (a)\n',
    'Fetching the pocket model: 100.0 MB of 100.0 MB (a)\n',
    'Fetching the pocket model: 5.0 MB (b)\n',
  ])
})

it('an empty file and more than was announced do no harm', () => {
  const { written, line } = record(true)
  line.show({ receivedBytes: 0, totalBytes: 0, source: 'a' })
  line.show({ receivedBytes: 9, totalBytes: 3, source: 'a' })
  expect(written.every((text) => text.includes('100 %'))).toBe(true)
})
