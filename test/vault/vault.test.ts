import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { accountId, participantId, roomId } from '../../src/core/ids.ts'
import type { KeyRepository } from '../../src/vault/key-repository.ts'
import type { Place } from '../../src/vault/seal.ts'
import { keyIdOf } from '../../src/vault/seal.ts'
import { unlock } from '../../src/vault/unlock.ts'
import {
  type ErasableOwner,
  installation,
  type KeyOwner,
  type SealedItem,
  type Vault,
} from '../../src/vault/vault.ts'
import { type MemoryKeys, makeMemoryKeys } from '../support/memory-keys.ts'
import { useTemporaryFolder } from './temporary-folder.ts'

const { signal } = new AbortController()
const inFolder = useTemporaryFolder()
const newParticipant = (): ErasableOwner => ({ kind: 'participant', id: participantId(randomUUID()) })
const newPlace = (): Place => ({ table: 'messages', column: 'content', row: randomUUID() })

let keys: MemoryKeys
let vaults: Vault[]

const open = async (repository: KeyRepository = keys): Promise<Vault> => {
  const vault = await unlock(repository, { file: inFolder('master.key') }, { createIfMissing: true }, signal)
  vaults.push(vault)
  return vault
}

beforeEach(() => {
  keys = makeMemoryKeys()
  vaults = []
})
afterEach(async () => {
  vi.useRealTimers()
  for (const vault of vaults) await vault[Symbol.asyncDispose]()
})

async function sealText(
  vault: Vault,
  owner: KeyOwner,
  text: string,
  place = newPlace(),
): Promise<SealedItem> {
  using sealer = await vault.prepare([owner], signal)
  return { sealed: sealer.seal(owner, place, text), place }
}

describe('a vault', () => {
  it('gives back what was sealed for many owners, in the order asked for, also in another process', async () => {
    const one = await open()
    const other = await open()
    const people = Array.from({ length: 5 }, newParticipant)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.string()), { maxLength: 30 }), async (said) => {
        using sealer = await one.prepare(people, signal)
        const items = said.map(([who, text]): SealedItem => {
          const place = newPlace()
          return { sealed: sealer.seal(people[who]!, place, text), place }
        })
        const texts = said.map(([, text]) => text)
        expect(await one.openTexts(items, signal)).toEqual(texts)
        expect(await other.openTexts(items, signal)).toEqual(texts)
      }),
      { numRuns: 30 },
    )
  })

  it('gives bytes back as bytes', async () => {
    const vault = await open()
    const place = newPlace()
    using sealer = await vault.prepare([installation], signal)
    const bytes = Uint8Array.of(0, 255, 128, 1)
    const sealed = sealer.seal(installation, place, bytes)
    const [opened] = await vault.openBytes([{ sealed, place }], signal)
    expect(new Uint8Array(opened!)).toEqual(bytes)
  })

  it('seals for each owner with a key of their own, one for each', async () => {
    const vault = await open()
    const id = randomUUID()
    const owners: KeyOwner[] = [
      { kind: 'participant', id: participantId(id) },
      { kind: 'room', id: roomId(id) },
      installation,
    ]
    const items: SealedItem[] = []
    for (const owner of [...owners, ...owners]) items.push(await sealText(vault, owner, 'x'))
    const keyIds = items.map(({ sealed, place }) => keyIdOf(sealed, place))
    expect(new Set(keyIds).size).toBe(3)
    expect(keyIds.slice(0, 3)).toEqual(keyIds.slice(3))
    // And the key of the lookups.
    expect(keys.rows()).toHaveLength(4)
  })

  it('agrees with another process when both make the key of the same owner at once', async () => {
    const one = await open()
    const other = await open()
    const owner = newParticipant()
    const [mine, theirs] = await Promise.all([sealText(one, owner, 'mine'), sealText(other, owner, 'theirs')])
    expect(await one.openTexts([mine, theirs], signal)).toEqual(['mine', 'theirs'])
    expect(await other.openTexts([mine, theirs], signal)).toEqual(['mine', 'theirs'])
  })

  it('asks the database once for all keys that it does not have, and not again', async () => {
    const writer = await open()
    const items = await Promise.all(Array.from({ length: 20 }, () => sealText(writer, newParticipant(), 'x')))
    const vault = await open()
    const before = keys.calls.findByIds ?? 0
    await vault.openTexts(items, signal)
    await vault.openTexts(items, signal)
    await vault.openText(items[3]!, signal)
    expect(keys.calls.findByIds).toBe(before + 1)
  })

  it('refuses content that was moved to another row, also of the same owner', async () => {
    const vault = await open()
    const { sealed } = await sealText(vault, newParticipant(), 'x')
    await expect(vault.openText({ sealed, place: newPlace() }, signal)).rejects.toMatchObject({
      code: 'cannot-open',
    })
  })

  it('refuses a batch in which one thing was changed', async () => {
    const vault = await open()
    const owner = newParticipant()
    const items = await Promise.all(['a', 'b', 'c'].map((text) => sealText(vault, owner, text)))
    const changed = Buffer.from(items[1]!.sealed)
    changed[changed.length - 1]! ^= 1
    const batch = [items[0]!, { ...items[1]!, sealed: changed }, items[2]!]
    await expect(vault.openTexts(batch, signal)).rejects.toMatchObject({ code: 'cannot-open' })
  })

  it('notices when the keys of two owners were exchanged in the database', async () => {
    const writer = await open()
    const [one, other] = [newParticipant(), newParticipant()]
    const item = await sealText(writer, one, 'x')
    await sealText(writer, other, 'y')
    const exchanged: KeyRepository = {
      ...keys,
      findByIds: async (ids, given) =>
        (await keys.findByIds(ids, given)).map((row) => ({ ...row, owner: other })),
    }
    const vault = await open(exchanged)
    await expect(vault.openText(item, signal)).rejects.toMatchObject({ code: 'cannot-open' })
  })

  it('finds by blind lookup what another process stored, after a restart as well', async () => {
    const subject = { kind: 'account', account: accountId('home') } as const
    const lookup = (await open()).lookup(subject)
    expect((await open()).lookup(subject)).toEqual(lookup)
    const elsewhere = await open(makeMemoryKeys())
    expect(elsewhere.lookup(subject)).not.toEqual(lookup)
  })

  it('does nothing for a caller who has given up', async () => {
    const vault = await open()
    const item = await sealText(vault, installation, 'x')
    const gone = AbortSignal.abort()
    await expect(vault.openText(item, gone)).rejects.toMatchObject({ name: 'AbortError' })
    await expect(vault.prepare([installation], gone)).rejects.toMatchObject({ name: 'AbortError' })
    await expect(vault.destroy(newParticipant(), gone)).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('goes on working with more owners than it keeps keys for', async () => {
    const vault = await open()
    const owners = Array.from({ length: 2100 }, newParticipant)
    using sealer = await vault.prepare(owners, signal)
    const items = owners.map((owner, i): SealedItem => {
      const place = newPlace()
      return { sealed: sealer.seal(owner, place, `${i}`), place }
    })
    const before = keys.calls.findByIds ?? 0
    expect(await vault.openTexts(items, signal)).toEqual(owners.map((_, i) => `${i}`))
    expect(await vault.openText(items[0]!, signal)).toBe('0')
    expect(keys.calls.findByIds).toBeGreaterThan(before)
  })
})

