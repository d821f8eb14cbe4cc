import { describe, expect, it } from 'vitest'
import { driftPage } from '../../../src/persona/drift/page.ts'
import { type DriftReport, driftRow } from '../../../src/persona/drift/report.ts'
import { driftTable } from '../../../src/persona/drift/table.ts'

const said = (text: string) => ({ text, cut: false })
const report: DriftReport = {
  sides: [
    { persona: 'Wren', version: 'aaaaaaaaaaaa', model: 'small' },
    { persona: 'Wren', version: 'aaaaaaaaaaaa', model: 'large' },
  ],
  rows: [
    driftRow({ name: 'greeting', says: ['Hello!'] }, [said('Hello?'), said('Hello there. *waves*')], 0.25),
    driftRow(
      { name: 'rain', says: ['It rains.'] },
      [said('It does.'), { text: 'It does.', cut: true }],
      undefined,
    ),
  ],
  temperature: 0,
  seed: 1,
  embedder: 'embed-test',
}

describe('a comparison', () => {
  it('is a table with a line for each prompt, and one of means', () => {
    const lines = driftTable(report).split('\n')
    expect(lines).toEqual([
      'from  Wren, version aaaaaaaaaaaa, by small',
      'to    Wren, version aaaaaaaaaaaa, by large',
      'temperature 0, seed 1, distances by embed-test',
      '',
      '          characters      words  sentences       asks  emoji     *acts*  refuses  shared  distance',
      'greeting      6 → 20      1 → 3          1      1 → 0      0      0 → 1        0    33 %      0.25',
      'rain               8          2          1          0      0          0        0   100 %         –',
      'mean      7.0 → 14.0  1.5 → 2.5        1.0  0.5 → 0.0    0.0  0.0 → 0.5      0.0    67 %      0.25',
      '',
    ])
  })

  it('is a page that obeys nothing of what it shows and asks for nothing', () => {
    const hostile = `</p><script>alert(1)</script><img src=x onerror="a()"> & 'more'`
    const page = driftPage({
      ...report,
      sides: [{ ...report.sides[0], persona: hostile }, report.sides[1]],
      rows: [driftRow({ name: hostile, says: [hostile] }, [said(hostile), said('Fine.')], 0.1)],
    })
    expect(page).not.toMatch(/<script|<img|onerror="/)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(driftPage(report)).not.toMatch(/https?:|src=|<link|@import|url\(/)
    expect(page).toContain("default-src 'none'")
    expect(page).toContain('color-scheme: light dark')
    const opened = page.match(/<(p|div|section|table|tr|td|th|h1|h2|a)\b/g)?.length
    expect(page.match(/<\/(p|div|section|table|tr|td|th|h1|h2|a)>/g)?.length).toBe(opened)
  })

  it('shows both replies of each prompt beside each other, and what was cut off', () => {
    const page = driftPage(report)
    expect(page.match(/class="pair"/g)).toHaveLength(2)
    expect(page.match(/class="reply"/g)).toHaveLength(4)
    expect(page.match(/cut off by its limit/g)).toHaveLength(1)
  })
})
