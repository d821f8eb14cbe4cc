import { randomUUID } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { accountId, participantId } from '../../src/core/ids.ts'
import { createKeyFile, nextKeyFile, promoteNextKey, readKeyFile } from '../../src/vault/key-file.ts'
import type { KeyRepository } from '../../src/vault/key-repository.ts'
import { newMasterKeyLine } from '../../src/vault/master-key.ts'
import { commitNextKey, rotateKeyFile, rotateTo } from '../../src/vault/rotate.ts'
import { readKeyStatus, unlock } from '../../src/vault/unlock.ts'
import type { SealedItem, Vault } from '../../src/vault/vault.ts'
import { type MemoryKeys, makeMemoryKeys } from '../support/memory-keys.ts'
import { useTemporaryFolder } from './temporary-folder.ts'

const { signal } = new AbortController()
const inFolder = useTemporaryFolder()
const owners = Array.from(
  { length: 5 },
  () => ({ kind: 'participant', id: participantId(randomUUID()) }) as const,
)
const newOwner = () => ({ kind: 'participant', id: participantId(randomUUID()) }) as const
const account = { kind: 'account', account: accountId('home') } as const
const place = { table: 'messages', column: 'content', row: '1' }

let keys: MemoryKeys
let file: string
let items: readonly SealedItem[]
let lookup: Uint8Array
let firstId: string

const open = (repository: KeyRepository = keys): Promise<Vault> =>
  unlock(repository, { file }, { createIfMissing: false }, signal)
const files = async (): Promise<readonly string[]> => (await readdir(inFolder('.'))).sort()

beforeEach(async () => {
  keys = makeMemoryKeys()
  file = inFolder('master.key')
  await using vault = await unlock(keys, { file }, { createIfMissing: true }, signal)
  using sealer = await vault.prepare(owners, signal)
  items = owners.map((owner) => ({ sealed: sealer.seal(owner, place, owner.id), place }))
  lookup = vault.lookup(account)
  keys.holdsContent = true
  firstId = keys.master()!.id
})
afterEach(() => vi.unstubAllEnvs())

/** A start finds everything again and leaves one key file, which is the database's. */
async function startsCleanly(): Promise<void> {
  await using vault = await open()
  expect(await vault.openTexts(items, signal)).toEqual(owners.map(({ id }) => id))
  expect(vault.lookup(account)).toEqual(lookup)
  expect(await files()).toEqual(['master.key'])
  expect((await readKeyFile(file))?.id).toBe(keys.master()?.id)
}

/** Stops where `changeMaster` has decided and nothing is committed, as a killed process does. */
const dyingBeforeCommit = (): KeyRepository => ({
  ...keys,
  changeMaster: (decide, given) =>
    keys.changeMaster(async (current) => {
      await decide(current)
      throw new Error('killed before the commit')
    }, given),
})

/** Commits, and never learns of it. */
const dyingAfterCommit = (): KeyRepository => ({
  ...keys,
  async changeMaster(decide, given) {
    await keys.changeMaster(decide, given)
    throw new Error('connection lost after the commit')
  },
})

