import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/ops/config.ts'
import { sectionNames } from '../../src/ops/config-schema.ts'
import { readPage } from './read-page.ts'
import { temporaryFolders } from './temp-folder.ts'

const newFolder = temporaryFolders()
const signal = new AbortController().signal
const page = await readPage('configuration.md')

/** Every key that is no section: `models.hosts[].url`. */
function keys(): string[] {
  const sections = sectionNames()
  const paths = [...sections].flatMap(([path, names]) =>
    names.map((name) => (path === '' ? name : `${path}.${name}`)),
  )
  return paths.filter((path) => !sections.has(path))
}

describe('docs/configuration.md', () => {
  it('has one row for every key, and no other', () => {
    const rows = [...page.matchAll(/^\| `([a-z][\w.[\]]*)` \|/gm)].map(([, key]) => key)
    expect(rows.sort()).toEqual(keys().sort())
    expect(rows.length).toBeGreaterThan(20)
  })

  it('shows a whole file that reads, and that says nothing but the defaults where there are any', async () => {
    const example = /```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? ''
    const cwd = await newFolder()
    await writeFile(join(cwd, 'hearth.yaml'), example)
    const environment = {
      DATABASE_URL: 'postgres://localhost/hearth',
      DISCORD_TOKEN: 'MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz',
    }
    const { file, models, matrix, discord, backup, ...shown } = await readConfig({ cwd, environment }, signal)
    const {
      file: none,
      models: known,
      matrix: noMatrix,
      discord: noDiscord,
      backup: noBackup,
      ...defaults
    } = await readConfig({ cwd: await newFolder(), environment }, signal)
    const relative = (config: object, folder: string) =>
      JSON.stringify(config).replaceAll(JSON.stringify(folder).slice(1, -1), '')
    expect([noMatrix, noDiscord, noBackup]).toEqual([undefined, undefined, undefined])
    expect(backup).toMatchObject({ everyHours: 24, keep: 14 })
    expect(discord).toMatchObject({
      allow: [],
      roles: [],
      guilds: [],
      channels: [],
      always: [],
      catchUpMinutes: 60,
    })
    expect(matrix).toMatchObject({ allow: [], operators: [], ignore: [], catchUpMinutes: 60 })
    expect([file, none]).toEqual([join(cwd, 'hearth.yaml'), undefined])
    expect(relative(shown, cwd)).toEqual(relative(defaults, defaults.data.replace(/[\\/]data$/, '')))
    const { hosts, contextTokens, keepAlive } = known
    expect(models).toMatchObject({ hosts, contextTokens, keepAlive, hostsListed: true })
  })

  it('names every default in its row', async () => {
    const { turns, ops, log, persona, models } = await readConfig(
      { cwd: await newFolder(), environment: {} },
      signal,
    )
    const defaults = {
      persona,
      'models.contextTokens': models.contextTokens,
      'models.keepAlive': models.keepAlive,
      'turns.settleMs': turns.settleMs,
      'turns.leaseMs': turns.leaseMs,
      'turns.personaTurnsMost': turns.personaTurnsMost,
      'ops.host': ops.host,
      'ops.port': ops.port,
      'log.level': log.level,
    }
    for (const [key, value] of Object.entries(defaults)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${key}\` |`))
      expect(row?.split(' | ')[2]).toBe(`\`${value}\``)
    }
  })
})