describe('a sealer', () => {
  it('refuses an owner for whom it was not prepared', async () => {
    const vault = await open()
    using sealer = await vault.prepare([newParticipant()], signal)
    expect(() => sealer.seal(newParticipant(), newPlace(), 'x')).toThrow(TypeError)
  })

  it('refuses everything once it is disposed of, and never seals with a key of zeros', async () => {
    const vault = await open()
    const sealer = await vault.prepare([installation], signal)
    sealer[Symbol.dispose]()
    expect(() => sealer.seal(installation, newPlace(), 'x')).toThrow(TypeError)
    const item = await sealText(vault, installation, 'still here')
    expect(await vault.openText(item, signal)).toBe('still here')
  })
})

describe('erasing an owner', () => {
  it('makes their content unreadable for ever and leaves everybody else alone', async () => {
    const vault = await open()
    const [erased, kept] = [newParticipant(), newParticipant()]
    const items = [await sealText(vault, erased, 'gone'), await sealText(vault, kept, 'here')]
    await vault.destroy(erased, signal)
    for (const reader of [vault, await open()]) {
      await expect(reader.openText(items[0]!, signal)).rejects.toMatchObject({
        who: 'vault',
        code: 'key-destroyed',
      })
      expect(await reader.openTexts(items, signal)).toEqual([undefined, 'here'])
    }
    expect(keys.rows().some((row) => row.owner.id === erased.id)).toBe(false)
  })

  it('is not undone by a reading that began before it and ends after it', async () => {
    const writer = await open()
    const owner = newParticipant()
    const item = await sealText(writer, owner, 'gone')
    const read = Promise.withResolvers<void>()
    const erased = Promise.withResolvers<void>()
    const slow: KeyRepository = {
      ...keys,
      async findByIds(ids, given) {
        const rows = await keys.findByIds(ids, given)
        read.resolve()
        await erased.promise
        return rows
      },
    }
    const vault = await open(slow)
    const reading = vault.openText(item, signal)
    await read.promise
    await vault.destroy(owner, signal)
    erased.resolve()
    await reading
    await expect(vault.openText(item, signal)).rejects.toMatchObject({ code: 'key-destroyed' })
  })

  it('reaches the other processes ten minutes later at most', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const vault = await open()
    const other = await open()
    const owner = newParticipant()
    const item = await sealText(vault, owner, 'gone')
    expect(await other.openText(item, signal)).toBe('gone')
    await vault.destroy(owner, signal)
    vi.advanceTimersByTime(10 * 60_000 + 1)
    await expect(other.openText(item, signal)).rejects.toMatchObject({ code: 'key-destroyed' })
  })
})

describe('a vault that was disposed of', () => {
  it('refuses everything', async () => {
    const vault = await open()
    const item = await sealText(vault, installation, 'x')
    await vault[Symbol.asyncDispose]()
    const closed = { who: 'vault', code: 'vault-closed' }
    await expect(vault.openText(item, signal)).rejects.toMatchObject(closed)
    await expect(vault.prepare([installation], signal)).rejects.toMatchObject(closed)
    await expect(vault.destroy(newParticipant(), signal)).rejects.toMatchObject(closed)
    expect(() => vault.lookup({ kind: 'account', account: accountId('home') })).toThrow('closed')
  })

  it('refuses what was waiting for the database meanwhile', async () => {
    const writer = await open()
    const item = await sealText(writer, newParticipant(), 'x')
    const vault = await open()
    const opening = expect(vault.openText(item, signal)).rejects.toMatchObject({ code: 'vault-closed' })
    const preparing = expect(vault.prepare([newParticipant()], signal)).rejects.toMatchObject({
      code: 'vault-closed',
    })
    await vault[Symbol.asyncDispose]()
    await Promise.all([opening, preparing])
  })
})