describe('rotating a key file', () => {
  it('gives the database a new key, keeps all content readable and leaves one file', async () => {
    const before = keys.rows()
    const rotation = await rotateKeyFile(keys, file, signal)
    expect(rotation).toEqual({ from: firstId, to: keys.master()?.id, dataKeys: owners.length + 1 })
    expect(rotation.to).not.toBe(firstId)
    expect(keys.rows().map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    for (const [i, row] of keys.rows().entries()) expect(row.wrapped).not.toEqual(before[i]?.wrapped)
    await startsCleanly()
  })

  it('makes the old key useless', async () => {
    const old = await readFile(file, 'utf8')
    await rotateKeyFile(keys, file, signal)
    await writeFile(file, old)
    await expect(open()).rejects.toMatchObject({ code: 'master-key-wrong' })
  })

  it('can be repeated', async () => {
    await rotateKeyFile(keys, file, signal)
    await rotateKeyFile(keys, file, signal)
    await startsCleanly()
  })

  it('has nothing to do in an empty database', async () => {
    const empty = makeMemoryKeys()
    await expect(rotateKeyFile(empty, file, signal)).rejects.toMatchObject({ code: 'master-key-missing' })
    expect(empty.master()).toBeUndefined()
  })

  it('refuses a wrong key before it writes anything', async () => {
    await rm(file)
    await createKeyFile(file)
    await expect(rotateKeyFile(keys, file, signal)).rejects.toMatchObject({ code: 'master-key-wrong' })
    expect(keys.master()?.id).toBe(firstId)
    expect(await files()).toEqual(['master.key'])
  })

  it('changes nothing when one data key in the database is damaged', async () => {
    const damaged: KeyRepository = {
      ...keys,
      changeMaster: (decide, given) =>
        keys.changeMaster(async (current) => {
          const change = await decide(current)
          if (!change) return undefined
          const rewrap: typeof change.rewrap = (row) =>
            change.rewrap(row.id === keys.rows()[3]?.id ? { ...row, wrapped: row.wrapped.subarray(1) } : row)
          return { ...change, rewrap }
        }, given),
    }
    await expect(rotateKeyFile(damaged, file, signal)).rejects.toMatchObject({ code: 'cannot-open' })
    expect(keys.master()?.id).toBe(firstId)
    await startsCleanly()
  })

  it('goes well when the transaction is tried again', async () => {
    const trying: KeyRepository = {
      ...keys,
      changeMaster: (decide, given) =>
        keys.changeMaster(async (current) => {
          const lost = await decide(current)
          for (const row of keys.rows()) lost?.rewrap(row)
          return decide(current)
        }, given),
    }
    const rotation = await rotateKeyFile(trying, file, signal)
    expect(rotation).toEqual({ from: firstId, to: keys.master()?.id, dataKeys: owners.length + 1 })
    await startsCleanly()
  })

  it('is done by one of two processes that begin at once', async () => {
    const results = await Promise.allSettled([
      rotateKeyFile(keys, file, signal),
      rotateKeyFile(keys, file, signal),
    ])
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'master-key-rotated' })
    }
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
    expect(keys.master()?.id).not.toBe(firstId)
    await startsCleanly()
  })
})

describe('a rotation that was cut off', () => {
  it('before the database took the key: the next start clears the new key away', async () => {
    await expect(rotateKeyFile(dyingBeforeCommit(), file, signal)).rejects.toThrow('killed')
    expect(await files()).toEqual(['master.key', 'master.key.new'])
    expect(await readKeyStatus(keys, { file }, signal)).toEqual({ state: 'ready', masterId: firstId })
    await startsCleanly()
    expect(keys.master()?.id).toBe(firstId)
  })

  it('after the database took the key: the next start puts the new key in place', async () => {
    const { to } = await commitNextKey(keys, file, signal)
    expect(await files()).toEqual(['master.key', 'master.key.new'])
    expect(await readKeyStatus(keys, { file }, signal)).toEqual({ state: 'half-rotated', masterId: to })
    expect(await files()).toEqual(['master.key', 'master.key.new'])
    await startsCleanly()
    expect(keys.master()?.id).toBe(to)
  })

  it('while nobody knew whether the database had taken the key: the next start finds out', async () => {
    await expect(rotateKeyFile(dyingAfterCommit(), file, signal)).rejects.toThrow('connection lost')
    expect(keys.master()?.id).not.toBe(firstId)
    await startsCleanly()
  })

  it('after the new key was put in place: the next start has nothing to do', async () => {
    const { to } = await commitNextKey(keys, file, signal)
    await promoteNextKey(file, to)
    await startsCleanly()
  })

  it('is brought to its end by the next rotation as well', async () => {
    await expect(rotateKeyFile(dyingBeforeCommit(), file, signal)).rejects.toThrow('killed')
    await rotateKeyFile(keys, file, signal)
    await startsCleanly()
    await commitNextKey(keys, file, signal)
    await rotateKeyFile(keys, file, signal)
    await startsCleanly()
  })

  it('is finished although the old key file was lost', async () => {
    await commitNextKey(keys, file, signal)
    await rm(file)
    await startsCleanly()
  })

  it('does not make a new key right that the database never took', async () => {
    await rm(file)
    await createKeyFile(file)
    await createKeyFile(nextKeyFile(file))
    await expect(open()).rejects.toMatchObject({ code: 'master-key-wrong' })
    expect(await files()).toEqual(['master.key', 'master.key.new'])
  })

  it('leaves a damaged new key, which is cleared away while the old key is right', async () => {
    await writeFile(nextKeyFile(file), 'hearth-ma')
    await startsCleanly()
  })
})

