import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HearthError } from '../../src/core/errors.ts'
import { accountId } from '../../src/core/ids.ts'
import { createKeyFile } from '../../src/vault/key-file.ts'
import { type MasterKeySource, newMasterKeyLine } from '../../src/vault/master-key.ts'
import { readKeyStatus, unlock } from '../../src/vault/unlock.ts'
import { installation, type Vault } from '../../src/vault/vault.ts'
import { type MemoryKeys, makeMemoryKeys } from '../support/memory-keys.ts'
import { useTemporaryFolder } from './temporary-folder.ts'

const { signal } = new AbortController()
const inFolder = useTemporaryFolder()
const place = { table: 't', column: 'c', row: '1' }
const account = { kind: 'account', account: accountId('home') } as const
const variable = 'HEARTH_TEST_MASTER_KEY'

let keys: MemoryKeys
let file: string
let source: MasterKeySource

beforeEach(() => {
  keys = makeMemoryKeys()
  file = inFolder('master.key')
  source = { file }
})
afterEach(() => vi.unstubAllEnvs())

const open = (from: MasterKeySource = source, repository = keys): Promise<Vault> =>
  unlock(repository, from, { createIfMissing: true }, signal)

const failureOf = (opening: Promise<unknown>): Promise<HearthError> =>
  opening.then(
    () => expect.unreachable('it opened'),
    (error) => error,
  )

const everything = async () => ({
  master: keys.master(),
  rows: keys.rows(),
  files: await Promise.all(
    (await readdir(inFolder('.'))).sort().map(async (name) => [name, await readFile(inFolder(name), 'utf8')]),
  ),
})

/** The failure, after which neither the database nor the folder has changed. */
async function failsUntouched(from: MasterKeySource = source): Promise<HearthError> {
  const before = await everything()
  const error = await failureOf(open(from))
  const status = await failureOf(readKeyStatus(keys, from, signal))
  expect(status).toMatchObject({ code: error.code, message: error.message })
  expect(await everything()).toEqual(before)
  return error
}

async function sealSomething(): Promise<Uint8Array> {
  await using vault = await open()
  using sealer = await vault.prepare([installation], signal)
  keys.holdsContent = true
  return sealer.seal(installation, place, 'something')
}

describe('an empty database', () => {
  it('gets a new key file and remembers its key', async () => {
    const sealed = await sealSomething()
    await using vault = await open()
    expect(await vault.openText({ sealed, place }, signal)).toBe('something')
    expect(await readKeyStatus(keys, source, signal)).toEqual({ state: 'ready', masterId: keys.master()?.id })
    expect(await readdir(inFolder('.'))).toEqual(['master.key'])
  })

  it('takes the key file that is there and leaves it as it is', async () => {
    const key = await createKeyFile(file)
    const text = await readFile(file, 'utf8')
    expect(await readKeyStatus(keys, source, signal)).toEqual({ state: 'new', masterId: key?.id })
    await using _ = await unlock(keys, source, { createIfMissing: false }, signal)
    expect(keys.master()?.id).toBe(key?.id)
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  it('gets nothing when no key may be made', async () => {
    expect(await readKeyStatus(keys, source, signal)).toEqual({ state: 'new', masterId: undefined })
    const error = await failureOf(unlock(keys, source, { createIfMissing: false }, signal))
    expect(error).toMatchObject({ who: 'vault', code: 'master-key-missing' })
    expect(error.message).toContain(file)
    expect(error.mend).toContain('npx hearth keys init')
    expect(await everything()).toEqual({ master: undefined, rows: [], files: [] })
  })

  it('takes a key from a variable, but none can be made there', async () => {
    const from = { env: variable }
    const error = await failureOf(open(from))
    expect(error).toMatchObject({ code: 'master-key-missing' })
    expect(error.message).toContain(variable)
    expect(error.mend).toContain('hearth-master-1:')
    expect(keys.master()).toBeUndefined()
    vi.stubEnv(variable, newMasterKeyLine())
    await using _ = await open(from)
    expect(keys.master()).toBeDefined()
  })

  it('takes a key from a command', async () => {
    await createKeyFile(inFolder('elsewhere'))
    await using _ = await open({ command: `cat ${inFolder('elsewhere')}` })
    expect(await readdir(inFolder('.'))).toEqual(['elsewhere'])
  })

  it('is opened by all of several processes that start at once, with one key', async () => {
    const vaults = await Promise.all(Array.from({ length: 8 }, () => open()))
    const [first] = vaults
    using sealer = await first!.prepare([installation], signal)
    const sealed = sealer.seal(installation, place, 'something')
    for (const vault of vaults) {
      expect(await vault.openText({ sealed, place }, signal)).toBe('something')
      expect(vault.lookup(account)).toEqual(first!.lookup(account))
    }
    for (const vault of vaults) await vault[Symbol.asyncDispose]()
    expect(await readdir(inFolder('.'))).toEqual(['master.key'])
  })

  it('belongs to one of two machines that start at once with files of their own; the other is refused', async () => {
    const results = await Promise.allSettled([open(), open({ file: inFolder('other.key') })])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const result of results) {
      if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]()
      else expect(result.reason).toMatchObject({ code: 'master-key-wrong' })
    }
  })
})

