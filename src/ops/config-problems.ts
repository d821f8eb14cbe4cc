import type { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { pathText } from '../files/yaml.ts'
import { type SectionNames, sectionNames } from './config-schema.ts'
import { type ConfigTree, type Problem, shownPath } from './config-yaml.ts'

/** What the schema found, in the order of the file. What the tree complained about already is left out. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], tree: ConfigTree): readonly Problem[] {
  const told = new Set(tree.problems.map(({ path }) => path))
  const names = sectionNames()
  const found = issues
    .flatMap((issue): readonly Problem[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(issue.path, key, names, tree))
        : [{ line: tree.lineOf(issue.path), ...shown(issue.path), sentence: issue.message }],
    )
    .filter(({ path }) => path === undefined || !told.has(path))
  return [...tree.problems, ...found].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

const shown = (path: readonly PropertyKey[]): Pick<Problem, 'path'> =>
  path.length === 0 ? {} : { path: shownPath(path) }

function unknownKey(
  section: readonly PropertyKey[],
  key: string,
  names: SectionNames,
  tree: ConfigTree,
): Problem {
  const path = [...section, key]
  const here = names.get(pathText(section).replace(/\[\d+\]/g, '[]')) ?? []
  const meant = nearest(key, here) ?? elsewhere(key, names)
  const hint = meant === undefined ? `the keys here are ${here.join(', ')}` : `did you mean ${meant}?`
  return {
    line: tree.lineOf(path),
    path: shownPath(path),
    sentence: `is no key of the configuration: ${hint}`,
  }
}

/** `port` at the top is most likely `ops.port`. */
function elsewhere(key: string, names: SectionNames): string | undefined {
  for (const [section, keys] of names) {
    const meant = nearest(key, keys)
    if (meant !== undefined) return section === '' ? meant : `${section}.${meant}`
  }
  return undefined
}

/** `hearth.yaml:12: models.chat must be text`; what has no line is not in the file. */
export function problemLine(file: string, { line, path, sentence }: Problem): string {
  const said = path === undefined ? sentence : `${path} ${sentence}`
  return line === undefined ? said : `${file}:${line}: ${said}`
}