describe('a start during a rotation', () => {
  it('does not take away a new key that the database took meanwhile', async () => {
    await createKeyFile(nextKeyFile(file))
    const overtaken: KeyRepository = {
      ...keys,
      async changeMaster(decide, given) {
        await commitNextKey(keys, file, given)
        await keys.changeMaster(decide, given)
      },
    }
    await expect(open(overtaken)).rejects.toMatchObject({ code: 'master-key-rotated' })
    expect(await files()).toEqual(['master.key', 'master.key.new'])
    await startsCleanly()
  })

  it('does not take the new key away before the database has it', async () => {
    let start: Promise<readonly PromiseSettledResult<Vault>[]> | undefined
    const startingMeanwhile: KeyRepository = {
      ...keys,
      changeMaster: (decide, given) =>
        keys.changeMaster(async (current) => {
          const change = await decide(current)
          start = Promise.allSettled([open()])
          for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
          expect(await files()).toEqual(['master.key', 'master.key.new'])
          return change
        }, given),
    }
    await rotateKeyFile(startingMeanwhile, file, signal)
    // It began with the old key and says so, or began again with the new one; the key is never lost.
    for (const result of (await start) ?? []) {
      if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]()
      else expect(result.reason).toMatchObject({ code: 'master-key-rotated' })
    }
    await startsCleanly()
  })

  it('may finish the rotation before the one who rotates does', async () => {
    const { to } = await commitNextKey(keys, file, signal)
    await startsCleanly()
    await promoteNextKey(file, to)
    await startsCleanly()
  })

  it('finds the key when it is put in place between two looks at it', async () => {
    const { to } = await commitNextKey(keys, file, signal)
    const slow: KeyRepository = {
      ...keys,
      async readState(given) {
        const state = await keys.readState(given)
        await promoteNextKey(file, to)
        return state
      },
    }
    await using vault = await open(slow)
    expect(await vault.openText(items[0]!, signal)).toBe(owners[0]?.id)
  })
})

describe('a process that runs with the old key', () => {
  it('goes on with the keys that it has, and says that it must be restarted when it needs another', async () => {
    await using old = await open()
    await old.openText(items[0]!, signal)
    await rotateKeyFile(keys, file, signal)
    expect(await old.openText(items[0]!, signal)).toBe(owners[0]?.id)
    expect(old.lookup(account)).toEqual(lookup)
    const rotated = { who: 'vault', code: 'master-key-rotated', mend: 'Restart this process.' }
    await expect(old.openText(items[1]!, signal)).rejects.toMatchObject(rotated)
    await expect(old.prepare([newOwner()], signal)).rejects.toMatchObject(rotated)
    expect(keys.rows()).toHaveLength(owners.length + 1)
  })
})

describe('rotating to a key that the operator provides', () => {
  const next = { env: 'HEARTH_TEST_NEXT_KEY' }

  it('moves from a file to a variable and leaves the file alone', async () => {
    vi.stubEnv(next.env, newMasterKeyLine())
    const rotation = await rotateTo(keys, { file }, next, signal)
    expect(rotation).toEqual({ from: firstId, to: keys.master()?.id, dataKeys: owners.length + 1 })
    expect((await readKeyFile(file))?.id).toBe(firstId)
    await expect(open()).rejects.toMatchObject({ code: 'master-key-wrong' })
    await using vault = await unlock(keys, next, { createIfMissing: false }, signal)
    expect(await vault.openTexts(items, signal)).toEqual(owners.map(({ id }) => id))
  })

  it('refuses a key that is missing, and the key that the database has already', async () => {
    await expect(rotateTo(keys, { file }, next, signal)).rejects.toMatchObject({ code: 'master-key-missing' })
    vi.stubEnv(next.env, await readFile(file, 'utf8'))
    await expect(rotateTo(keys, { file }, next, signal)).rejects.toMatchObject({ code: 'master-key-same' })
    expect(keys.master()?.id).toBe(firstId)
  })
})