describe('a sealed database', () => {
  beforeEach(async () => {
    await sealSomething()
  })

  it('refuses to open without its key file, names it, and makes no new one', async () => {
    await rm(file)
    const error = await failsUntouched()
    expect(error).toMatchObject({ who: 'vault', code: 'master-key-missing' })
    expect(error.message).toContain(file)
    expect(error.mend).toMatch(/Restore .* copy.* nothing in the database can be read/)
  })

  it('refuses a wrong key and names the file and both keys', async () => {
    await rm(file)
    const wrong = await createKeyFile(file)
    const error = await failsUntouched()
    expect(error).toMatchObject({ who: 'vault', code: 'master-key-wrong' })
    for (const part of [file, wrong?.id, keys.master()?.id]) expect(error.message).toContain(part)
  })

  it('refuses the key of another database that claims to have the same id', async () => {
    const other = makeMemoryKeys()
    await using _ = await open({ file: inFolder('other.key') }, other)
    const forged = { ...keys.master()!, proof: other.master()!.proof }
    await keys.changeMaster(async () => ({ master: forged, rewrap: (row) => row.wrapped }), signal)
    expect(await failsUntouched()).toMatchObject({ code: 'master-key-wrong' })
  })

  it.each([
    ['empty', ''],
    ['cut', 'hearth-master-1:AAAA'],
    ['garbled', '\u0000'.repeat(60)],
  ])('refuses a key file that is %s and names it', async (_, text) => {
    await writeFile(file, text)
    const error = await failsUntouched()
    expect(error).toMatchObject({ who: 'vault', code: 'master-key-malformed' })
    expect(error.message).toContain(file)
  })

  it.runIf(process.platform !== 'win32')('refuses a key file that others may read', async () => {
    await chmod(file, 0o644)
    expect(await failsUntouched()).toMatchObject({
      code: 'master-key-exposed',
      mend: expect.stringContaining('chmod 600'),
    })
  })

  it('refuses a variable that is not set or holds another key', async () => {
    expect(await failsUntouched({ env: variable })).toMatchObject({ code: 'master-key-missing' })
    vi.stubEnv(variable, newMasterKeyLine())
    expect(await failsUntouched({ env: variable })).toMatchObject({ code: 'master-key-wrong' })
  })

  it('opens from wherever the right key comes', async () => {
    vi.stubEnv(variable, await readFile(file, 'utf8'))
    for (const from of [{ env: variable }, { command: `cat ${file}` }]) {
      await using vault = await open(from)
      expect(vault.lookup(account)).toHaveLength(32)
    }
  })

  it('refuses to start over when its keyring was not restored with it', async () => {
    keys = Object.assign(makeMemoryKeys(), { holdsContent: true })
    const error = await failsUntouched()
    expect(error).toMatchObject({ who: 'vault', code: 'keyring-missing' })
    expect(error.mend).toContain('Restore')
  })

  it('refuses to start when the key of the lookups is not in the keyring', async () => {
    await keys.destroy({ kind: 'lookup', id: 'lookup' }, signal)
    expect(await failsUntouched()).toMatchObject({ code: 'keyring-missing' })
  })

  it('takes no lock and writes nothing when everything is in order', async () => {
    const calls = { ...keys.calls }
    const before = await everything()
    await using _ = await open()
    expect(keys.calls.changeMaster).toBe(calls.changeMaster)
    expect(await everything()).toEqual(before)
  })

  it('does not open for a caller who has given up', async () => {
    await expect(unlock(keys, source, { createIfMissing: true }, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  it('opens with a copy of the key in another place', async () => {
    await copyFile(file, inFolder('copy'))
    await using _ = await open({ file: inFolder('copy') })
  })
})
