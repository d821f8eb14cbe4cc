import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '../..')

/** A reader decides by this table what to trust: it must name what is installed, all of it, and nothing else. */
it('the table of dependencies in docs/design.md is that of package.json', async () => {
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies' | 'optionalDependencies',
    Record<string, string>
  >
  const page = await readFile(path.join(root, 'docs/design.md'), 'utf8')
  const section = page.slice(page.indexOf('\n## Dependencies'))
  const rows = [...section.matchAll(/^\| `([^`]+)`\s*\| ([\w.-]+)(?:, optional)?\s*\|/gm)]
  const documented = Object.fromEntries(rows.map(([, name, version]) => [name, version]))
  const { dependencies, devDependencies, optionalDependencies } = manifest
  expect(documented).toEqual({ ...dependencies, ...devDependencies, ...optionalDependencies })
})
