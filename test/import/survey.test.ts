import { expect, it } from 'vitest'
import type { Entry } from '../../src/import/entry.ts'
import { survey } from '../../src/import/survey.ts'

async function* entries(edits: number, last: Entry): AsyncGenerator<Entry> {
  // One string for all of them: nothing but its length counts.
  const text = 'x'.repeat(1 << 20)
  for (let at = 0; at < edits; at++) yield { kind: 'edit', target: `m${at}`, speaker: 'ada', text }
  yield last
}

it('passes over no deletion and no edit: more than it can keep in mind is refused', async () => {
  const deletion: Entry = { kind: 'deletion', target: 'secret' }
  expect((await survey(entries(15, deletion))).deleted).toEqual(new Set(['secret']))
  const refused = { code: 'import-too-many-changes', mend: expect.stringContaining('Split') }
  await expect(survey(entries(16, deletion))).rejects.toMatchObject(refused)
  const edit: Entry = { kind: 'edit', target: 'late', speaker: 'ada', text: 'y'.repeat(1 << 20) }
  await expect(survey(entries(16, edit))).rejects.toMatchObject(refused)
})
